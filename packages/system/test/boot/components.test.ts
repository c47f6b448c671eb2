/**
 * The boot of a whole node, listeners included, on a machine that stands until the test says so.
 */
import { type Network, SeededRandom, type World, inPlaceCompute, memoryDisk, peerId, silent } from "@void-system/effects";
import { type Clauses, type Eff } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import { Assembly } from "../../src/boot/assembly.ts";
import { type NodeNeeds, coreComponents, faceComponents } from "../../src/boot/components.ts";
import type { SystemConfig } from "../../src/config.ts";
import { Host, type HostOperations } from "../../src/boot/host.ts";
import { Lifecycle } from "../../src/boot/lifecycle.ts";
import { RespServer } from "../../src/resp/server.ts";
import { hostIn } from "../support/host.ts";
import { Steps, Watched, cancelEverywhere } from "../support/steps.ts";

const loopback = { host: "127.0.0.1", port: 0 };
const alone: SystemConfig = { nodeId: "solo", replicaIds: ["solo"], enablePbft: false, dataDirectory: "scripted", resp: loopback, http: loopback };
const cluster: SystemConfig = { ...alone, nodeId: "a", replicaIds: ["a", "b", "c", "d"], enablePbft: true };

/** Nobody is linked, ever. */
function lonely(self: string): Network {
  return { self: peerId(self), send: () => "down", onFrame: () => () => undefined, onLink: () => () => undefined, dial: () => undefined, hangUp: () => undefined };
}

function worldOf(steps: Steps, self: string): World {
  const random = new SeededRandom(1);
  return { clock: steps, random, network: lonely(self), disk: memoryDisk(steps), compute: inPlaceCompute(steps), logger: silent };
}

/** A machine on which everything takes a step, and which writes down what is opened and closed. */
function scripted(steps: Steps, world: World, trace: string[], fails?: string, freeBytes = 1e9): Clauses<HostOperations, never> {
  const opening = <A>(name: string, value: A): Eff<never, A> =>
    steps.happen(() => {
      if (fails === name) throw new Error(`${name} does not open`);
      trace.push(`open ${name}`);
      return value;
    });
  const close = (name: string) => (): Eff<never, void> => steps.wait(() => void trace.push(`close ${name}`));
  return {
    identity: hostIn(world).identity,
    links: () => opening("links", { network: world.network, stats: () => undefined, close: close("links") }),
    world: () => opening("world", { world, close: close("world"), space: () => ({ freeBytes, totalBytes: 1e9 }) }),
    listen: (listener, address) => {
      const name = listener instanceof RespServer ? "resp" : "http";
      return opening(name, { address, close: close(name) });
    },
  };
}

class Boot {
  readonly trace: string[] = [];
  readonly parts: Assembly;
  readonly lifecycle: Lifecycle<NodeNeeds>;
  readonly program: () => Eff<never, void>;

  constructor(steps: Steps, config: SystemConfig, fails?: string, freeBytes?: number) {
    this.parts = new Assembly(config);
    const hooks = {
      fatal: (cause: Error) => {
        throw cause;
      },
      status: () => {
        throw new Error("nobody asks");
      },
      health: () => ({ ok: true, problems: [], components: this.lifecycle.health() }),
    };
    const world = worldOf(steps, config.nodeId);
    this.lifecycle = new Lifecycle([...coreComponents(this.parts, hooks), ...faceComponents(this.parts, hooks)]);
    const { lifecycle } = this;
    this.program = () =>
      Clock.handle(steps, () =>
        Host.handle(scripted(steps, world, this.trace, fails, freeBytes), function* () {
          yield* lifecycle.start();
          yield* steps.wait(() => undefined);
        }),
      );
  }

  get closed(): readonly string[] {
    return this.trace.filter((line) => line.startsWith("close")).map((line) => line.slice(6));
  }

  get opened(): readonly string[] {
    return this.trace.filter((line) => line.startsWith("open")).map((line) => line.slice(5));
  }
}

const ORDER = ["links", "world", "resp", "http"];

describe.each([
  ["alone", alone],
  ["one of four", cluster],
])("the boot of a node, %s", (_, config) => {
  test("opens in order, and closes in reverse when its fiber ends", () => {
    const steps = new Steps();
    const boot = new Boot(steps, config);
    expect(new Watched(steps, boot.program).end()).toEqual({ type: "done", value: undefined });
    expect(boot.opened).toEqual(ORDER);
    expect(boot.closed).toEqual(ORDER.toReversed());
    expect(boot.parts.close()).toBeUndefined();
  });

  test.each(ORDER)("closes what is open when %s does not open", (name) => {
    const steps = new Steps();
    const boot = new Boot(steps, config, name);
    expect(new Watched(steps, boot.program).end()).toMatchObject({ type: "failed", error: { code: "ERR_BOOT", cause: { message: `${name} does not open` } } });
    expect(boot.opened).toEqual(ORDER.slice(0, ORDER.indexOf(name)));
    expect(boot.closed).toEqual(boot.opened.toReversed());
    expect(boot.parts.close()).toBeUndefined();
  });

  test("fails on a full disk before it is ready", () => {
    const steps = new Steps();
    const boot = new Boot(steps, config, undefined, 1_000_000);
    expect(new Watched(steps, boot.program).end()).toMatchObject({ type: "failed", error: { code: "ERR_BOOT", cause: { code: "ERR_DISK_FULL" } } });
    expect(boot.closed).toEqual(boot.opened.toReversed());
  });

  test("cancelled wherever it waits, it closes what is open, once, in reverse", () => {
    let boot: Boot;
    const waits = cancelEverywhere(
      (steps) => (boot = new Boot(steps, config)).program,
      (outcome, at) => {
        expect(outcome.type, `at ${at}`).not.toBe("failed");
        expect(boot.closed, `at ${at}`).toEqual(boot.opened.toReversed());
        expect(boot.parts.close(), `at ${at}`).toBeUndefined();
      },
    );
    expect(waits).toBeGreaterThan(12);
  });
});

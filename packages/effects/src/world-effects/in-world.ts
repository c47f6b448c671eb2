import type { Cancel, World } from "../world.ts";
import { Clock } from "./clock.ts";
import type { Closed, Eff, Need } from "../fibers/eff.ts";
import { Net } from "./network.ts";
import { launch } from "../fibers/run.ts";
import { Compute, Disk, Log, Random } from "./facets.ts";

/** What a World answers. */
export type WorldNeeds = Need<
  "void.clock" | "void.random" | "void.network" | "void.disk" | "void.compute" | "void.log"
>;

/**
 * Runs a program in a World: its facets are the handlers.
 *
 * @example
 * ```ts
 * import { memoryHub, peerId, platformWorld } from "@void-system/effects";
 * import { run } from "@void-system/effects/fibers";
 * import { Clock, inWorld, Net } from "@void-system/effects/world";
 *
 * const world = platformWorld({ network: memoryHub().join(peerId("a")) });
 * const program = function* () {
 *   yield* Clock.sleep(1);
 *   return yield* Net.self();
 * };
 * await run(() => inWorld(world, program)); // => "a"
 * ```
 */
export function inWorld<R, A>(world: World, body: () => Eff<R, A>): Eff<Exclude<R, WorldNeeds>, A> {
  const clocked = () => Clock.handle(world.clock, body);
  const seeded = () => Random.handle(world.random, clocked);
  const linked = () => Net.handle(world.network, seeded);
  const stored = () => Disk.handle(world.disk, linked);
  const computed = () => Compute.handle(world.compute, stored);
  const told: Eff<unknown, A> = Log.handle(world.logger, computed);
  return told as Eff<Exclude<R, WorldNeeds>, A>;
}

/** What a program lets others see of it. */
export interface Offered<Api> {
  /** What others of its process may call: clients of a simulation do. */
  readonly api?: Api;
  /** What it knows, for people: `inspect` of a simulation shows it. */
  readonly state?: () => unknown;
}

/** Offers something from here on; what was offered before stays. */
export type Offer<Api> = (offered: Offered<Api>) => void;

/** A program that runs in a World, and what it has offered so far. */
export interface Booted<Api = never> extends Offered<Api> {
  /** Cancels it; `done` is told when its finalisers are done. */
  stop(done: () => void): void;
}

/**
 * The boot function of a node whose program is a fiber: for `Simulation.node`, or for a real World. A program that
 * throws, throws out of whatever it waited for: in a real process that ends it, in a simulation it is a finding. When a
 * simulated node crashes, nothing of it runs any more, no finaliser either; its restart is a new fiber over the same
 * disk.
 *
 * What others of its process are to call, the program offers once it is ready:
 * `boots(function* (offer: Offer<Api>) { … })`.
 *
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { boots, Clock, Net } from "@void-system/effects/world";
 * import { Simulation } from "@void-system/simulation";
 *
 * const heard: string[] = [];
 * const simulation = new Simulation({ seed: 1 });
 * simulation.node("a", boots(function* () {
 *   yield* Net.linked(peerId("b"));
 *   yield* Clock.sleep(60_000);
 *   yield* Net.send(peerId("b"), Uint8Array.of(7));
 * }));
 * simulation.node("b", boots(function* () {
 *   const { from, frame } = yield* Net.receive();
 *   heard.push(`${from}: ${frame[0]}`);
 * }));
 * simulation.start("a");
 * simulation.start("b");
 * simulation.run();
 * heard; // => ["a: 7"]
 * ```
 */
export function boots<R, Api = never>(
  body: (offer: Offer<Api>) => Eff<R, unknown> & Closed<Exclude<R, WorldNeeds>>,
): (world: World) => Booted<Api> {
  return (world) => {
    const stopped: (() => void)[] = [];
    let ended = false;
    let cancel: Cancel = () => undefined;
    const booted: Booted<Api> = {
      stop: (done) => {
        if (ended) done();
        else stopped.push(done);
        cancel();
      },
    };
    ({ cancel } = launch(
      // Its row is empty: `Closed` was asked of what the world does not answer.
      () => inWorld(world, () => body((offered) => void Object.assign(booted, offered))) as Eff<never, unknown>,
      (outcome) => {
        ended = true;
        for (const done of stopped) done();
        if (outcome.type === "failed") throw outcome.error;
      },
    ));
    return booted;
  };
}

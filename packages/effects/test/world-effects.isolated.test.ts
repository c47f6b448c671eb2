import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { all, effect, launch, onExit, run, runSync, suspend } from "../src/fibers/index.ts";
import { boots, Clock, Compute, Disk, EffectTimeoutError, fromAsync, fromPromise, inWorld, Log, Net, Random, Secrets, state, timeout } from "../src/world-effects/index.ts";
import {
  addressOfBlob,
  askCurrentTime,
  askRandom,
  askSecret,
  DiskHandler,
  getState,
  host,
  inPlaceCompute,
  log,
  LogHandler,
  memoryHub,
  NotAProgramError,
  NetworkHandler,
  openLog,
  peerId,
  platformWorld,
  putState,
  RandomHandler,
  Secret,
  SecretMissingError,
  SecretsHandler,
  send,
  StateHandler,
  TimeHandler,
  UnhandledEffectError,
  withHandlers,
  type World,
  worldHandlers,
} from "../src/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const [a, b] = [peerId("a"), peerId("b")];
const Count = state<number>()("test/count");

describe("one concept: facets, handlers and effects", () => {
  test("a fiber, code in direct style and a driver reach the same objects", () => {
    const time = new TimeHandler("mock");
    time.setMockTime(1_000);
    const lines = new LogHandler("collect");
    const hub = memoryHub();
    const network = new NetworkHandler(hub.join(a));
    const random = new RandomHandler(3);
    const disk = new DiskHandler("mock", time);
    const world: World = { clock: time, logger: lines, network, random, disk, compute: inPlaceCompute(time) };
    const seen: unknown[] = [];
    host({
      world,
      name: "x",
      core: {
        restore: () => undefined,
        recover: () => undefined,
        start: (_fresh, now) => [{ type: "report", event: "driver", fields: { at: now.wallMs } }],
        step: () => [],
      },
      wire: { seal: () => new Uint8Array(0), open: () => undefined },
      deliver: () => undefined,
      fatal: (cause) => {
        throw cause;
      },
    });
    launch(
      () =>
        inWorld(world, function* () {
          yield* Clock.sleep(50);
          seen.push(yield* Clock.now(), askCurrentTime(), yield* Clock.monotonic());
          yield* Log.info("fiber", { by: yield* Net.self() });
          log("direct");
          seen.push(yield* Net.send(b, new Uint8Array(1)), send(b, new Uint8Array(1)));
          seen.push([yield* Random.next(), askRandom()].every((number) => number < 1));
          const { fresh } = yield* Disk.open("votes");
          seen.push(fresh);
          const job = { name: "doubled", module: import.meta.url, run: (input: Uint8Array) => input.map((byte) => byte * 2) };
          seen.push([...(yield* Compute.run(job, Uint8Array.of(4)))]);
        }),
      (outcome) => void seen.push(outcome.type),
    );
    time.advance(50);
    time.advance(0);
    time.advance(0);
    expect(seen).toEqual([1_050, 1_050, 50, "down", "down", true, true, [8], "done"]);
    expect(lines.collected.map(({ event }) => event)).toEqual(["driver", "fiber", "direct"]);
    expect(lines.collected[1]?.fields).toEqual({ by: "a" });
  });

  test("a fiber passes its own facets to a driver", () => {
    const world = platformWorld({ network: memoryHub().join(a) });
    const facets = runSync(() =>
      inWorld(world, function* () {
        return {
          clock: yield* Clock.facet(),
          random: yield* Random.facet(),
          network: yield* Net.facet(),
          disk: yield* Disk.facet(),
          compute: yield* Compute.facet(),
          logger: yield* Log.facet(),
        };
      }),
    );
    for (const name of Object.keys(facets) as (keyof World)[]) expect(facets[name], name).toBe(world[name]);
  });

  test("state: by its effect, and the innermost in direct style", () => {
    const [outer, inner] = [new StateHandler(1), new StateHandler(10)];
    const Other = state<number>()("test/other");
    const result = runSync(() =>
      Count.handle(outer, () =>
        Other.handle(inner, function* () {
          yield* Count.update((count) => count + 1);
          putState(getState<number>() + 1);
          yield* Other.put((yield* Other.get()) + 100);
          return [yield* Count.get(), yield* Other.get()];
        }),
      ),
    );
    expect(result).toEqual([2, 111]);
  });

  test("handlers around run are there in the fiber, also where it is resumed from outside of them", () => {
    const time = new TimeHandler("mock");
    const other = new TimeHandler("mock");
    other.setMockTime(5_000);
    const seen: number[] = [];
    let go: () => void = () => undefined;
    withHandlers([time], () =>
      launch(
        function* () {
          seen.push(askCurrentTime());
          yield* suspend<void>((resume) => void (go = resume));
          seen.push(askCurrentTime());
          seen.push(withHandlers([other], () => askCurrentTime()));
          seen.push(askCurrentTime());
        },
        () => undefined,
      ),
    );
    time.advance(7);
    withHandlers([other], () => go());
    expect(seen).toEqual([0, 7, 5_000, 7]);
    expect(() => askCurrentTime()).toThrow(UnhandledEffectError);
  });

  test("handlers inside of a fiber are there still when another fiber has run inside of them", () => {
    const [outer, inner] = [new TimeHandler("mock"), new TimeHandler("mock")];
    outer.setMockTime(1);
    inner.setMockTime(2);
    const seen = runSync(() =>
      Clock.handle(outer, function* () {
        const inside = withHandlers([inner], () => {
          runSync(() => []);
          return askCurrentTime();
        });
        return [inside, askCurrentTime()];
      }),
    );
    expect(seen).toEqual([2, 1]);
  });

  test("a wait is cancelled under the handlers under which it began, from any place", () => {
    const [outer, inner, other] = [new TimeHandler("mock"), new TimeHandler("mock"), new TimeHandler("mock")];
    outer.setMockTime(1);
    inner.setMockTime(2);
    const seen: number[] = [];
    const wait = () => suspend<never>(() => () => void seen.push(askCurrentTime()));
    const program = () => Clock.handle(outer, () => all([wait, () => Clock.handle(inner, wait)]));
    const { cancel } = launch(program, () => undefined);
    withHandlers([other], () => {
      cancel();
      seen.push(askCurrentTime());
    });
    expect(seen).toEqual([2, 1, 0]);
  });

  test("fibers side by side keep their own handlers, in browsers as well", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    vi.resetModules();
    const [browser, fibers] = [await import("../src/index.ts"), await import("../src/fibers/index.ts")];
    const seen: string[] = [];
    const turns: (() => void)[] = [];
    for (const ms of [1, 2]) {
      const time = new browser.TimeHandler("mock");
      time.setMockTime(ms);
      browser.withHandlers([time], () =>
        fibers.launch(
          function* () {
            for (let at = 0; at < 2; at += 1) {
              yield* fibers.suspend<void>((resume) => void turns.push(resume));
              seen.push(`${ms}: ${browser.askCurrentTime()}`);
            }
          },
          () => undefined,
        ),
      );
    }
    for (let turn = turns.shift(); turn; turn = turns.shift()) turn();
    expect(seen).toEqual(["1: 1", "2: 2", "1: 1", "2: 2"]);
  });

  test("a clause in direct style reaches the handlers around its own", () => {
    const [outer, inner] = [new TimeHandler("mock"), new TimeHandler("mock")];
    outer.setMockTime(1);
    inner.setMockTime(2);
    const cell = { get: () => askCurrentTime(), put: () => undefined };
    const program = () => Clock.handle(outer, () => Count.handle(cell, () => Clock.handle(inner, () => Count.get())));
    expect(runSync(program)).toBe(1);
  });

  test("the same holds while it begins to wait, but not once it has thrown", () => {
    const [outer, inner] = [new TimeHandler("mock"), new TimeHandler("mock")];
    outer.setMockTime(1);
    inner.setMockTime(2);
    const cell = {
      get: () => suspend<number>((resume) => resume(askCurrentTime())),
      put: () => {
        throw new Error(`at ${askCurrentTime()}`);
      },
    };
    const Slow = effect<{ get(): number; put(): void }>()("test/slow");
    const seen: unknown[] = [];
    const body = function* () {
      seen.push(yield* Slow.get(), askCurrentTime());
      try {
        yield* Slow.put();
      } catch (error) {
        seen.push(String(error), askCurrentTime());
      }
    };
    runSync(() => Clock.handle(outer, () => Slow.handle(cell, () => Clock.handle(inner, body))));
    expect(seen).toEqual([1, 2, "Error: at 1", 2]);
  });

  test("promises are waited for, with the fiber's handlers behind their awaits; a cancellation aborts", async () => {
    const time = new TimeHandler("mock");
    time.setMockTime(9);
    const ask = async (): Promise<number> => {
      await Promise.resolve();
      return askCurrentTime();
    };
    expect(await run(() => Clock.handle(time, () => fromPromise(ask)))).toBe(9);
    await expect(run(() => fromPromise(() => Promise.reject(new Error("no"))))).rejects.toThrow("no");
    let signal: AbortSignal | undefined;
    const { cancel } = launch(
      () => fromPromise((given) => { signal = given; return new Promise(() => undefined); }),
      () => undefined,
    );
    cancel();
    expect(signal?.aborted).toBe(true);
  });
});

describe("time limits", () => {
  test("a program that is late is cancelled, finalised, and then reported. A program in time cancels its timer", () => {
    const time = new TimeHandler("mock");
    const seen: unknown[] = [];
    const slow = function* () {
      yield* onExit(() => void seen.push("closed"));
      yield* Clock.sleep(100);
    };
    launch(
      () =>
        Clock.handle(time, function* () {
          seen.push(yield* timeout(10, function* () { yield* Clock.sleep(5); return "in time"; }));
          try {
            yield* timeout(10, slow);
          } catch (error) {
            seen.push(error instanceof EffectTimeoutError, time.monotonicMs());
          }
        }),
      (outcome) => void seen.push(outcome.type),
    );
    time.advance(5);
    time.advance(1_000);
    expect(seen).toEqual(["in time", "closed", true, 15, "done"]);
  });
});

describe("disk and secrets", () => {
  test("logs in direct style, from a handler or a World's disk", async () => {
    const world = platformWorld({ network: memoryHub().join(a) });
    const opened = await withHandlers(worldHandlers(world), () => openLog("votes"));
    expect(opened.fresh).toBe(true);
    expect((await withHandlers([new DiskHandler(world.disk)], () => openLog("votes"))).fresh).toBe(false);
    await expect(withHandlers([new DiskHandler("mock")], () => openLog("no/name"))).rejects.toThrow(/for a log or blob store/);
    expect(() => openLog("votes")).toThrow(UnhandledEffectError);
  });

  test("blobs by the effect, by an async function, and through a handler", async () => {
    const world = platformWorld({ network: memoryHub().join(a) });
    const bytes = Uint8Array.of(1, 2, 3);
    const kept = await run(() =>
      inWorld(world, function* () {
        const { blobs } = yield* Disk.openBlobs("parts");
        const address = yield* Disk.put(blobs, bytes);
        return [address, yield* Disk.get(blobs, address)] as const;
      }),
    );
    expect(kept).toEqual([addressOfBlob(bytes), bytes]);
    const found = await run(() =>
      inWorld({ ...world, disk: new DiskHandler(world.disk) }, () =>
        fromAsync(async ({ disk }) => {
          const { blobs, addresses } = await disk.openBlobs("parts");
          const read = await disk.get(blobs, await disk.put(blobs, bytes));
          await disk.drop(blobs, addresses);
          return [addresses, read, (await disk.openBlobs("parts")).addresses];
        }),
      ),
    );
    expect(found).toEqual([[addressOfBlob(bytes)], bytes, []]);
  });

  test("a secret is nowhere but where it is revealed", () => {
    const value = "correct horse";
    for (const source of [{ KEY: value }, new Map([["KEY", value]]), (name: string) => (name === "KEY" ? value : undefined)]) {
      const secret = withHandlers([new SecretsHandler(source)], () => askSecret("KEY"));
      expect(secret.reveal()).toBe(value);
      const handler = new SecretsHandler(source);
      const shown = [String(secret), `${secret}`, JSON.stringify({ secret, handler }), inspect({ secret, handler }, { depth: 9, showHidden: true })];
      expect(shown.join("\n")).not.toContain(value);
      expect(Object.keys(secret)).toEqual(["name"]);
      expect(() => handler.get("OTHER")).toThrow(SecretMissingError);
    }
    const lines = new LogHandler("collect");
    withHandlers([lines, new SecretsHandler({ KEY: value })], () => log("login", { key: askSecret("KEY") }));
    expect(JSON.stringify(lines.collected)).toContain("[secret KEY]");
    expect(runSync(() => Secrets.handle(new SecretsHandler({ KEY: value }), () => Secrets.get("KEY")))).toBeInstanceOf(Secret);
  });

  test("a missing or empty secret is reported by name, without the reader's own message", () => {
    const reader = new SecretsHandler(() => {
      throw Object.assign(new Error(`Unexpected token in "correct horse"`), { code: "EBADMSG" });
    });
    let thrown: unknown;
    try {
      reader.get("KEY");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SecretMissingError);
    expect(inspect(thrown, { depth: 9 })).not.toContain("horse");
    expect(String(thrown)).toContain("EBADMSG");
    expect(() => new SecretsHandler({ KEY: "" }).get("KEY")).toThrow(/"KEY"/);
    expect(() => new SecretsHandler({}).get("constructor")).toThrow(SecretMissingError);
  });
});

describe("an inbox", () => {
  test("keeps what arrives between receives, in order, and lets the network go at the end", async () => {
    const hub = memoryHub();
    const [left, right] = [hub.join(a), hub.join(b)];
    const bytes = await run(() =>
      all([
        () => Net.handle(left, function* () {
          yield* Net.linked(b);
          for (let byte = 0; byte < 3; byte += 1) yield* Net.send(b, Uint8Array.of(byte));
        }),
        () => Net.handle(right, function* () {
          const first = yield* Net.receive();
          yield* fromPromise(() => new Promise((resolve) => setImmediate(resolve)));
          return [first, yield* Net.receive(), yield* Net.receive()].map(({ frame }) => frame[0]);
        }),
      ]),
    );
    expect(bytes[1]).toEqual([0, 1, 2]);
    right.onFrame(() => undefined)();
  });
});

test("a boot whose function makes no program names the remedy", () => {
  const world = platformWorld({ network: memoryHub().join(a) });
  for (const wrong of [async () => undefined, () => undefined, () => 5]) {
    expect(() => boots(wrong as never)(world)).toThrow(NotAProgramError);
    expect(() => boots(wrong as never)(world)).toThrow("write function* and yield*, or () => fromAsync(async …)");
  }
});

import { expect, test } from "vitest";
import { race, run, suspend } from "../src/fibers/index.ts";
import { memoryHub, peerId, platformWorld } from "../src/index.ts";
import { type AsyncWorld, Clock, EffectTimeoutError, fromAsync, inWorld, Net, ProgramReturnedError, timeout } from "../src/world-effects/index.ts";

/** Runs an async function in the real world, with a network in memory. */
const inReal = <T>(body: (world: AsyncWorld) => PromiseLike<T>): Promise<T> => {
  const world = platformWorld({ network: memoryHub().join(peerId("a")) });
  return run(() => inWorld(world, () => fromAsync(body)));
};

test("an async function waits for its World, and for anything else of the real world", async () => {
  const answer = await inReal(async ({ clock, net, perform }) => {
    const frame = net.receive();
    expect(net.send(net.self, Uint8Array.of(7))).toBe("sent");
    await new Promise((resolve) => setImmediate(resolve));
    await clock.sleep(1);
    const late = await perform(() => timeout(1, () => Net.receive())).catch((error: unknown) => error);
    expect(late).toBeInstanceOf(EffectTimeoutError);
    return (await frame).frame[0];
  });
  expect(answer).toBe(7);
});

test("its error is thrown into the program around it, also if it throws at once", async () => {
  await expect(inReal(async ({ clock }) => clock.sleep(1).then(() => Promise.reject(new RangeError("late"))))).rejects.toThrow(new RangeError("late"));
  const atOnce = (): Promise<void> => {
    throw new RangeError("at once");
  };
  await expect(inReal(atOnce)).rejects.toThrow(new RangeError("at once"));
});

test("once it is cancelled or has returned, none of its calls returns", async () => {
  const seen: string[] = [];
  const world = platformWorld({ network: memoryHub().join(peerId("a")) });
  const loser = () =>
    fromAsync(async ({ clock, perform }) => {
      await clock.sleep(5);
      seen.push("woke up");
      await perform(() => suspend<void>((resume) => resume()));
    });
  const winner = () =>
    fromAsync(async ({ clock }) => {
      void clock.sleep(5).then(() => seen.push("left over"));
      return "first";
    });
  const first = await run(() =>
    inWorld(world, function* () {
      const value = yield* race([loser, winner]);
      yield* Clock.sleep(20);
      return value;
    }),
  );
  expect([first, seen]).toEqual(["first", []]);
});

test("it must not return a program, which nothing would perform", async () => {
  function* nap(): Generator<never, void> {
    yield* suspend<void>((resume) => resume());
  }
  await expect(inReal(async () => nap())).rejects.toThrow(ProgramReturnedError);
  await expect(inReal(async () => Clock.sleep(1))).rejects.toThrow("got a program, which nothing performs");
  await expect(inReal(async () => new Map([[1, 2]]))).resolves.toEqual(new Map([[1, 2]]));
});

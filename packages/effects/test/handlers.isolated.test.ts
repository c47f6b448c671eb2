import { afterEach, describe, expect, test, vi } from "vitest";
import {
  askCurrentTime,
  askRandom,
  AsyncBodyError,
  type Clock,
  getState,
  host,
  log,
  LogHandler,
  memoryHub,
  NetworkHandler,
  NotMockError,
  peerId,
  platformWorld,
  putState,
  RandomHandler,
  send,
  StateHandler,
  TimeHandler,
  UnhandledEffectError,
  withHandlers,
  worldHandlers,
} from "../src/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const mockAt = (ms: number): TimeHandler => {
  const time = new TimeHandler("mock");
  time.setMockTime(ms);
  return time;
};

const askAgainAndAgain = async (): Promise<number[]> => {
  const seen = [askCurrentTime()];
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(askCurrentTime());
  }
  return seen;
};

describe("withHandlers", () => {
  test("the examples of the docs", () => {
    const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const now = withHandlers([new TimeHandler("real"), new LogHandler("print")], () => {
      log("hello", { to: "you" });
      return askCurrentTime();
    });
    expect(now).toBeGreaterThan(1.7e12);
    expect(printed).toHaveBeenCalledExactlyOnceWith('info hello {"to":"you"}');
    const time = new TimeHandler("mock");
    time.setMockTime(1000);
    expect(withHandlers([time], () => askCurrentTime())).toBe(1000);
  });

  test("an inner handler shadows an outer one, effect by effect, and only inside", () => {
    const seen: number[] = [];
    withHandlers([mockAt(1), new RandomHandler(7)], () => {
      seen.push(askCurrentTime());
      const random = withHandlers([mockAt(2)], () => {
        seen.push(askCurrentTime());
        return askRandom();
      });
      expect(random).toBeLessThan(1);
      seen.push(askCurrentTime());
    });
    expect(seen).toEqual([1, 2, 1]);
    expect(() => askCurrentTime()).toThrow(UnhandledEffectError);
  });

  test("a body that throws leaves its handlers behind", () => {
    expect(() =>
      withHandlers([mockAt(1)], () => {
        throw new Error("boom");
      })
    ).toThrow("boom");
    expect(() => askCurrentTime()).toThrow(UnhandledEffectError);
  });

  test("asynchronous bodies side by side keep their own handlers behind each await", async () => {
    const runs = await Promise.all([1, 2, 3].map((ms) => withHandlers([mockAt(ms)], askAgainAndAgain)));
    expect(runs).toEqual([1, 2, 3].map((ms) => [ms, ms, ms, ms]));
  });

  test("an unhandled effect is reported by name, with the remedy", () => {
    const cases: [() => unknown, string, string][] = [
      [askCurrentTime, "clock", 'new TimeHandler("real")'],
      [askRandom, "random", 'new RandomHandler("real")'],
      [() => log("x"), "logger", 'new LogHandler("print")'],
      [getState, "state", "new StateHandler(initial)"],
      [() => putState(1), "state", "new StateHandler(initial)"],
      [() => send(peerId("a"), new Uint8Array(0)), "network", "new NetworkHandler(network)"],
    ];
    for (const [ask, effect, remedy] of cases) {
      let thrown: unknown;
      try {
        withHandlers([], ask);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(UnhandledEffectError);
      expect((thrown as UnhandledEffectError).effect).toBe(effect);
      expect((thrown as UnhandledEffectError).code).toBe("ERR_UNHANDLED_EFFECT");
      expect(String(thrown)).toContain(remedy);
    }
  });

  test("without AsyncLocalStorage: synchronous bodies work, an asynchronous one is refused", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    vi.resetModules();
    const browser = await import("../src/index.ts");
    const time = new browser.TimeHandler("mock");
    time.setMockTime(5);
    expect(browser.withHandlers([time], () => browser.askCurrentTime())).toBe(5);
    let thrown: unknown;
    try {
      browser.withHandlers([time], async () => 1);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(browser.AsyncBodyError);
    expect((thrown as AsyncBodyError).code).toBe("ERR_ASYNC_BODY");
    expect(() => browser.askCurrentTime()).toThrow(browser.UnhandledEffectError);
  });
});

describe("handlers", () => {
  test("mock time passes on request, and fires due timers in order", () => {
    const time = new TimeHandler("mock");
    const woken: string[] = [];
    const note = (name: string) => (): void => void woken.push(`${name}@${time.monotonicMs()}`);
    time.schedule(30, note("late"));
    time.schedule(10, () => {
      note("first")();
      time.schedule(5, note("nested"));
    });
    time.schedule(10, note("second"));
    time.schedule(10, note("cancelled"))();
    time.setMockTime(1_000);
    expect(woken).toEqual([]);
    time.advance(20);
    expect(woken).toEqual(["first@10", "second@10", "nested@15"]);
    expect([time.wallMs(), time.monotonicMs()]).toEqual([1_020, 20]);
    time.setMockTime(0);
    time.advance(10);
    expect(woken.at(-1)).toBe("late@30");
    expect(time.wallMs()).toBe(10);
    expect(() => time.advance(-1)).toThrow(RangeError);
    expect(() => new TimeHandler("real").setMockTime(1)).toThrow(NotMockError);
    expect(() => new TimeHandler("real").advance(1)).toThrow(NotMockError);
  });

  test("logs are collected, randomness repeats by its seed, state is kept", () => {
    const lines = new LogHandler("collect");
    const state = new StateHandler<readonly string[]>([]);
    const play = (): number[] =>
      withHandlers([new RandomHandler(3), lines, state], () => {
        log("rolled", { by: "me" }, "debug");
        putState([...getState<readonly string[]>(), "played"]);
        return [askRandom(), askRandom()];
      });
    expect(play()).toEqual(play());
    expect(lines.collected).toHaveLength(2);
    expect(lines.collected[0]).toEqual({ level: "debug", event: "rolled", fields: { by: "me" } });
    expect(state.get()).toEqual(["played", "played"]);
    expect(new RandomHandler("real").bytes(8)).toHaveLength(8);
  });

  test("are the World's facets: effects and a driver reach the same object", async () => {
    const hub = memoryHub();
    const time = mockAt(77);
    const lines = new LogHandler("collect");
    const network = new NetworkHandler(hub.join(peerId("a")));
    const clock: Clock = { ...platformWorld({ network }).clock, wallMs: () => time.wallMs() };
    const world = { ...platformWorld({ network, logger: lines }), clock };
    const seen = await new Promise<number>((resolve, reject) => {
      host({
        world,
        name: "x",
        core: {
          restore: () => undefined,
          recover: () => undefined,
          start: (_fresh, now) => [
            { type: "report", event: "started" },
            { type: "deliver", value: now.wallMs },
          ],
          step: () => [],
        },
        wire: { seal: () => new Uint8Array(0), open: () => undefined },
        deliver: resolve,
        fatal: reject,
      });
    });
    expect(seen).toBe(77);
    withHandlers(worldHandlers(world), () => {
      expect(askCurrentTime()).toBe(77);
      log("mine");
      expect(send(peerId("nobody"), new Uint8Array(1))).toBe("down");
      expect(askRandom()).toBeLessThan(1);
    });
    expect(lines.collected.map(({ event }) => event)).toEqual(["started", "mine"]);
  });
});

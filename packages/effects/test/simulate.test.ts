import { describe, expect, test } from "vitest";
import { peerId } from "../src/index.ts";
import { type Fault, replay, type Scenario, simulate } from "../src/simulation/index.ts";

interface Register {
  write(value: number, done: () => void): void;
  read(done: (value: number) => void): void;
}

const server = peerId("server");

/** A register on one server, over the network; `durable`: it answers once it has synced. */
function register(durable: boolean): Scenario<Register> {
  return () => ({
    nodes: {
      server: ({ disk, network }) => {
        disk.open("register", (opened) => {
          if (opened instanceof Error) throw opened;
          let value = [...opened.records].at(-1)?.[0] ?? 0;
          network.onFrame((from, [call = 0, write = 0]) => {
            const answer = (): void => void network.send(from, Uint8Array.of(call, value));
            if (write === 0) return answer();
            value = write;
            opened.log.append(Uint8Array.of(write));
            if (durable) opened.log.sync(answer);
            else answer();
          });
        });
      },
      gateway: ({ network }) => {
        const waiting = new Map<number, (value: number) => void>();
        let calls = 0;
        network.onFrame((_from, [call = 0, value = 0]) => waiting.get(call)?.(value));
        const ask = (write: number, done: (value: number) => void): void => {
          waiting.set(++calls, done);
          network.send(server, Uint8Array.of(calls, write));
        };
        return { api: { write: (value, done) => ask(value, () => done()), read: (done) => ask(0, done) } };
      },
    },
    faults: { kinds: ["crash"], nodes: ["server"], untilMs: 2_000, everyMs: 300, lastMs: [5, 50] },
    workload: {
      clients: 1,
      operations: 30,
      timeoutMs: 100,
      draw: (random, _client, index) => (random.chance(0.5) ? { op: "write", input: index + 1 } : { op: "read" }),
      perform: ({ op, input }, done, cluster) => {
        cluster.call("gateway", (api) => (op === "write" ? api.write(Number(input), done) : api.read(done)));
      },
    },
    check: {
      end: {
        "what was acknowledged is read": ({ history }) => {
          let acknowledged = 0;
          let uncertain = new Set<unknown>();
          for (const { op, input, output, returnedAt } of history.operations) {
            if (op === "write" && returnedAt) {
              acknowledged = Number(input);
              uncertain = new Set();
            } else if (op === "write") uncertain.add(input);
            else if (returnedAt && output !== acknowledged && !uncertain.has(output))
              throw new Error(`read ${String(output)}, acknowledged was ${acknowledged}`);
          }
        },
      },
    },
  });
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const failing = (scenario: Scenario<Register>): number[] =>
  seeds.filter((seed) => !simulate({ ...scenario(), seed }).ok);

describe("simulate", () => {
  test("finds what is forgotten in a crash, and nothing else", () => {
    expect(failing(register(true))).toEqual([]);
    expect(failing(register(false)).length).toBeGreaterThan(3);
  });

  test("a failure names check, event and time, and its plan repeats it, through JSON too", () => {
    const [seed = 0] = failing(register(false));
    const result = simulate({ ...register(false)(), seed });
    expect(result).toMatchObject({ ok: false, failure: { kind: "violation", name: "what was acknowledged is read" } });
    const again = replay(register(false), JSON.parse(JSON.stringify(result.plan)));
    expect(again.traceHash).toBe(result.traceHash);
    expect(again.ok).toBe(false);
  });

  test("a list of faults is exactly what happens", () => {
    const faults: Fault[] = [{ kind: "crash", atMs: 10, node: "server", forMs: 5 }];
    const { plan, trace } = simulate({ ...register(true)(), seed: 3, faults, trace: true });
    expect(plan.faults).toEqual(faults);
    expect(trace.filter(({ kind }) => kind === "fault").map(({ note }) => note)).toEqual(
      expect.arrayContaining(["crash server", "end of crash server"])
    );
  });
});

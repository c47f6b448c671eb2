/**
 * Small runs that use randomness in every way: each kind of fault with each kind of unreliable link, and random
 * mixtures. They depend on nothing but their names and numbers.
 */
import { all, race, spawn } from "@void-system/effects/fibers";
import { peerId, SeededRandom, type World } from "@void-system/effects";
import { boots, Clock, Disk, Net, Random, type WorldNeeds } from "@void-system/effects/world";
import type {
  DelaySpread,
  Fault,
  FaultBudget,
  FaultKind,
  LinkConditions,
  Program,
  ProgramWorkload,
  Schedule,
  SimulateOptions,
  SimulationResult,
} from "../../src/index.ts";
import { fork, OutcomeUnknownError, simulate } from "../../src/index.ts";
import { drawFaults } from "../../src/scenario/fault-plan.ts";
import { TraceHash } from "../../src/engine/trace-hash.ts";

const NAMES = ["a", "b", "c"];
const END_MS = 240;

/** Keeps a node of these runs busy: frames, timers, disk and jobs all draw, and the node does not always listen. */
const busy = (worlds: World[]): Program => (world) => {
  const { clock, compute, disk, network, random, logger } = world;
  // Requests of an earlier life must change nothing.
  for (const dead of worlds.filter((one) => one.network.self === network.self)) dead.random.next();
  worlds.push(world);
  const peers = NAMES.map((name) => peerId(name));
  const job = { name: "sum", module: "", run: (input: Uint8Array) => Uint8Array.of(input.reduce((x, y) => x + y, 0)) };
  const stamp = (): Uint8Array => new Uint8Array(new Float64Array([clock.wallMs(), clock.monotonicMs()]).buffer);
  let heard = 0;
  const listen = (): void => {
    const deaf = network.onFrame((from, frame) => {
      heard += 1;
      if (heard % 4 === 0) compute.run(job, frame, (sum) => void (sum instanceof Error || network.send(from, sum)));
      // Frames still arrive, but no handler sees them.
      if (heard % 5 !== 0) return;
      deaf();
      clock.schedule(12, listen);
    });
  };
  listen();
  network.onLink((peer, state) => {
    logger.log("info", state);
    if (state !== "down") network.send(peer, stamp());
  });
  const beat = (): void => {
    const peer = peers[Math.floor(random.next() * peers.length)];
    for (let frames = random.next() < 0.2 ? 6 : 1; peer && frames > 0; frames -= 1) network.send(peer, stamp());
    clock.schedule(3 + 4 * random.next(), beat);
  };
  beat();
  writing(disk, clock, stamp);
};

/** Appends, syncs and makes checkpoints forever, and sometimes opens a second log. */
function writing(disk: World["disk"], clock: World["clock"], stamp: () => Uint8Array): void {
  disk.open("log", (opened) => {
    if (opened instanceof Error) return;
    const { log } = opened;
    let last = (opened.checkpoint?.upTo ?? 0) + [...opened.records].length;
    const write = (): void => {
      for (const record of [stamp(), stamp()]) log.append(record);
      last += 2;
      const again = (failure?: Error): void => void (failure ?? clock.schedule(2, write));
      if (last % 10 === 0) log.checkpoint(last as never, [stamp()], again);
      else log.sync(again);
      if (last % 14 === 0) disk.open(`log${last}`, () => undefined);
    };
    write();
  });
}

type Parts = Omit<SimulateOptions, "seed">;

function base(network: LinkConditions = { maxDelayMs: 8 }): Parts {
  const program = busy([]);
  const nodes = Object.fromEntries(NAMES.map((name) => [name, program]));
  return { nodes, until: END_MS, network, disk: { syncMaxMs: 4 } };
}

/** One fault of each kind, on b or its links while a sends to it. */
const FAULTS: Readonly<Record<FaultKind, readonly Fault[]>> = {
  crash: [{ kind: "crash", atMs: 60, node: "b", forMs: 60 }],
  pause: [{ kind: "pause", atMs: 60, node: "b", forMs: 60 }],
  partition: [{ kind: "partition", atMs: 60, groups: [["b"]], forMs: 60 }],
  block: [{ kind: "block", atMs: 60, from: "a", to: "b", forMs: 60 }],
  clog: [
    { kind: "clog", atMs: 60, from: "a", to: "b", forMs: 60 },
    { kind: "clog", atMs: 150, from: "c", to: "b" },
  ],
  link: [{ kind: "link", atMs: 60, from: "a", to: "b", forMs: 60, conditions: { loss: 0.3, minDelayMs: 5, maxDelayMs: 9 } }],
  flap: [{ kind: "flap", atMs: 60, between: ["a", "b"], periodMs: 9, forMs: 60 }],
  "clock-jump": [{ kind: "clock-jump", atMs: 60, node: "b", byMs: -100 }],
  "clock-rate": [{ kind: "clock-rate", atMs: 60, node: "b", driftPpm: 90_000, forMs: 60 }],
  "clock-freeze": [{ kind: "clock-freeze", atMs: 60, node: "b", forMs: 60 }],
  "disk-full": [{ kind: "disk-full", atMs: 60, node: "b", forMs: 60 }],
  "disk-slow": [{ kind: "disk-slow", atMs: 60, node: "b", byMs: 11, forMs: 60 }],
  "bit-rot": [
    { kind: "bit-rot", atMs: 60, node: "b" },
    { kind: "crash", atMs: 80, node: "b", forMs: 5 },
  ],
};
const KINDS = Object.keys(FAULTS) as FaultKind[];
const LINKS = ["loss", "duplicate", "reorder", "corrupt"] as const;

/** Returns the result as one line. */
function line({ events, traceHash, plan, ...result }: SimulationResult): string {
  const end = result.ok ? "" : `, fails: ${result.failure.name}`;
  return `${traceHash} ${events} events, ${plan.faults.length} faults, ${plan.decisions.length} decisions${end}`;
}

/** A mixture of all options of a run. */
function mixture(number: number): Parts {
  const dice = new SeededRandom(number, "golden");
  const one = <T>(list: readonly T[]): T => list[dice.below(list.length)]!;
  const link = (): LinkConditions => ({
    ...Object.fromEntries(LINKS.map((kind) => [kind, one([0, 0.1, 0.4])])),
    delays: one<DelaySpread>(["even", "long-tail", [0, 100, 1_000]]),
    maxDelayMs: one([0.2, 8, 30]),
  });
  const special = one([undefined, link()]);
  const schedules: Schedule[] = [{ kind: "fifo" }, { kind: "random" }, { kind: "pct", events: 600, depth: 4 }];
  return {
    ...base(),
    network: {
      ...link(),
      linkFramesMax: one([3, 1_000]),
      ...(special && { link: (from, to) => (from < to ? special : undefined) }),
    },
    disk: { syncMaxMs: one([1, 12]), tornWrites: dice.chance(0.7) },
    clock: { skewMs: one([0, 300]), driftPpm: one([0, 900]) },
    compute: { maxMs: one([1, 20]) },
    schedule: one(schedules),
    faults: { kinds: KINDS, everyMs: one([10, 30]), lastMs: [2, 60], untilMs: 200, downMax: one([1, 2]), rottenMax: one([1, 2]) },
    workload: {
      clients: 2,
      operations: 6,
      timeoutMs: 15,
      draw: (random) => ({ op: "x", input: random.below(9) }),
      *perform({ input }) {
        yield* Clock.sleep(20 * (yield* Random.next()));
        if (Number(input) > 6) yield* Net.send(peerId("a"), Uint8Array.of(Number(input)));
      },
    },
    ...(number % 4 === 0 && { liveness: { atMs: 180, core: 2, withinMs: 60, progress: ({ now }) => now > 225 } }),
  };
}

/** Clients with two operations in flight, which give up, and draw their own and the test's randomness. */
const asking: ProgramWorkload = {
  clients: ["x", "y"],
  timeoutMs: 25,
  *program({ cluster, operation, name }) {
    const dice = cluster.random(name);
    for (let turn = 0; turn < 6; turn += 1) {
      yield* Clock.sleep(dice.below(20) + 10 * (yield* Random.next()));
      const to = peerId(NAMES[dice.below(3)]!);
      const ask = function* (op: string): Generator<WorldNeeds, number | undefined> {
        while ((yield* Net.send(to, Uint8Array.of(turn, 1))) !== "sent") yield* Net.linked(to);
        return op === "echo" ? (yield* Net.receive()).frame[0] : undefined;
      };
      const both = ["echo", "tell"].map((op) => () => operation({ op, input: turn }, () => ask(op)));
      try {
        yield* race([() => all(both), () => Clock.sleep(20 + dice.below(20))]);
      } catch (error) {
        if (!(error instanceof OutcomeUnknownError)) throw error;
      }
    }
  },
};

/** The same kind of node as a fiber, whose children wait concurrently. */
const fiber = boots(function* () {
  const { log, records } = yield* Disk.open("log");
  yield* spawn(function* () {
    for (let heard = [...records].length; ; heard += 1) {
      const { from, frame } = yield* Net.receive();
      log.append(frame);
      if (heard % 3 === 0) yield* Disk.sync(log);
      yield* Net.send(from, (yield* Random.bytes(1 + (heard % 4))));
    }
  });
  for (;;) {
    yield* race([1, 2].map((number) => () => Clock.sleep(number * 5 + 5)));
    yield* Net.send(peerId("a"), yield* Random.bytes(8));
  }
});

/** Many faults of a budget. */
function faultsOf(budget: FaultBudget, lengthMs?: number): string {
  const faults = drawFaults(budget, [...NAMES, "d", "e"], new SeededRandom(9), { lengthMs });
  const hash = new TraceHash();
  hash.bytes(new TextEncoder().encode(JSON.stringify(faults)));
  return `${hash.hex()} ${faults.length} faults`;
}

/** All runs, by their names. */
export function goldenRuns(): Readonly<Record<string, string>> {
  const lines: Record<string, string> = {
    "a budget of all faults": faultsOf({ everyMs: 10, kinds: KINDS, untilMs: 10_000, lastMs: [1, 30] }),
    "a budget with room for few": faultsOf({ everyMs: 10, kinds: KINDS, untilMs: 10_000, lastMs: [1, 900] }),
    // Many faults, since a jump by 1 ms is rare.
    "a budget of jumps": faultsOf({ everyMs: 10, kinds: ["clock-jump"], untilMs: 150_000 }),
    "a budget in a run of known length": faultsOf({}, 5_000),
    "a budget in a run of unknown length": faultsOf({}),
    "a budget with an end": faultsOf({ fromMs: 100, untilMs: 3_000 }, 5_000),
  };
  for (const chance of [...LINKS, undefined])
    for (const kind of KINDS) {
      const parts = base({ maxDelayMs: 8, ...(chance && { [chance]: 0.3 }) });
      const result = simulate({ ...parts, seed: 5, faults: FAULTS[kind] });
      lines[`${kind}, ${chance ?? "links that keep everything"}`] = line(result);
    }
  // A disk that fails is fatal to such a node.
  for (const kind of KINDS.filter((one) => one !== "disk-full" && one !== "bit-rot")) {
    const nodes = Object.fromEntries(NAMES.map((name) => [name, fiber]));
    const network = { maxDelayMs: 8, loss: 0.1, duplicate: 0.1, corrupt: 0.1 };
    const parts = { ...base(network), nodes, faults: FAULTS[kind], workload: asking };
    lines[`${kind}, fibers`] = line(simulate({ ...parts, seed: 6 }));
  }
  for (let number = 0; number < 40; number += 1)
    lines[`mixture ${number}`] = line(simulate({ ...mixture(number), seed: 2 ** 33 * number + number }));
  for (let number = 0; number < 6; number += 1) {
    const scenario = (): Parts => (number % 2 === 0 ? mixture(number) : { ...mixture(number), workload: asking });
    const whole = simulate({ ...scenario(), seed: number });
    lines[`fork of mixture ${number}`] = line(fork(scenario, whole.plan, Math.floor(whole.events / 2), 77));
  }
  return lines;
}

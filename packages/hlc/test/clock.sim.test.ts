import { expect, test } from "vitest";
import { ClockDriftError, compareTimestamps, DuplicateNodeError, HLCTimestamp, HybridLogicalClock, type TimestampFields } from "../src/index.ts";
import { Dice } from "./dice.ts";

const SCHEDULES = 10_000;
const NODES = 5;
const STEPS = 120;
const MAX_REMOTE_DRIFT_MS = 300;
const MAX_AHEAD_MS = 400;
const RESERVE_WINDOW_MS = 50;
/** Foreign stamps have counters from here on, so that clocks carry within a few steps. */
const NEARLY_FULL = 65_530;

class PowerLost extends Error {}

/** A machine. Its disk survives its crashes, its clock's state does not. */
class Machine {
  readonly #name: string;
  readonly #dice: Dice;
  /** Reading of this machine's own physical clock. */
  wallMs: number;
  /** Error of its physical clock. */
  frozen = false;
  asleep = false;
  durableUpToMs: number | undefined;
  clock: HybridLogicalClock;
  /** Its newest event, across all restarts. */
  last: HLCTimestamp | undefined;

  constructor(name: string, wallMs: number, dice: Dice) {
    this.#name = name;
    this.#dice = dice;
    this.wallMs = wallMs;
    this.clock = this.boot();
  }

  boot(): HybridLogicalClock {
    return (this.clock = new HybridLogicalClock(this.#name, {
      wallMs: () => this.wallMs,
      maxRemoteDriftMs: MAX_REMOTE_DRIFT_MS,
      maxAheadMs: MAX_AHEAD_MS,
      reserveWindowMs: RESERVE_WINDOW_MS,
      reserve: (upToMs) => this.#persist(upToMs),
      ...(this.durableUpToMs === undefined ? {} : { restoredUpToMs: this.durableUpToMs }),
    }));
  }

  /** The power may fail before the write is durable, or after it but before the clock learns of it. */
  #persist(upToMs: number): undefined {
    if (this.#dice.roll(40) === 0) throw new PowerLost();
    this.durableUpToMs = upToMs;
    if (this.#dice.roll(40) === 0) throw new PowerLost();
  }
}

interface Outcome {
  readonly events: number;
  readonly crashes: number;
  readonly carries: number;
  readonly refused: number;
  readonly backward: number;
}

/**
 * Runs one schedule. Throws unless every event's stamp is greater than those of its causes (the event before it on its
 * machine, before or after a restart, and the sending of the message it receives), no stamp repeats, and none is beyond
 * its bound. That covers happened-before, which is the transitive closure of these causes, because the order of stamps
 * is transitive.
 */
function run(seed: number): Outcome {
  const dice = new Dice(seed);
  let trueMs = 1_000_000;
  const machines = Array.from({ length: NODES }, (_, index) => new Machine(`n${index}`, trueMs + dice.roll(200), dice));
  /** Messages in flight; some arrive late, twice, out of order or never. */
  const network: { to: number; stamp: HLCTimestamp }[] = [];
  const seen = new Set<string>();
  const count = { events: 0, crashes: 0, carries: 0, refused: 0, backward: 0 };

  const happen = (machine: Machine, make: () => HLCTimestamp, cause?: TimestampFields): HLCTimestamp | undefined => {
    let stamp: HLCTimestamp;
    try {
      stamp = make();
    } catch (error) {
      if (error instanceof PowerLost) machine.boot();
      else if (!(error instanceof ClockDriftError)) throw error;
      if (error instanceof PowerLost) count.crashes += 1;
      else count.refused += 1;
      return undefined;
    }
    const bad =
      (machine.last && compareTimestamps(machine.last, stamp) >= 0 && `is not after its machine's last, ${machine.last}`) ||
      (cause && compareTimestamps(cause, stamp) >= 0 && `is not after its cause, ${cause.physicalMs} ${cause.logical}`) ||
      (seen.has(String(stamp)) && "repeats") ||
      (stamp.physicalMs < machine.wallMs && "is behind its physical clock") ||
      (stamp.physicalMs - machine.wallMs > MAX_AHEAD_MS && "is too far ahead of its physical clock");
    if (bad) throw new Error(`${stamp} ${bad}`);
    seen.add(String(stamp));
    machine.last = stamp;
    count.events += 1;
    return stamp;
  };

  for (let step = 0; step < STEPS; step++) {
    trueMs += dice.roll(20);
    const index = dice.roll(NODES);
    const machine = machines[index]!;
    move(machine, trueMs, dice);
    if (machine.asleep) continue;
    const action = dice.roll(12);
    if (action === 0) {
      tally(machine, count);
      machine.boot();
    } else if (action < 4) {
      happen(machine, () => machine.clock.now());
    } else if (action < 8) {
      const stamp = happen(machine, () => machine.clock.now());
      if (!stamp) continue;
      for (let copies = dice.roll(3); copies-- > 0; ) network.push({ to: dice.roll(NODES), stamp });
    } else if (action === 8) {
      // A peer that is not simulated, with a counter that is nearly full.
      const stranger = { physicalMs: Math.max(0, machine.wallMs + dice.roll(400) - 200), logical: NEARLY_FULL + dice.roll(6), nodeId: "x" };
      happen(machine, () => machine.clock.update(stranger), stranger);
    } else {
      const [message] = network.splice(dice.roll(network.length || 1), 1);
      const receiver = message && machines[message.to];
      if (!receiver || receiver.asleep) continue;
      happen(receiver, () => receiver.clock.update(message.stamp), message.stamp);
    }
  }
  for (const machine of machines) tally(machine, count);
  return count;
}

/** Runs one schedule. A failure names the seed. */
function replay(seed: number): Outcome {
  try {
    return run(seed);
  } catch (cause) {
    throw new Error(`run(${seed}) fails`, { cause });
  }
}

/** Advances a physical clock: normally, by a jump, backward, not at all, or by a sleep. */
function move(machine: Machine, trueMs: number, dice: Dice): void {
  const fate = dice.roll(30);
  if (fate === 0) machine.frozen = !machine.frozen;
  if (fate === 1) machine.asleep = !machine.asleep;
  if (fate === 2) machine.wallMs = Math.max(0, machine.wallMs - dice.roll(600));
  else if (fate === 3) machine.wallMs += dice.roll(2_000);
  else if (fate === 4) machine.wallMs = trueMs;
  else if (!machine.frozen && !machine.asleep) machine.wallMs += dice.roll(20);
}

function tally(machine: Machine, count: { crashes: number; carries: number; backward: number }): void {
  const { carries, backwardJumps } = machine.clock.stats();
  count.crashes += 1;
  count.carries += carries;
  count.backward += backwardJumps;
}

test(`happened-before implies less-than, over crashes, and no stamp repeats, in ${SCHEDULES} schedules`, { timeout: 60_000 }, () => {
  const sum = { events: 0, crashes: 0, carries: 0, refused: 0, backward: 0 };
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const outcome = replay(seed);
    for (const key of ["events", "crashes", "carries", "refused", "backward"] as const) sum[key] += outcome[key];
  }
  // The schedules cover what they should.
  expect(sum.events).toBeGreaterThan(SCHEDULES * 20);
  for (const key of ["crashes", "carries", "refused", "backward"] as const) expect(sum[key], key).toBeGreaterThan(SCHEDULES / 10);
});

/** Kulkarni et al. 2014, figure 5, transcribed literally: the reference for the clock where no bound applies. */
class Figure5 {
  l = 0;
  c = 0;

  send(pt: number): void {
    const before = this.l;
    this.l = Math.max(before, pt);
    this.c = this.l === before ? this.c + 1 : 0;
  }

  receive(pt: number, m: { l: number; c: number }): void {
    const before = this.l;
    this.l = Math.max(before, m.l, pt);
    if (this.l === before && before === m.l) this.c = Math.max(this.c, m.c) + 1;
    else if (this.l === before) this.c += 1;
    else if (this.l === m.l) this.c = m.c + 1;
    else this.c = 0;
  }
}

test("stamps are those of the paper's algorithm, and satisfy its theorems 2 to 4 and corollaries 1 and 2", () => {
  const EPSILON_MS = 30;
  let ahead = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const dice = new Dice(seed);
    const wall = Array.from({ length: NODES }, () => 1_000);
    const clocks = wall.map((_, node) => new HybridLogicalClock(`n${node}`, { wallMs: () => wall[node]!, maxRemoteDriftMs: EPSILON_MS }));
    const reference = wall.map(() => new Figure5());
    /** All events, with their causes and the length of the longest chain of causes with the same l. */
    const events: { l: number; c: number; pt: number; past: Set<number>; chain: number }[] = [];
    const newest: (Set<number> | undefined)[] = [];
    for (let step = 0; step < 60; step++) {
      const node = dice.roll(NODES);
      // As the paper requires, physical clocks never go back and are never further apart than epsilon.
      wall[node] = Math.min(wall[node]! + dice.roll(12), Math.min(...wall) + EPSILON_MS);
      const pt = wall[node];
      const sent = dice.roll(2) === 0 ? events[dice.roll(events.length || 1)] : undefined;
      const stamp = sent ? clocks[node]!.update({ physicalMs: sent.l, logical: sent.c, nodeId: "m" }) : clocks[node]!.now();
      if (sent) reference[node]!.receive(pt, sent);
      else reference[node]!.send(pt);
      const { physicalMs: l, logical: c } = stamp;
      // An `expect` for each would take longer than everything else.
      const hold = (holds: boolean, what: string): void => {
        if (!holds) throw new Error(`seed ${seed}, step ${step}: ${what} does not hold for ${stamp}`);
      };
      hold(l === reference[node]!.l && c === reference[node]!.c, "figure 5");
      const past = new Set([...(newest[node] ?? []), ...(sent ? [...sent.past, events.indexOf(sent)] : [])]);
      const causes = [...past].map((index) => events[index]!);
      hold(l >= pt, "theorem 2");
      if (l > pt) ahead += 1;
      if (l > pt) hold(causes.some((cause) => cause.pt === l), "theorem 3");
      hold(l - pt <= EPSILON_MS, "corollary 1");
      const sameTime = causes.filter((cause) => cause.l === l);
      hold(sameTime.length >= c, "corollary 2");
      const chain = Math.max(0, ...sameTime.map((cause) => cause.chain));
      hold(chain >= c, "theorem 4");
      events.push({ l, c, pt, past, chain: chain + 1 });
      newest[node] = new Set([...past, events.length - 1]);
    }
  }
  expect(ahead, "events for theorem 3").toBeGreaterThan(1_000);
});

test("corollary 3: where each physical clock advances between two events of its node, a counter is at most N * (epsilon + 1)", () => {
  const [nodes, EPSILON_MS] = [3, 2];
  let largest = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const dice = new Dice(seed);
    const wall = Array.from({ length: nodes }, () => 1_000);
    const clocks = wall.map((_, node) => new HybridLogicalClock(`n${node}`, { wallMs: () => wall[node]!, maxRemoteDriftMs: EPSILON_MS }));
    const sent: HLCTimestamp[] = [];
    for (let step = 0; step < 400; step++) {
      const node = dice.roll(nodes);
      if (wall[node]! >= Math.min(...wall) + EPSILON_MS) continue;
      wall[node]! += 1;
      const message = dice.roll(4) > 0 ? sent.at(-1 - dice.roll(3)) : undefined;
      const stamp = message ? clocks[node]!.update(message) : clocks[node]!.now();
      if (stamp.logical > nodes * (EPSILON_MS + 1)) throw new Error(`seed ${seed}: corollary 3 does not hold for ${stamp}`);
      largest = Math.max(largest, stamp.logical);
      sent.push(stamp);
    }
  }
  expect(largest).toBeGreaterThan(2);
});

test("a cloned node is detected by the clone that is behind", () => {
  const wall = [1_000, 1_000];
  const [one, other] = wall.map((_, index) => new HybridLogicalClock("n", { wallMs: () => wall[index]! }));
  wall[1] = 1_005;
  expect(() => one!.update(other!.now())).toThrow(DuplicateNodeError);
  expect(one!.stats().duplicates).toBe(1);
  expect(other!.update(one!.now()).physicalMs).toBe(1_005);
});

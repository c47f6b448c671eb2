import { SeededRandom } from "@void-system/effects";
import { enterOperationWatcher, type OperationWatcher } from "@void-system/effects/fibers";
import { enterAsyncHost } from "@void-system/effects/world";
import {
  ForeignAwaitError,
  FrameChangedError,
  SimulatedNodeError,
  SimulationLeakError,
  type SimulationPoint,
  SimulationUseError,
} from "../errors.ts";
import type { Cpu } from "./cpu.ts";
import { EVENT, type EventKind } from "./event-kind.ts";
import { EventQueue } from "./event-queue.ts";
import { EventTable, type Fate, FIELD, NO_EVENT } from "./event-table.ts";
import { type AwaitPlace, Guard } from "./guard.ts";
import type { Backlogs, Scheduler } from "./scheduler.ts";
import type { Thread } from "./thread.ts";
import { TraceHash } from "./trace-hash.ts";
import { Turns, type TurnSurroundings } from "./turns.ts";

/** Fewest cancelled events for which the queue is searched. */
const SWEEP_MIN = 1_000;

/** The network, which knows how frames travel on lanes. */
export interface FrameCarrier {
  /** Is called with each event shortly before it happens. */
  foresee(event: number): void;
  /** Returns true if the frame of an event is not lost and its node listens for it. */
  reaches(event: number): boolean;
  /** Delivers the frame of an event, or loses it. */
  arrive(event: number): void;
}

/**
 * Is called with an event once it has happened or failed. `note` describes the result, and `number` is the event's place
 * in the run.
 */
export type Observe = (event: number, note: string, number: number) => void;

/** The end of a node's life, which is an event within another one. */
interface LifeEnd {
  readonly event: number;
  readonly number: number;
}

/**
 * Runs one event after the other in virtual time. Each event goes into the trace hash, and the guard is up while a
 * node's code runs.
 */
export class EventLoop implements Backlogs, TurnSurroundings {
  nowUs = 0;
  events = 0;
  /** Result of the event that is happening, for observers. */
  note = "";
  /** @defaultValue order of time */
  scheduler: Scheduler | undefined;
  observe: Observe | undefined;
  /** Is called with each operation that a program makes. */
  watcher: OperationWatcher | undefined;
  readonly table: EventTable = new EventTable();
  /** Events deferred by paused nodes, by the index of the node. Each paused node has an entry. */
  readonly paused: Map<number, number[]> = new Map();
  readonly #seed: number;
  readonly #nameOf: (index: number) => string | undefined;
  #tieSalt = 0;
  readonly #queue = new EventQueue(this.table);
  #carrier: FrameCarrier | undefined;
  #cpu: Cpu | undefined;
  readonly #trace = new TraceHash();
  readonly #guard: Guard;
  #order = 0;
  /** Number of cancelled events at the last sweep. */
  #sweptAt = 0;
  #running = false;
  /** Index of the node whose code runs; -1 for none. */
  #node = -1;
  #isHappening = false;
  /** Ends of lives within the event that is happening. Observers see them after it. */
  readonly #ends: LifeEnd[] = [];
  readonly #isPlanned: boolean;
  #leak: SimulationLeakError | undefined;
  /** Error of code that ran in a turn. */
  #failure: Error | undefined;
  /** Places of the latest `await`s of each node. */
  readonly #awaits = new Map<number, AwaitPlace[]>();
  /** Turns of async programs. */
  readonly turns: Turns = new Turns(this);

  /** `isPlanned` is true for a run that repeats a plan: its seed alone does not repeat it. */
  constructor(seed: number, nameOf: (index: number) => string | undefined, isPlanned: boolean) {
    this.#seed = seed;
    this.#nameOf = nameOf;
    this.#isPlanned = isPlanned;
    this.reseed(seed);
    this.#guard = new Guard((used, instead) => {
      // Only the first leak counts: after a refusal, a node's behaviour is of no interest.
      const by = this.#guard.inside ? "node" : "test";
      return (this.#leak ??= new SimulationLeakError(used, instead, this.point(), by));
    });
  }

  /** Sets the carrier. Must be called once, before any frame is sent. */
  carryWith(carrier: FrameCarrier): void {
    this.#carrier = carrier;
    this.#queue.foresee = (event) => carrier.foresee(event);
  }

  /** Makes the work of nodes take time. Must be called once, before the first event. */
  chargeWith(cpu: Cpu): void {
    this.#cpu = cpu;
    this.#guard.meter = (work, times, bytes) => cpu.charge(work, times, bytes);
  }

  /** True while a node's code runs. */
  get inside(): boolean {
    return this.#guard.inside;
  }

  /** Index of the node whose code runs; -1 for none. */
  get node(): number {
    return this.#guard.inside ? this.#node : -1;
  }

  /** True if no event is pending. */
  get idle(): boolean {
    return this.#queue.size === 0 && (this.scheduler?.waiting.length ?? 0) === 0;
  }

  /** Returns the pending events of a node, the next one first. */
  pendingOf(node: number): number[] {
    const { table } = this;
    const waiting = this.#cpu?.threadOf(node)?.waiting ?? [];
    const all = [...(this.scheduler?.waiting ?? []), ...this.#queue.all(), ...(this.paused.get(node) ?? []), ...waiting];
    return all
      .filter((event) => table.get(event, FIELD.node) === node && table.isWanted(event))
      .sort((one, other) => (table.before(one, other) ? -1 : 1));
  }

  /** Uses another seed to decide between events of one time. */
  reseed(seed: number): void {
    this.#tieSalt = new SeededRandom(seed, "tie").uint32() | 0;
  }

  /** See `Kernel`. */
  plan(
    kind: EventKind,
    atUs: number,
    node: number,
    life: { readonly alive: boolean } | undefined,
    peer: number,
    bytes: Uint8Array | undefined,
    run: () => void
  ): number {
    const event = this.table.add(kind, node, peer, bytes);
    this.table.act(event, run, life);
    this.#plan(event, node, atUs);
    return event;
  }

  /** See `Kernel`. */
  carry(atUs: number, from: number, to: number, bytes: Uint8Array, lane: number, epoch: number, fate: Fate, sum: number): void {
    const event = this.table.add(EVENT.frame, to, from, bytes);
    this.table.travel(event, lane, epoch, fate, sum);
    this.#plan(event, to, atUs);
  }

  /** Pauses a node: its events are deferred. */
  pause(node: number): void {
    if (!this.paused.has(node)) this.paused.set(node, []);
    this.#cpu?.threadOf(node)?.pause(this.nowUs);
  }

  /** Resumes a node: its deferred events happen now, in order. */
  resume(node: number): void {
    const deferred = this.paused.get(node) ?? [];
    this.paused.delete(node);
    this.#cpu?.threadOf(node)?.resume(this.nowUs);
    for (const event of deferred) this.#push(event, node, this.nowUs);
  }

  /** Drops a crashed node's deferred and waiting events. The node is then neither paused nor busy. */
  forget(node: number): void {
    for (const event of this.paused.get(node) ?? []) this.table.remove(event);
    this.paused.delete(node);
    this.turns.forget(node);
    const thread = this.#cpu?.threadOf(node);
    if (!thread) return;
    for (const event of thread.waiting) this.table.remove(event);
    this.#cpu?.free(thread);
  }

  /** Runs the next wanted event that is due at `untilUs` or before. Returns false if there is none. */
  next(untilUs: number): boolean {
    if (this.turns.isWanted) this.turns.refuse();
    const { table } = this;
    const event = this.scheduler
      ? this.scheduler.take(this.#queue, untilUs, this.events + 1, this.paused, this.#cpu && this)
      : this.#cpu
        ? this.#earliestOfFree(untilUs)
        : this.#earliest(untilUs);
    if (event === NO_EVENT) return false;
    // A schedule may have let a later event happen first.
    const timeUs = table.timeUs(event);
    if (timeUs > this.nowUs) this.nowUs = timeUs;
    const node = table.get(event, FIELD.node);
    this.record(table.kindOf(event), node, table.get(event, FIELD.peer), table.bytesOf(event));
    const number = this.events;
    this.note = "";
    this.#isHappening = true;
    try {
      if (node >= 0) this.#enter(event, node);
      else this.#run(event);
    } finally {
      this.#isHappening = false;
      this.observe?.(event, this.note, number);
      if (this.#ends.length > 0) this.#observeEnds();
      table.remove(event);
    }
    return true;
  }

  /** Records the end of a node's life, an event within the one that is happening or between two. */
  end(node: number): void {
    const cause = this.events;
    this.record(EVENT.crash, node, -1, undefined);
    if (!this.observe) return;
    const event = this.table.add(EVENT.crash, node, -1, undefined);
    this.table.cause(event, cause, this.nowUs);
    this.#ends.push({ event, number: this.events });
    if (!this.#isHappening) this.#observeEnds();
  }

  #observeEnds(): void {
    for (const { event, number } of this.#ends.splice(0)) {
      this.observe?.(event, "", number);
      this.table.remove(event);
    }
  }

  #earliest(untilUs: number): number {
    const { table, paused } = this;
    for (let event = this.#queue.peek(); event !== NO_EVENT; event = this.#queue.peek()) {
      if (table.timeUs(event) > untilUs) return NO_EVENT;
      this.#queue.pop();
      const deferred = paused.size > 0 ? paused.get(table.get(event, FIELD.node)) : undefined;
      if (!table.isWanted(event)) this.drop(event);
      else if (deferred) {
        this.nowUs = table.timeUs(event);
        if (!this.putOff(event)) deferred.push(event);
      } else return event;
    }
    return NO_EVENT;
  }

  /** Returns the earliest event whose node is not busy. */
  #earliestOfFree(untilUs: number): number {
    for (;;) {
      const event = this.#earliest(untilUs);
      if (event === NO_EVENT || !this.putOff(event)) return event;
    }
  }

  /** Removes an event that will never happen, and plans the one that waits behind it. */
  drop(event: number): void {
    const node = this.table.get(event, FIELD.node);
    const thread = this.#cpu?.threadOf(node);
    this.table.remove(event);
    if (thread?.next === event) this.#planNext(thread, node);
  }

  /** Makes an event wait if its node's thread is busy at the event's time. Returns true if it waits. */
  putOff(event: number): boolean {
    const node = this.table.get(event, FIELD.node);
    const thread = this.#cpu?.threadOf(node);
    if (!thread) return false;
    if (thread.next !== NO_EVENT && thread.next !== event) {
      thread.wait(event);
      return true;
    }
    if (thread.freeAtUs <= Math.max(this.nowUs, this.table.timeUs(event))) return false;
    thread.next = event;
    this.#push(event, node, thread.freeAtUs);
    return true;
  }

  /** Returns true if an event is due later than the next one of its busy node, behind which it would happen too early. */
  isAhead(event: number): boolean {
    const { table } = this;
    const next = this.#cpu?.threadOf(table.get(event, FIELD.node))?.next ?? NO_EVENT;
    return next !== NO_EVENT && next !== event && table.timeUs(event) > Math.max(this.nowUs, table.timeUs(next));
  }

  #planNext(thread: Thread, node: number): void {
    thread.next = thread.shift();
    if (thread.next !== NO_EVENT) this.#push(thread.next, node, Math.max(thread.freeAtUs, this.nowUs));
  }

  #run(event: number): void {
    if (this.table.get(event, FIELD.lane) < 0) this.table.runOf(event)?.();
    else this.#carrier?.arrive(event);
  }

  /** Adds an event to the trace hash. */
  record(kind: EventKind, node: number, peer: number, bytes: Uint8Array | undefined): void {
    this.events += 1;
    this.#trace.number(kind);
    this.#trace.number(node);
    this.#trace.number(peer);
    this.#trace.number(this.nowUs);
    if (bytes) this.#trace.bytes(bytes);
  }

  /** Runs `work` with the platform's functions guarded. */
  guarded<T>(work: () => T): T {
    if (this.#running)
      throw new SimulationUseError("run, runUntil and step to be called from outside of a run", "a call from inside");
    this.#throwFound(this.#failure);
    this.#running = true;
    const host = enterAsyncHost(this.turns);
    const watcher = enterOperationWatcher(this.watcher);
    try {
      return this.installed(work);
    } finally {
      enterOperationWatcher(watcher);
      enterAsyncHost(host);
      this.#running = false;
    }
  }

  /** Keeps the guard installed while `work` runs, since installing it takes longer than many a call. */
  installed<T>(work: () => T): T {
    this.#guard.install();
    try {
      return work();
    } finally {
      this.#guard.restore();
    }
  }

  /**
   * Runs code of the test that must depend on the run alone, such as a check, with the platform's functions guarded.
   *
   * @throws SimulationLeakError when the code used them, even if it swallowed the error.
   */
  audited<T>(work: () => T): T {
    const guard = this.#guard;
    if (guard.auditing) return work();
    // A leak of a node, found in a turn, fails the next event.
    const before = this.#leak;
    guard.auditing = true;
    try {
      const result = this.installed(work);
      if (this.#leak && this.#leak !== before) throw this.#leak;
      return result;
    } finally {
      guard.auditing = false;
      this.#leak = before;
    }
  }

  /** Calls code of the test from within a node's code. */
  outside(work: () => void): void {
    const { inside } = this.#guard;
    this.#guard.inside = false;
    try {
      work();
    } finally {
      this.#guard.inside = inside;
    }
  }

  point(): SimulationPoint {
    const point = { seed: this.#seed, atMs: this.nowUs / 1000, traceHash: this.#trace.hex() };
    return this.#isPlanned ? { ...point, planned: true } : point;
  }

  #plan(event: number, node: number, atUs: number): void {
    const cancelled = this.table.cancelled - this.#sweptAt;
    if (cancelled > SWEEP_MIN && cancelled * 2 > this.#queue.size) this.#sweep();
    this.table.cause(event, this.events, this.nowUs);
    this.#push(event, node, atUs);
  }

  /**
   * Drops cancelled events long before their time. A protocol that sets its timer again at each step would otherwise fill
   * the queue with them.
   */
  #sweep(): void {
    const { table } = this;
    this.#sweptAt = table.cancelled;
    this.#queue.sweep((event) => {
      if (table.isWanted(event) || this.#cpu?.threadOf(table.get(event, FIELD.node))?.next === event) return false;
      table.remove(event);
      return true;
    });
  }

  #push(event: number, node: number, atUs: number): void {
    this.table.time(event, atUs, this.#tie(node, atUs), this.#order++);
    this.#queue.push(event);
  }

  #enter(event: number, node: number): void {
    this.#guard.inside = true;
    this.#node = node;
    let failure: Error | undefined;
    try {
      if (this.#cpu) this.#runOn(this.#cpu, event, node);
      else this.#run(event);
    } catch (error) {
      failure = this.#failureOf(node, error);
    } finally {
      this.#guard.inside = false;
    }
    this.#throwFound(failure);
  }

  #failureOf(node: number, error: unknown): Error {
    return error instanceof SimulationLeakError || error instanceof FrameChangedError
      ? error
      : new SimulatedNodeError(this.#nameOf(node) ?? "", error, this.point());
  }

  /** Throws what a node's code has done wrong. A leak counts even if the code swallowed the error. */
  #throwFound(failure: Error | undefined): void {
    const found = this.#leak ?? failure;
    this.#leak = undefined;
    this.#failure = undefined;
    if (found) throw found;
  }

  // ── turns of async programs ──

  hold(): void {
    this.#guard.install();
  }

  release(): void {
    this.#guard.restore();
  }

  open(node: number): void {
    this.#node = node;
    this.#guard.inside = true;
    this.#guard.settles = true;
    const awaits = this.#awaits.get(node) ?? [];
    this.#awaits.set(node, awaits);
    this.#guard.awaits = awaits;
    enterAsyncHost(this.turns);
    enterOperationWatcher(this.watcher);
  }

  close(): void {
    this.#guard.inside = false;
    this.#guard.settles = false;
    enterAsyncHost(undefined);
    enterOperationWatcher(undefined);
  }

  fail(node: number, error: unknown): void {
    this.#failure ??= this.#failureOf(node, error);
  }

  stuck(node: number): void {
    this.#leak ??= new ForeignAwaitError(this.#nameOf(node) ?? "", this.#awaits.get(node) ?? [], this.point());
  }

  /** Runs an event on the thread of its node, where its work takes time. */
  #runOn(cpu: Cpu, event: number, node: number): void {
    const thread = cpu.threadOf(node);
    if (!thread) return this.#run(event);
    cpu.begin(thread);
    try {
      const isStep = this.table.get(event, FIELD.lane) < 0 || this.#carrier?.reaches(event) === true;
      if (isStep) cpu.charge("step", 1, 0);
      this.#run(event);
    } finally {
      cpu.end(thread);
      if (thread.next === event) this.#planNext(thread, node);
    }
  }

  /**
   * Returns the tie-breaker of an event. It depends on node and time: one node's events of one time keep their order,
   * and between nodes the seed decides.
   */
  #tie(node: number, timeUs: number): number {
    let hash = Math.imul(this.#tieSalt ^ Math.imul(node, 0xcc9e2d51), 0x1b873593) ^ (timeUs | 0);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }
}

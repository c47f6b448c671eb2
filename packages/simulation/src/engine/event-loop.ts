import { SeededRandom } from "@void-system/effects";
import { SimulatedNodeError, SimulationLeakError, type SimulationPoint, SimulationUseError } from "../errors.ts";
import type { Cpu } from "./cpu.ts";
import { EVENT, type EventKind } from "./event-kind.ts";
import { EventQueue } from "./event-queue.ts";
import { EventTable, type Fate, FIELD, NO_EVENT } from "./event-table.ts";
import { Guard } from "./guard.ts";
import type { Backlogs, Scheduler } from "./scheduler.ts";
import type { Thread } from "./thread.ts";
import { TraceHash } from "./trace-hash.ts";

/** What the frames of lanes do: known by those who carry them. */
export interface FrameCarrier {
  /** Hears of each event shortly before it happens. */
  foresee(event: number): void;
  /** Returns true if the frame of an event is not lost, and somebody at its node listens. */
  reaches(event: number): boolean;
  /** The frame of an event arrives, or is lost. */
  arrive(event: number): void;
}

/** Sees an event once it has happened, or failed; `note` says what became of it. */
export type Observe = (event: number, note: string) => void;

/**
 * Virtual time: one event after the other, each taken into the trace hash, with the guard up while a node's code runs.
 */
export class EventLoop implements Backlogs {
  nowUs = 0;
  events = 0;
  /** What became of the event that is happening, for whoever observes. */
  note = "";
  /** @defaultValue in the order of time */
  scheduler: Scheduler | undefined;
  observe: Observe | undefined;
  readonly table: EventTable = new EventTable();
  /** What happened to nodes while they were paused, by their indices: those that are have an entry. */
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
  #running = false;
  #leak: SimulationLeakError | undefined;

  constructor(seed: number, nameOf: (index: number) => string | undefined) {
    this.#seed = seed;
    this.#nameOf = nameOf;
    this.reseed(seed);
    this.#guard = new Guard((used, instead) => {
      // The first one: what a node does after it was refused is of no interest.
      return (this.#leak ??= new SimulationLeakError(used, instead, this.point()));
    });
  }

  /** To be called once, before any frame is on its way. */
  carryWith(carrier: FrameCarrier): void {
    this.#carrier = carrier;
    this.#queue.foresee = (event) => carrier.foresee(event);
  }

  /** Lets the work of nodes take time. To be called once, before anything happens. */
  chargeWith(cpu: Cpu): void {
    this.#cpu = cpu;
    this.#guard.meter = (work, times, bytes) => cpu.charge(work, times, bytes);
  }

  /** True while code of a node runs. */
  get inside(): boolean {
    return this.#guard.inside;
  }

  /** Nothing is left to happen. */
  get idle(): boolean {
    return this.#queue.size === 0 && (this.scheduler?.waiting.length ?? 0) === 0;
  }

  /** What is still to happen to a node, the next first. */
  pendingOf(node: number): number[] {
    const { table } = this;
    const waiting = this.#cpu?.threadOf(node)?.waiting ?? [];
    const all = [...(this.scheduler?.waiting ?? []), ...this.#queue.all(), ...(this.paused.get(node) ?? []), ...waiting];
    return all
      .filter((event) => table.get(event, FIELD.node) === node && table.isWanted(event))
      .sort((one, other) => (table.before(one, other) ? -1 : 1));
  }

  /** Decides between events of one time by another seed. */
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
  carry(atUs: number, from: number, to: number, bytes: Uint8Array, lane: number, epoch: number, fate: Fate): void {
    const event = this.table.add(EVENT.frame, to, from, bytes);
    this.table.travel(event, lane, epoch, fate);
    this.#plan(event, to, atUs);
  }

  /** What happens to a node waits. */
  pause(node: number): void {
    if (!this.paused.has(node)) this.paused.set(node, []);
    this.#cpu?.threadOf(node)?.pause(this.nowUs);
  }

  /** What happened to a node while it was paused happens now, in order. */
  resume(node: number): void {
    const deferred = this.paused.get(node) ?? [];
    this.paused.delete(node);
    this.#cpu?.threadOf(node)?.resume(this.nowUs);
    for (const event of deferred) this.#push(event, node, this.nowUs);
  }

  /** A node crashed: what happened to it while it was paused or busy never does, and it is neither any longer. */
  forget(node: number): void {
    for (const event of this.paused.get(node) ?? []) this.table.remove(event);
    this.paused.delete(node);
    const thread = this.#cpu?.threadOf(node);
    if (!thread) return;
    for (const event of thread.waiting) this.table.remove(event);
    this.#cpu?.free(thread);
  }

  /** Runs the next event that is still wanted, at `untilUs` or before; false when there is none. */
  next(untilUs: number): boolean {
    const { table } = this;
    const event = this.scheduler
      ? this.scheduler.take(this.#queue, untilUs, this.events + 1, this.paused, this.#cpu && this)
      : this.#cpu
        ? this.#earliestOfFree(untilUs)
        : this.#earliest(untilUs);
    if (event === NO_EVENT) return false;
    // A schedule may have let a later event happen before.
    const timeUs = table.timeUs(event);
    if (timeUs > this.nowUs) this.nowUs = timeUs;
    const node = table.get(event, FIELD.node);
    this.record(table.kindOf(event), node, table.get(event, FIELD.peer), table.bytesOf(event));
    this.note = "";
    try {
      if (node >= 0) this.#enter(event, node);
      else this.#run(event);
    } finally {
      this.observe?.(event, this.note);
      table.remove(event);
    }
    return true;
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

  /** The earliest event whose node has time for it. */
  #earliestOfFree(untilUs: number): number {
    for (;;) {
      const event = this.#earliest(untilUs);
      if (event === NO_EVENT || !this.putOff(event)) return event;
    }
  }

  /** An event will never happen: the one behind it need not wait for it. */
  drop(event: number): void {
    const node = this.table.get(event, FIELD.node);
    const thread = this.#cpu?.threadOf(node);
    this.table.remove(event);
    if (thread?.next === event) this.#planNext(thread, node);
  }

  /** Lets an event wait if the thread of its node is busy when it would happen; true when it waits. */
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

  #planNext(thread: Thread, node: number): void {
    thread.next = thread.shift();
    if (thread.next !== NO_EVENT) this.#push(thread.next, node, Math.max(thread.freeAtUs, this.nowUs));
  }

  #run(event: number): void {
    if (this.table.get(event, FIELD.lane) < 0) this.table.runOf(event)?.();
    else this.#carrier?.arrive(event);
  }

  /** Takes something that happens into the trace. */
  record(kind: EventKind, node: number, peer: number, bytes: Uint8Array | undefined): void {
    this.events += 1;
    this.#trace.number(kind);
    this.#trace.number(node);
    this.#trace.number(peer);
    this.#trace.number(this.nowUs);
    if (bytes) this.#trace.bytes(bytes);
  }

  /** Does what is to be done while the platform's doors are guarded. */
  guarded<T>(work: () => T): T {
    if (this.#running)
      throw new SimulationUseError("run, runUntil and step to be called from outside of a run", "a call from inside");
    this.#running = true;
    this.#guard.install();
    try {
      return work();
    } finally {
      this.#guard.restore();
      this.#running = false;
    }
  }

  /** Calls code that belongs to the test although a node's code called it. */
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
    return { seed: this.#seed, atMs: this.nowUs / 1000, traceHash: this.#trace.hex() };
  }

  #plan(event: number, node: number, atUs: number): void {
    this.table.cause(event, this.events, this.nowUs);
    this.#push(event, node, atUs);
  }

  #push(event: number, node: number, atUs: number): void {
    this.table.time(event, atUs, this.#tie(node, atUs), this.#order++);
    this.#queue.push(event);
  }

  #enter(event: number, node: number): void {
    this.#guard.inside = true;
    let failure: unknown;
    try {
      if (this.#cpu) this.#runOn(this.#cpu, event, node);
      else this.#run(event);
    } catch (error) {
      failure =
        error instanceof SimulationLeakError
          ? error
          : new SimulatedNodeError(this.#nameOf(node) ?? "", error, this.point());
    } finally {
      this.#guard.inside = false;
    }
    // Also when the node's code swallowed it.
    const leak = this.#leak;
    this.#leak = undefined;
    if (leak ?? failure) throw leak ?? failure;
  }

  /** Does what happens, in the time that it takes on the thread of its node. */
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

  /** One node's events of one time keep their order; between nodes, the seed decides. */
  #tie(node: number, timeUs: number): number {
    let hash = Math.imul(this.#tieSalt ^ Math.imul(node, 0xcc9e2d51), 0x1b873593) ^ (timeUs | 0);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }
}

import { SeededRandom } from "../seeded-random.ts";
import { SimulatedNodeError, SimulationLeakError, type SimulationPoint, SimulationUseError } from "./errors.ts";
import { EventQueue } from "./event-queue.ts";
import { Guard } from "./guard.ts";
import type { Scheduler } from "./scheduler.ts";
import { EVENT, type EventKind, type SimulationEvent } from "./simulation-event.ts";
import { TraceHash } from "./trace-hash.ts";

/** Events kept for use again: the next one that is needed is then still at hand. */
const SPARE_MAX = 64;

/** Sees an event once it has happened, or failed; `note` says what became of it. */
export type Observe = (event: SimulationEvent, note: string) => void;

/**
 * Virtual time: one event after the other, each taken into the trace hash, with the guard up while a node's code runs.
 */
export class EventLoop {
  nowUs = 0;
  events = 0;
  /** What became of the event that is happening, for whoever observes. */
  note = "";
  /** @defaultValue in the order of time */
  scheduler: Scheduler | undefined;
  observe: Observe | undefined;
  /** What happened to nodes while they were paused, by their indices: those that are have an entry. */
  readonly paused: Map<number, SimulationEvent[]> = new Map();
  readonly #seed: number;
  readonly #nameOf: (index: number) => string | undefined;
  #tieSalt = 0;
  readonly #queue = new EventQueue();
  readonly #trace = new TraceHash();
  readonly #guard: Guard;
  #order = 0;
  /** Frames that have arrived, to be used again: nobody else holds one, as a timer's `Cancel` holds its event. */
  readonly #spare: SimulationEvent[] = [];
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

  /** Nothing is left to happen. */
  get idle(): boolean {
    return this.#queue.size === 0 && (this.scheduler?.waiting.length ?? 0) === 0;
  }

  /** What is still to happen, in no order; some of it may be cancelled. */
  pending(): readonly SimulationEvent[] {
    return [...(this.scheduler?.waiting ?? []), ...this.#queue.all()];
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
    run: (event: SimulationEvent) => void
  ): SimulationEvent {
    const event = (kind === EVENT.frame ? this.#spare.pop() : undefined) ?? blank();
    event.timeUs = atUs;
    event.tie = this.#tie(node, atUs);
    event.order = this.#order++;
    event.kind = kind;
    event.node = node;
    event.life = life;
    event.peer = peer;
    event.bytes = bytes;
    event.cause = this.events;
    event.causedUs = this.nowUs;
    event.run = run;
    this.#queue.push(event);
    return event;
  }

  /** What happens to a node waits. */
  pause(node: number): void {
    if (!this.paused.has(node)) this.paused.set(node, []);
  }

  /** What happened to a node while it was paused happens now, in order. */
  resume(node: number): void {
    const deferred = this.paused.get(node) ?? [];
    this.paused.delete(node);
    for (const event of deferred) {
      event.timeUs = this.nowUs;
      event.tie = this.#tie(event.node, this.nowUs);
      event.order = this.#order++;
      this.#queue.push(event);
    }
  }

  /** Runs the next event that is still wanted, at `untilUs` or before; false when there is none. */
  next(untilUs: number): boolean {
    const event = this.scheduler
      ? this.scheduler.take(this.#queue, untilUs, this.events + 1, this.paused)
      : this.#earliest(untilUs);
    if (!event?.run) return false;
    // A schedule may have let a later event happen before.
    if (event.timeUs > this.nowUs) this.nowUs = event.timeUs;
    this.record(event.kind, event.node, event.peer, event.bytes);
    this.note = "";
    try {
      if (event.node >= 0) this.#enter(event, event.run);
      else event.run(event);
    } finally {
      this.observe?.(event, this.note);
    }
    if (event.kind === EVENT.frame && this.#spare.length < SPARE_MAX) {
      event.run = undefined;
      event.lane = -1;
      this.#spare.push(event);
    }
    return true;
  }

  #earliest(untilUs: number): SimulationEvent | undefined {
    for (let event = this.#queue.peek(); event && event.timeUs <= untilUs; event = this.#queue.peek()) {
      this.#queue.pop();
      if (!event.run || event.life?.alive === false) continue;
      const deferred = this.paused.size > 0 ? this.paused.get(event.node) : undefined;
      if (!deferred) return event;
      this.nowUs = event.timeUs;
      deferred.push(event);
    }
    return undefined;
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

  #enter(event: SimulationEvent, run: (event: SimulationEvent) => void): void {
    this.#guard.inside = true;
    let failure: unknown;
    try {
      run(event);
    } catch (error) {
      failure =
        error instanceof SimulationLeakError
          ? error
          : new SimulatedNodeError(this.#nameOf(event.node) ?? "", error, this.point());
    } finally {
      this.#guard.inside = false;
    }
    // Also when the node's code swallowed it.
    const leak = this.#leak;
    this.#leak = undefined;
    if (leak ?? failure) throw leak ?? failure;
  }

  /** One node's events of one time keep their order; between nodes, the seed decides. */
  #tie(node: number, timeUs: number): number {
    let hash = Math.imul(this.#tieSalt ^ Math.imul(node, 0xcc9e2d51), 0x1b873593) ^ (timeUs | 0);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }
}

function blank(): SimulationEvent {
  return {
    timeUs: 0,
    tie: 0,
    order: 0,
    kind: EVENT.frame,
    node: -1,
    life: undefined,
    peer: -1,
    bytes: undefined,
    cause: 0,
    causedUs: 0,
    run: undefined,
    lane: -1,
    epoch: 0,
    next: undefined,
  };
}

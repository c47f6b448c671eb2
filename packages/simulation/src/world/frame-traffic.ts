/**
 * Frames in flight over lanes that are up: their fate and the time of their arrival.
 */
import { type Cancel, HandlerTakenError, type PeerId, type SeededRandom } from "@void-system/effects";
import { EVENT } from "../engine/event-kind.ts";
import type { FrameCarrier } from "../engine/event-loop.ts";
import { type EventTable, FATE, type Fate, FIELD } from "../engine/event-table.ts";
import { frameSum } from "./frame-sum.ts";
import type { Kernel, KernelNode, Life } from "./kernel.ts";
import type { LaneIndex } from "./lane-index.ts";
import { FLAG, type LaneTable, LONG, NO_LANE, WORD } from "./lane-table.ts";
import { type Conditions, corrupted, drawDelay } from "./link-conditions.ts";

/** Is called with each frame that arrives at a node. */
export type FrameHandler = (from: PeerId, frame: Uint8Array) => void;

/** Limits on the frames in flight over one lane. */
export interface LaneLimits {
  readonly framesMax: number;
  readonly bytesMax: number;
}

/**
 * Frames of a simulation that are all checked for changes on their way. Of later ones, every 32nd is. A check that is so
 * rare stays out of the code that the engine compiles for a frame: at every eighth, a frame took 15 % longer.
 */
const CHECKED_FRAMES = 1_000;

/** A frame held back by a clogged lane. */
interface Waiting {
  readonly frame: Uint8Array;
  readonly epoch: number;
  readonly sum: number;
  readonly sentUs: number;
}

/** Carries all frames of a simulation. */
export class FrameTraffic implements FrameCarrier {
  delivered = 0;
  lost = 0;
  /** Written so the engine cannot drop the reads that warm the cache. Never read. */
  prefetchSink = 0;
  /** Number of frames sent. */
  #sent = 0;
  readonly #kernel: Kernel;
  readonly #events: EventTable;
  readonly #table: LaneTable;
  readonly #index: LaneIndex;
  readonly #nodes: readonly KernelNode[];
  // Columns indexed by node, with all that a frame needs of a node, so that the nodes themselves are not touched.
  readonly #lives: (Life | undefined)[] = [];
  readonly #names: PeerId[] = [];
  readonly #handlers: (FrameHandler | undefined)[] = [];
  readonly #indices = new Map<PeerId, number>();
  /** Conditions of lanes that have none of their own. */
  readonly #conditions: Conditions;
  readonly #special = new Map<number, Conditions>();
  readonly #waiting = new Map<number, Waiting[]>();
  readonly #limits: LaneLimits;
  readonly #notifyWritable: (lane: number, epoch: number) => void;

  /** `nodes` is indexed by node. `notifyWritable` notifies the sender of a lane that there is room again. */
  constructor(
    kernel: Kernel,
    table: LaneTable,
    index: LaneIndex,
    nodes: readonly KernelNode[],
    conditions: Conditions,
    limits: LaneLimits,
    notifyWritable: (lane: number, epoch: number) => void
  ) {
    this.#kernel = kernel;
    this.#events = kernel.table;
    this.#table = table;
    this.#index = index;
    this.#nodes = nodes;
    this.#conditions = conditions;
    this.#limits = limits;
    this.#notifyWritable = notifyWritable;
  }

  /** Adds a node. Must be called for each node, in the order of their indices. */
  addNode({ index, id }: KernelNode): void {
    this.#indices.set(id, index);
    this.#names.push(id);
    this.#lives.push(undefined);
    this.#handlers.push(undefined);
  }

  /** Returns the index of a node by its name. */
  indexOf(name: PeerId): number | undefined {
    return this.#indices.get(name);
  }

  /** Begins a life of a node. */
  begin({ index }: KernelNode, life: Life): void {
    this.#lives[index] = life;
  }

  /** Ends the life of a node. */
  end({ index }: KernelNode): void {
    this.#lives[index] = undefined;
    this.#handlers[index] = undefined;
  }

  /** Implements `onFrame` of a node's life. */
  handle(node: number, life: Life, handler: FrameHandler): Cancel {
    if (this.#handlers[node]) throw new HandlerTakenError();
    if (this.#lives[node] === life) this.#handlers[node] = handler;
    return () => {
      if (this.#handlers[node] === handler && this.#lives[node] === life) this.#handlers[node] = undefined;
    };
  }

  /** Implements `send` of a node's life. */
  send(node: number, life: Life, to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const other = this.#indices.get(to);
    if (this.#lives[node] !== life) return "down";
    if (other === undefined) {
      this.#kernel.stranger(node, to);
      return "down";
    }
    if (other === node) return this.#sendToSelf(node, life, frame);
    const table = this.#table;
    const lane = this.#index.find(node, other);
    if (lane === NO_LANE || !table.has(lane, FLAG.up)) return "down";
    const frames = table.get(lane, WORD.frames);
    const bytes = table.long(lane, LONG.bytes) + frame.length;
    if (frames > 0 && (frames >= this.#limits.framesMax || bytes > this.#limits.bytesMax)) {
      table.flag(lane, FLAG.full, true);
      return "full";
    }
    table.set(lane, WORD.frames, frames + 1);
    table.setLong(lane, LONG.bytes, bytes);
    this.#kernel.sending?.(node, to);
    const random = table.random(lane);
    const given = this.conditionsOf(lane);
    const lost = random.chance(given.loss);
    const twice = random.chance(given.duplicate);
    const sum = this.#sumAtSend(frame);
    this.#travel(lane, frame, lost ? FATE.loss : FATE.arrival, sum, given, random);
    if (twice) this.#travel(lane, frame, FATE.duplicate, sum, given, random);
    table.keep(lane, random);
    return "sent";
  }

  /** Returns the checksum of a frame; 0 for one that is not checked. */
  #sumAtSend(frame: Uint8Array): number {
    this.#sent += 1;
    return this.#sent <= CHECKED_FRAMES || (this.#sent & 31) === 0 ? frameSum(frame) : 0;
  }

  /** Lets waiting frames through, one an event. */
  release(lane: number): void {
    const [from, to] = [this.#table.get(lane, WORD.from), this.#table.get(lane, WORD.to)];
    const life = this.#nodes[to]?.life;
    const first = this.#waiting.get(lane)?.[0];
    if (!first || !life) return;
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, to, life, from, first.frame, () => {
      if (this.#table.has(lane, FLAG.clogged)) return;
      const waiting = this.#waiting.get(lane);
      const waited = waiting?.shift();
      if (!waited) return;
      if (waiting?.length === 0) this.#forgetWaiting(lane);
      this.release(lane);
      if (this.#table.get(lane, WORD.epoch) !== waited.epoch) return this.#lose();
      if (hasChanged(waited.frame, waited.sum)) throw this.#kernel.changed(from, to, waited.sentUs);
      this.#deliver(lane, from, to, waited.frame);
    });
  }

  /** Loses the waiting frames. */
  drop(lane: number): void {
    this.lost += this.#waiting.get(lane)?.length ?? 0;
    this.#forgetWaiting(lane);
  }

  /** Returns the conditions of a lane. */
  conditionsOf(lane: number): Conditions {
    if (!this.#table.has(lane, FLAG.conditioned)) return this.#conditions;
    return this.#special.get(lane) ?? this.#conditions;
  }

  /** Sets or clears a lane's own conditions. */
  condition(lane: number, special: Conditions | undefined): void {
    if (special) this.#special.set(lane, special);
    else this.#special.delete(lane);
    this.#table.flag(lane, FLAG.conditioned, special !== undefined);
  }

  #forgetWaiting(lane: number): void {
    this.#waiting.delete(lane);
    this.#table.flag(lane, FLAG.waiting, false);
  }

  #sendToSelf(node: number, life: Life, frame: Uint8Array): "sent" {
    const sum = this.#sumAtSend(frame);
    const sentUs = this.#kernel.nowUs;
    const arrive = (): void => {
      if (hasChanged(frame, sum)) throw this.#kernel.changed(node, node, sentUs);
      this.#hand(node, node, frame);
    };
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, node, life, node, frame, arrive);
    return "sent";
  }

  #hand(from: number, to: number, frame: Uint8Array): void {
    const name = this.#names[from];
    if (name !== undefined) this.#handlers[to]?.(name, frame);
  }

  /**
   * Plans the arrival of a frame. It never overtakes one of the same connection, nor the notice that the link is up.
   */
  #travel(lane: number, frame: Uint8Array, fate: Fate, sum: number, given: Conditions, random: SeededRandom): void {
    const table = this.#table;
    const earliestUs = table.long(lane, LONG.earliestUs);
    let atUs = Math.max(this.#kernel.nowUs + drawDelay(given, random), earliestUs);
    if (!random.chance(given.reorder)) {
      atUs = Math.max(atUs, table.long(lane, LONG.lastArrivalUs) + 1);
      table.setLong(lane, LONG.lastArrivalUs, atUs);
    }
    const [from, to, epoch] = [table.get(lane, WORD.from), table.get(lane, WORD.to), table.get(lane, WORD.upEpoch)];
    this.#kernel.carry(atUs, from, to, frame, lane, epoch, fate, sum);
  }

  foresee(event: number): void {
    const lane = this.#events.get(event, FIELD.lane);
    if (lane < 0) return;
    const isHeard = typeof this.#handlers[this.#events.get(event, FIELD.node)] === "function";
    const length = this.#events.bytesOf(event)?.length ?? 0;
    this.prefetchSink ^= this.#table.get(lane, WORD.frames) ^ length ^ (isHeard ? 1 : 0);
  }

  reaches(event: number): boolean {
    const events = this.#events;
    const lane = events.get(event, FIELD.lane);
    const isLost = events.fateOf(event) === FATE.loss || this.#table.get(lane, WORD.epoch) !== events.get(event, FIELD.epoch);
    return !isLost && !this.#table.has(lane, FLAG.held) && this.#handlers[events.get(event, FIELD.node)] !== undefined;
  }

  arrive(event: number): void {
    const events = this.#events;
    const lane = events.get(event, FIELD.lane);
    const epoch = events.get(event, FIELD.epoch);
    const fate = events.fateOf(event);
    const frame = events.bytesOf(event);
    if (!frame) return;
    if (fate === FATE.duplicate) this.#kernel.note("duplicate");
    else this.#drain(lane, epoch, frame.length);
    if (fate === FATE.loss || this.#table.get(lane, WORD.epoch) !== epoch) this.#lose();
    else if (this.#table.has(lane, FLAG.held)) this.#hold(event, lane, epoch, frame);
    else if (hasChanged(frame, events.sumOf(event)))
      throw this.#kernel.changed(events.get(event, FIELD.peer), events.get(event, FIELD.node), events.causeOf(event).causedUs);
    else this.#deliver(lane, events.get(event, FIELD.peer), events.get(event, FIELD.node), frame);
  }

  #hold(event: number, lane: number, epoch: number, frame: Uint8Array): void {
    if (this.#table.has(lane, FLAG.blocked)) {
      this.#lose();
      return;
    }
    // Also while the waiting frames are let through: the order is kept.
    this.#kernel.note("clogged");
    const waits = { frame, epoch, sum: this.#events.sumOf(event), sentUs: this.#events.causeOf(event).causedUs };
    const waiting = this.#waiting.get(lane);
    if (waiting) waiting.push(waits);
    else this.#waiting.set(lane, [waits]);
    this.#table.flag(lane, FLAG.waiting, true);
  }

  #deliver(lane: number, from: number, to: number, frame: Uint8Array): void {
    this.delivered += 1;
    const isCorrupted = this.#isCorrupted(lane);
    if (isCorrupted) this.#kernel.note("corrupted");
    // The flipped bit is drawn only if a handler sees the frame.
    if (this.#handlers[to]) this.#hand(from, to, isCorrupted ? this.#corrupted(lane, frame) : frame);
  }

  #isCorrupted(lane: number): boolean {
    const { corrupt } = this.conditionsOf(lane);
    if (corrupt === 0) return false;
    const random = this.#table.random(lane);
    const drawn = random.chance(corrupt);
    this.#table.keep(lane, random);
    return drawn;
  }

  #corrupted(lane: number, frame: Uint8Array): Uint8Array {
    const random = this.#table.random(lane);
    const changed = corrupted(frame, random);
    this.#table.keep(lane, random);
    return changed;
  }

  #lose(): void {
    this.lost += 1;
    this.#kernel.note("lost");
  }

  #drain(lane: number, epoch: number, length: number): void {
    const table = this.#table;
    // Frames lost with their connection stay in flight until the sender notices that the link is down.
    if (table.get(lane, WORD.upEpoch) !== epoch || table.get(lane, WORD.epoch) !== epoch) return;
    const frames = table.get(lane, WORD.frames) - 1;
    const bytes = table.long(lane, LONG.bytes) - length;
    table.set(lane, WORD.frames, frames);
    table.setLong(lane, LONG.bytes, bytes);
    if (!table.has(lane, FLAG.full) || frames * 2 > this.#limits.framesMax || bytes * 2 > this.#limits.bytesMax) return;
    table.flag(lane, FLAG.full, false);
    this.#notifyWritable(lane, epoch);
  }
}

function hasChanged(frame: Uint8Array, sum: number): boolean {
  return sum !== 0 && frameSum(frame) !== sum;
}

/**
 * Frames on their way over lanes that are up: what becomes of each, and when it arrives.
 */
import type { PeerId } from "../brand.ts";
import { HandlerTakenError } from "../errors.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { Cancel } from "../world.ts";
import { EVENT } from "./event-kind.ts";
import type { FrameCarrier } from "./event-loop.ts";
import { type EventTable, FATE, type Fate, FIELD } from "./event-table.ts";
import type { Kernel, Life } from "./kernel.ts";
import type { Lane } from "./lane.ts";
import type { LaneIndex } from "./lane-index.ts";
import { FLAG, type LaneTable, LONG, WORD } from "./lane-table.ts";
import { type Conditions, corrupted, drawDelay } from "./link-conditions.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** Hears of the frames that arrive at a node. */
export type FrameHandler = (from: PeerId, frame: Uint8Array) => void;

/** What fits on a lane. */
export interface LaneLimits {
  readonly framesMax: number;
  readonly bytesMax: number;
}

/** All frames of a simulation. */
export class FrameTraffic implements FrameCarrier {
  delivered = 0;
  lost = 0;
  /** Of no use, but that what is read for it has to be fetched. */
  foreseen = 0;
  readonly #kernel: Kernel;
  readonly #events: EventTable;
  readonly #table: LaneTable;
  readonly #index: LaneIndex;
  readonly #lanes: readonly Lane[];
  // What a frame needs of nodes that run, by their indices: beside each other, so that the nodes need not be touched.
  readonly #lives: (Life | undefined)[] = [];
  readonly #names: PeerId[] = [];
  readonly #handlers: (FrameHandler | undefined)[] = [];
  readonly #indices = new Map<PeerId, number>();
  /** Of a lane that has none of its own. */
  readonly #conditions: Conditions;
  readonly #limits: LaneLimits;
  readonly #tellWritable: (lane: Lane, epoch: number) => void;

  /** `lanes` by their numbers; `tellWritable` tells the sender of a lane that it has room. */
  constructor(
    kernel: Kernel,
    table: LaneTable,
    index: LaneIndex,
    lanes: readonly Lane[],
    conditions: Conditions,
    limits: LaneLimits,
    tellWritable: (lane: Lane, epoch: number) => void
  ) {
    this.#kernel = kernel;
    this.#events = kernel.table;
    this.#table = table;
    this.#index = index;
    this.#lanes = lanes;
    this.#conditions = conditions;
    this.#limits = limits;
    this.#tellWritable = tellWritable;
  }

  /** To be called with each node that has lanes, or sends. */
  know({ index, id }: SimulatedNode): void {
    this.#names[index] = id;
    this.#indices.set(id, index);
  }

  /** A life of a node begins. */
  begin(node: SimulatedNode, life: Life): void {
    this.know(node);
    this.#lives[node.index] = life;
  }

  /** The life of a node is over. */
  end({ index }: SimulatedNode): void {
    this.#lives[index] = undefined;
    this.#handlers[index] = undefined;
  }

  /** What a life's `onFrame` does. */
  handle(node: number, life: Life, handler: FrameHandler): Cancel {
    if (this.#handlers[node]) throw new HandlerTakenError();
    if (this.#lives[node] === life) this.#handlers[node] = handler;
    return () => {
      if (this.#handlers[node] === handler && this.#lives[node] === life) this.#handlers[node] = undefined;
    };
  }

  /** What a life's `send` does. */
  send(node: number, life: Life, to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const other = this.#indices.get(to);
    if (this.#lives[node] !== life || other === undefined) return "down";
    if (other === node) return this.#sendToSelf(node, life, frame);
    const table = this.#table;
    const lane = this.#index.find(node, other);
    if (lane < 0 || table.get(lane, WORD.upEpoch) === 0) return "down";
    const frames = table.get(lane, WORD.frames);
    const bytes = table.long(lane, LONG.bytes) + frame.length;
    if (frames > 0 && (frames >= this.#limits.framesMax || bytes > this.#limits.bytesMax)) {
      table.flag(lane, FLAG.full, true);
      return "full";
    }
    table.set(lane, WORD.frames, frames + 1);
    table.setLong(lane, LONG.bytes, bytes);
    const random = table.random(lane);
    const given = this.#conditionsOf(lane);
    const lost = random.chance(given.loss);
    const twice = random.chance(given.duplicate);
    this.#travel(lane, frame, lost ? FATE.loss : FATE.arrival, given, random);
    if (twice) this.#travel(lane, frame, FATE.duplicate, given, random);
    table.keep(lane, random);
    return "sent";
  }

  /** Lets the frames that waited through, one an event. */
  release(lane: Lane): void {
    const { to, from } = lane;
    const { life } = to;
    const first = lane.waiting?.[0];
    if (!first || !life) return;
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, to.index, life, from.index, first.frame, () => {
      if (lane.clogged) return;
      const waited = lane.waiting?.shift();
      if (!waited) return;
      if (lane.waiting?.length === 0) lane.waiting = undefined;
      this.refresh(lane);
      this.release(lane);
      if (this.#table.get(lane.number, WORD.epoch) === waited.epoch)
        this.#deliver(lane.number, from.index, to.index, waited.frame);
      else this.#lose();
    });
  }

  /** To be called when a lane is new, was blocked, clogged, emptied, or was given conditions, or no more. */
  refresh(lane: Lane): void {
    this.#table.flag(lane.number, FLAG.held, lane.blocked || lane.clogged || lane.waiting !== undefined);
    this.#table.flag(lane.number, FLAG.conditioned, lane.conditions !== this.#conditions);
  }

  #conditionsOf(lane: number): Conditions {
    if (!this.#table.has(lane, FLAG.conditioned)) return this.#conditions;
    return this.#lanes[lane]?.conditions ?? this.#conditions;
  }

  #sendToSelf(node: number, life: Life, frame: Uint8Array): "sent" {
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, node, life, node, frame, () => this.#hand(node, node, frame));
    return "sent";
  }

  #hand(from: number, to: number, frame: Uint8Array): void {
    const name = this.#names[from];
    if (name !== undefined) this.#handlers[to]?.(name, frame);
  }

  /** A frame never overtakes one of the same connection, nor the news that the link is up. */
  #travel(lane: number, frame: Uint8Array, fate: Fate, given: Conditions, random: SeededRandom): void {
    const table = this.#table;
    const earliestUs = table.long(lane, LONG.earliestUs);
    let atUs = Math.max(this.#kernel.nowUs + drawDelay(given, random), earliestUs);
    if (!random.chance(given.reorder)) {
      atUs = Math.max(atUs, table.long(lane, LONG.lastArrivalUs) + 1);
      table.setLong(lane, LONG.lastArrivalUs, atUs);
    }
    const [from, to, epoch] = [table.get(lane, WORD.from), table.get(lane, WORD.to), table.get(lane, WORD.upEpoch)];
    this.#kernel.carry(atUs, from, to, frame, lane, epoch, fate);
  }

  foresee(event: number): void {
    const lane = this.#events.get(event, FIELD.lane);
    if (lane < 0) return;
    const isHeard = typeof this.#handlers[this.#events.get(event, FIELD.node)] === "function";
    this.foreseen ^= this.#table.get(lane, WORD.frames) ^ (isHeard ? 1 : 0);
  }

  arrive(event: number): void {
    const events = this.#events;
    const lane = events.get(event, FIELD.lane);
    const epoch = events.get(event, FIELD.epoch);
    const fate = events.get(event, FIELD.fate);
    const frame = events.bytesOf(event);
    if (!frame) return;
    if (fate === FATE.duplicate) this.#kernel.note("duplicate");
    else this.#drain(lane, epoch, frame.length);
    if (fate === FATE.loss || this.#table.get(lane, WORD.epoch) !== epoch) this.#lose();
    else if (this.#table.has(lane, FLAG.held)) this.#hold(lane, epoch, frame);
    else this.#deliver(lane, events.get(event, FIELD.peer), events.get(event, FIELD.node), frame);
  }

  #hold(lane: number, epoch: number, frame: Uint8Array): void {
    const held = this.#lanes[lane];
    if (!held || held.blocked) {
      this.#lose();
      return;
    }
    // Behind what waits already: also while that is let through.
    this.#kernel.note("clogged");
    (held.waiting ??= []).push({ frame, epoch });
  }

  #deliver(lane: number, from: number, to: number, frame: Uint8Array): void {
    this.delivered += 1;
    const isCorrupted = this.#isCorrupted(lane);
    if (isCorrupted) this.#kernel.note("corrupted");
    this.#hand(from, to, isCorrupted ? this.#corrupted(lane, frame) : frame);
  }

  #isCorrupted(lane: number): boolean {
    const { corrupt } = this.#conditionsOf(lane);
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
    // What was lost with its connection stays on its way, until the sender notices that it is down.
    if (table.get(lane, WORD.upEpoch) !== epoch || table.get(lane, WORD.epoch) !== epoch) return;
    const frames = table.get(lane, WORD.frames) - 1;
    const bytes = table.long(lane, LONG.bytes) - length;
    table.set(lane, WORD.frames, frames);
    table.setLong(lane, LONG.bytes, bytes);
    if (!table.has(lane, FLAG.full) || frames * 2 > this.#limits.framesMax || bytes * 2 > this.#limits.bytesMax) return;
    table.flag(lane, FLAG.full, false);
    const freed = this.#lanes[lane];
    if (freed) this.#tellWritable(freed, epoch);
  }
}

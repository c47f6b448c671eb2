/**
 * Frames on their way over lanes that are up: what becomes of each, and when it arrives.
 */
import type { PeerId } from "../brand.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { Kernel, Life, SimulatedNode } from "./kernel.ts";
import type { Lane } from "./lane.ts";
import { FLAG, type LaneTable, LONG, WORD } from "./lane-table.ts";
import { type Conditions, corrupted, drawDelay } from "./link-conditions.ts";
import { EVENT, type SimulationEvent } from "./simulation-event.ts";

/** What fits on a lane. */
export interface LaneLimits {
  readonly framesMax: number;
  readonly bytesMax: number;
}

/** All frames of a simulation. */
export class FrameTraffic {
  delivered = 0;
  lost = 0;
  readonly #kernel: Kernel;
  readonly #table: LaneTable;
  readonly #lanes: readonly Lane[];
  readonly #nodes: readonly SimulatedNode[];
  /** Of the nodes: beside each other, so that the sender itself need not be touched. */
  readonly #names: PeerId[] = [];
  /** Of a lane that has none of its own. */
  readonly #conditions: Conditions;
  readonly #limits: LaneLimits;
  readonly #tellWritable: (lane: Lane, epoch: number) => void;

  /** `lanes` by their numbers, `nodes` by their indices; `tellWritable` tells the sender of a lane that it has room. */
  constructor(
    kernel: Kernel,
    table: LaneTable,
    lanes: readonly Lane[],
    nodes: readonly SimulatedNode[],
    conditions: Conditions,
    limits: LaneLimits,
    tellWritable: (lane: Lane, epoch: number) => void
  ) {
    this.#kernel = kernel;
    this.#table = table;
    this.#lanes = lanes;
    this.#nodes = nodes;
    this.#conditions = conditions;
    this.#limits = limits;
    this.#tellWritable = tellWritable;
  }

  /** What a node's `send` does. */
  send(node: SimulatedNode, life: Life, to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const lane = life.up.get(to);
    if (lane === undefined) return to === node.id ? this.#sendToSelf(node, life, frame) : "down";
    const table = this.#table;
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
    this.#travel(lane, frame, lost ? this.#onLoss : this.#onArrival, given, random);
    if (twice) this.#travel(lane, frame, this.#onDuplicate, given, random);
    table.keep(lane, random);
    return "sent";
  }

  /** Lets the frames that waited through, one an event. */
  release(lane: Lane): void {
    const { to, from } = lane;
    const { life } = to;
    const first = lane.waiting?.[0];
    if (!first || !life) return;
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, to, life, from.index, first.frame, () => {
      if (lane.clogged) return;
      const waited = lane.waiting?.shift();
      if (!waited) return;
      if (lane.waiting?.length === 0) lane.waiting = undefined;
      this.refresh(lane);
      this.release(lane);
      if (this.#table.get(lane.number, WORD.epoch) === waited.epoch) this.#deliver(lane.number, waited.frame);
      else this.#lose();
    });
  }

  /** To be called with each new lane. */
  added(lane: Lane): void {
    this.#names[lane.from.index] = lane.from.id;
    this.refresh(lane);
  }

  /** To be called when a lane was blocked, clogged, emptied, or was given conditions, or no more. */
  refresh(lane: Lane): void {
    this.#table.flag(lane.number, FLAG.held, lane.blocked || lane.clogged || lane.waiting !== undefined);
    this.#table.flag(lane.number, FLAG.conditioned, lane.conditions !== this.#conditions);
  }

  #conditionsOf(lane: number): Conditions {
    if (!this.#table.has(lane, FLAG.conditioned)) return this.#conditions;
    return this.#lanes[lane]?.conditions ?? this.#conditions;
  }

  #sendToSelf(node: SimulatedNode, life: Life, frame: Uint8Array): "sent" {
    const arrive = (): void => life.frameHandler?.(node.id, frame);
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, node, life, node.index, frame, arrive);
    return "sent";
  }

  /** A frame never overtakes one of the same connection, nor the news that the link is up. */
  #travel(lane: number, frame: Uint8Array, run: (event: SimulationEvent) => void, given: Conditions, random: SeededRandom): void {
    const table = this.#table;
    const earliestUs = table.long(lane, LONG.earliestUs);
    let atUs = Math.max(this.#kernel.nowUs + drawDelay(given, random), earliestUs);
    if (!random.chance(given.reorder)) {
      atUs = Math.max(atUs, table.long(lane, LONG.lastArrivalUs) + 1);
      table.setLong(lane, LONG.lastArrivalUs, atUs);
    }
    const to = this.#nodes[table.get(lane, WORD.to)];
    // Of no life in particular: the connection knows whether it still is the one.
    const event = this.#kernel.plan(EVENT.frame, atUs, to, undefined, table.get(lane, WORD.from), frame, run);
    event.lane = lane;
    event.epoch = table.get(lane, WORD.upEpoch);
  }

  // What happens to a frame: functions of the event, so that a frame on its way is one object.

  readonly #onArrival = ({ lane, epoch, bytes }: SimulationEvent): void => {
    if (!bytes) return;
    this.#drain(lane, epoch, bytes.length);
    this.#arrive(lane, epoch, bytes);
  };

  readonly #onLoss = ({ lane, epoch, bytes }: SimulationEvent): void => {
    if (!bytes) return;
    this.#drain(lane, epoch, bytes.length);
    this.#lose();
  };

  readonly #onDuplicate = ({ lane, epoch, bytes }: SimulationEvent): void => {
    if (!bytes) return;
    this.#kernel.note("duplicate");
    this.#arrive(lane, epoch, bytes);
  };

  #arrive(lane: number, epoch: number, frame: Uint8Array): void {
    if (this.#table.get(lane, WORD.epoch) !== epoch) this.#lose();
    else if (this.#table.has(lane, FLAG.held)) this.#hold(lane, epoch, frame);
    else this.#deliver(lane, frame);
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

  #deliver(lane: number, frame: Uint8Array): void {
    this.delivered += 1;
    const table = this.#table;
    const handler = this.#nodes[table.get(lane, WORD.to)]?.life?.frameHandler;
    const from = this.#names[table.get(lane, WORD.from)];
    if (from === undefined) return;
    const isCorrupted = this.#isCorrupted(lane);
    if (isCorrupted) this.#kernel.note("corrupted");
    handler?.(from, isCorrupted ? this.#corrupted(lane, frame) : frame);
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

/**
 * The network between simulated nodes: connections that come up, carry frames in order, and break.
 */
import type { PeerId } from "../brand.ts";
import { HandlerTakenError } from "../errors.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { LinkState, Network } from "../world.ts";
import { EVENT, type SimulationEvent } from "./event-heap.ts";
import type { Kernel, Life, LinkHandler, SimulatedNode } from "./kernel.ts";
import { Lane } from "./lane.ts";
import { type Conditions, conditions, corrupted, drawDelay, type LinkConditions } from "./link-conditions.ts";

/**
 * How the simulated network behaves. Frames of one link arrive in order (unless `reorder` says otherwise); those of
 * different links mix as delays have it.
 */
export interface SimulatedNetworkOptions extends LinkConditions {
  /** Where one direction of one link behaves otherwise. @defaultValue nowhere */
  readonly link?: (from: string, to: string) => LinkConditions | undefined;
  /**
   * Which nodes a node is linked with; a link that one end names is there for both. Thousands of nodes need it: all
   * with all would be millions of links. @defaultValue all others
   */
  readonly linked?: (node: string) => Iterable<string>;
  /** Frames on their way over one link in one direction; above it `send` says `full`. @defaultValue 4_096 */
  readonly linkFramesMax?: number;
  /** Bytes on their way likewise. @defaultValue 16 MiB */
  readonly linkBytesMax?: number;
}

/** All links of a simulation. */
export class SimulatedLinks {
  readonly #kernel: Kernel;
  readonly #nodes: ReadonlyMap<PeerId, SimulatedNode>;
  readonly #stream: (label: string) => SeededRandom;
  readonly #options: SimulatedNetworkOptions;
  readonly #framesMax: number;
  readonly #bytesMax: number;
  readonly #conditions: Conditions;
  /** By the other end, for each node by its index. */
  readonly #lanes: Map<SimulatedNode, Lane>[] = [];
  /** Those that a node is linked with, if not with all. */
  #neighbours: Map<SimulatedNode, Set<SimulatedNode>> | undefined;
  delivered = 0;
  lost = 0;

  constructor(
    kernel: Kernel,
    nodes: ReadonlyMap<PeerId, SimulatedNode>,
    stream: (label: string) => SeededRandom,
    options: SimulatedNetworkOptions
  ) {
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#stream = stream;
    this.#options = options;
    this.#framesMax = options.linkFramesMax ?? 4_096;
    this.#bytesMax = options.linkBytesMax ?? 16 * 1024 * 1024;
    this.#conditions = conditions(options);
  }

  /** The network as one life of a node sees it. */
  facet(node: SimulatedNode, life: Life): Network {
    return {
      self: node.id,
      send: (to, frame) => (life.alive ? this.#send(node, life, to, frame) : "down"),
      onFrame: (handle) => {
        if (life.frameHandler) throw new HandlerTakenError();
        life.frameHandler = handle;
        return () => {
          if (life.frameHandler === handle) life.frameHandler = undefined;
        };
      },
      onLink: (handle) => {
        const handler: LinkHandler = { handle, told: false };
        life.linkHandlers.add(handler);
        this.#later(node, life, -1, this.#kernel.nowUs + 1, () => this.#tellAll(life, handler));
        return () => void life.linkHandlers.delete(handler);
      },
    };
  }

  /** To be called when a node came, went, or changed its side: its connections follow. */
  changed(node: SimulatedNode): void {
    for (const other of this.#linkedWith(node)) if (other !== node) this.#evaluate(this.#lane(node, other));
  }

  /** Cuts the link between two nodes, or mends it. */
  cut(one: SimulatedNode, other: SimulatedNode, isCut: boolean): void {
    const lane = this.#lane(one, other);
    lane.cut = isCut;
    lane.back.cut = isCut;
    this.#evaluate(lane);
  }

  /** Frames from one node to another vanish, without a sign, while it is blocked. */
  block(from: SimulatedNode, to: SimulatedNode, isBlocked: boolean): void {
    this.#lane(from, to).blocked = isBlocked;
  }

  /** Frames from one node to another wait while it is clogged, then arrive in order. */
  clog(from: SimulatedNode, to: SimulatedNode, isClogged: boolean): void {
    const lane = this.#lane(from, to);
    lane.clogged = isClogged;
    if (!isClogged) this.#release(lane);
  }

  /** This direction behaves otherwise; without conditions as at the beginning. */
  condition(from: SimulatedNode, to: SimulatedNode, given: LinkConditions | undefined): void {
    this.#lane(from, to).conditions = this.#conditionsOf(from, to, given);
  }

  /** Ends every cut, block and clog between two nodes, and what was conditioned. */
  mend(one: SimulatedNode, other: SimulatedNode): void {
    const lane = this.#lanes[one.index]?.get(other);
    if (!lane) return;
    for (const { from, to } of [lane, lane.back]) {
      this.block(from, to, false);
      this.clog(from, to, false);
      this.condition(from, to, undefined);
    }
    this.cut(one, other, false);
  }

  /** Ends them all. */
  mendAll(): void {
    for (const lanes of this.#lanes)
      for (const { from, to } of lanes?.values() ?? []) if (from.index < to.index) this.mend(from, to);
  }

  // ── connections ──

  #linkedWith(node: SimulatedNode): Iterable<SimulatedNode> {
    const { linked } = this.#options;
    if (!linked) return this.#nodes.values();
    if (!this.#neighbours) {
      const neighbours = new Map(Array.from(this.#nodes.values(), (one) => [one, new Set<SimulatedNode>()]));
      for (const one of this.#nodes.values()) {
        for (const id of linked(one.id)) {
          const other = this.#kernel.node(id);
          neighbours.get(one)?.add(other);
          neighbours.get(other)?.add(one);
        }
      }
      this.#neighbours = neighbours;
    }
    return this.#neighbours.get(node) ?? [];
  }

  #lane(from: SimulatedNode, to: SimulatedNode): Lane {
    const known = this.#lanes[from.index]?.get(to);
    if (known) return known;
    const lane = this.#newLane(from, to);
    const back = this.#newLane(to, from);
    lane.back = back;
    back.back = lane;
    (this.#lanes[from.index] ??= new Map()).set(to, lane);
    (this.#lanes[to.index] ??= new Map()).set(from, back);
    return lane;
  }

  #newLane(from: SimulatedNode, to: SimulatedNode): Lane {
    const random = this.#stream(`link/${from.id} ${to.id}`);
    return new Lane(from, to, random, this.#conditionsOf(from, to, undefined));
  }

  #conditionsOf(from: SimulatedNode, to: SimulatedNode, given: LinkConditions | undefined): Conditions {
    const special = this.#options.link?.(from.id, to.id);
    return special || given ? conditions({ ...this.#options, ...special, ...given }) : this.#conditions;
  }

  #evaluate(lane: Lane): void {
    const { from, to, back } = lane;
    const connected = from.life !== undefined && to.life !== undefined && from.group === to.group && !lane.cut;
    if (connected === lane.connected) return;
    const [first, second] = from.index < to.index ? [lane, back] : [back, lane];
    for (const one of [first, second]) {
      one.connected = connected;
      one.epoch += 1;
      this.lost += one.waiting?.length ?? 0;
      one.waiting = undefined;
    }
    this.#tellLater(first);
    this.#tellLater(second);
  }

  /** Each end learns of the change by itself, and of one change after the other. */
  #tellLater(lane: Lane): void {
    const { from, to, connected, epoch } = lane;
    const { life } = from;
    if (!life) return;
    const atUs = Math.max(this.#kernel.nowUs + drawDelay(lane.conditions, lane.random), lane.toldUs + 1);
    lane.toldUs = atUs;
    this.#later(from, life, to.index, atUs, () => {
      if (connected) {
        if (lane.epoch !== epoch) return;
        lane.upEpoch = epoch;
        lane.frames = 0;
        lane.bytes = 0;
        lane.full = false;
        // Both ends were told of this connection's times when it came up.
        lane.earliestUs = lane.back.toldUs + 1;
        lane.lastArrivalUs = 0;
        life.up.set(to.id, lane);
        this.#tell(life, to.id, "up");
      } else if (life.up.delete(to.id)) {
        lane.upEpoch = 0;
        this.#tell(life, to.id, "down");
      }
    });
  }

  #tell(life: Life, peer: PeerId, state: LinkState): void {
    this.#kernel.note(state);
    for (const handler of life.linkHandlers) if (handler.told) handler.handle(peer, state);
  }

  #tellAll(life: Life, handler: LinkHandler): void {
    handler.told = true;
    const up = Array.from(life.up.values(), ({ to }) => to).sort((one, other) => one.index - other.index);
    for (const { id } of up) if (life.up.has(id) && life.linkHandlers.has(handler)) handler.handle(id, "up");
  }

  // ── frames ──

  #send(node: SimulatedNode, life: Life, to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const lane = life.up.get(to);
    if (!lane) {
      if (to !== node.id) return "down";
      const arrive = (): void => life.frameHandler?.(node.id, frame);
      this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, node, life, node.index, frame, arrive);
      return "sent";
    }
    if (lane.frames > 0 && (lane.frames >= this.#framesMax || lane.bytes + frame.length > this.#bytesMax)) {
      lane.full = true;
      return "full";
    }
    lane.frames += 1;
    lane.bytes += frame.length;
    const { random, conditions: given } = lane;
    const lost = random.chance(given.loss);
    const twice = random.chance(given.duplicate);
    this.#travel(lane, frame, lost ? this.#onLoss : this.#onArrival);
    if (twice) this.#travel(lane, frame, this.#onDuplicate);
    return "sent";
  }

  /** A frame never overtakes one of the same connection, nor the news that the link is up. */
  #travel(lane: Lane, frame: Uint8Array, run: (event: SimulationEvent) => void): void {
    const { random, conditions: given } = lane;
    let atUs = Math.max(this.#kernel.nowUs + drawDelay(given, random), lane.earliestUs);
    if (!random.chance(given.reorder)) {
      atUs = Math.max(atUs, lane.lastArrivalUs + 1);
      lane.lastArrivalUs = atUs;
    }
    // Of no life in particular: the connection knows whether it still is the one.
    const event = this.#kernel.plan(EVENT.frame, atUs, lane.to, undefined, lane.from.index, frame, run);
    event.lane = lane;
    event.epoch = lane.upEpoch;
  }

  // What happens to a frame: functions of the event, so that a frame on its way is one object.

  readonly #onArrival = ({ lane, epoch, bytes }: SimulationEvent): void => {
    if (!lane || !bytes) return;
    this.#drain(lane, epoch, bytes.length);
    this.#arrive(lane, epoch, bytes);
  };

  readonly #onLoss = ({ lane, epoch, bytes }: SimulationEvent): void => {
    if (!lane || !bytes) return;
    this.#drain(lane, epoch, bytes.length);
    this.#lose();
  };

  readonly #onDuplicate = ({ lane, epoch, bytes }: SimulationEvent): void => {
    if (!lane || !bytes) return;
    this.#kernel.note("duplicate");
    this.#arrive(lane, epoch, bytes);
  };

  #arrive(lane: Lane, epoch: number, frame: Uint8Array): void {
    if (lane.epoch !== epoch || lane.blocked) {
      this.#lose();
      return;
    }
    // Behind what waits already: also while that is let through.
    if (lane.clogged || lane.waiting) {
      this.#kernel.note("clogged");
      (lane.waiting ??= []).push({ frame, epoch });
      return;
    }
    this.#deliver(lane, frame);
  }

  #deliver(lane: Lane, frame: Uint8Array): void {
    this.delivered += 1;
    const handler = lane.to.life?.frameHandler;
    const { corrupt } = lane.conditions;
    if (corrupt > 0 && lane.random.chance(corrupt)) {
      this.#kernel.note("corrupted");
      handler?.(lane.fromId, corrupted(frame, lane.random));
    } else handler?.(lane.fromId, frame);
  }

  /** Lets the frames that waited through, one an event. */
  #release(lane: Lane): void {
    const { to, from } = lane;
    const { life } = to;
    const first = lane.waiting?.[0];
    if (!first || !life) return;
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, to, life, from.index, first.frame, () => {
      if (lane.clogged) return;
      const waited = lane.waiting?.shift();
      if (!waited) return;
      if (lane.waiting?.length === 0) lane.waiting = undefined;
      this.#release(lane);
      if (lane.epoch === waited.epoch) this.#deliver(lane, waited.frame);
      else this.#lose();
    });
  }

  #lose(): void {
    this.lost += 1;
    this.#kernel.note("lost");
  }

  #drain(lane: Lane, epoch: number, length: number): void {
    // What was lost with its connection stays on its way, until the sender notices that it is down.
    if (lane.upEpoch !== epoch || lane.epoch !== epoch) return;
    lane.frames -= 1;
    lane.bytes -= length;
    if (!lane.full || lane.frames * 2 > this.#framesMax || lane.bytes * 2 > this.#bytesMax) return;
    lane.full = false;
    const { from, to } = lane;
    const { life } = from;
    if (!life) return;
    this.#later(from, life, to.index, this.#kernel.nowUs + 1, () => {
      if (life.up.get(to.id) === lane && lane.upEpoch === epoch) this.#tell(life, to.id, "writable");
    });
  }

  #later(node: SimulatedNode, life: Life, peer: number, atUs: number, run: () => void): void {
    if (life.alive) this.#kernel.plan(EVENT.link, atUs, node, life, peer, undefined, run);
  }
}

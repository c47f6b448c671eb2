/**
 * The network between simulated nodes: connections that come up, carry frames in order, and break.
 */
import type { PeerId } from "../brand.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { LinkState, Network } from "../world.ts";
import { FrameTraffic } from "./frame-traffic.ts";
import type { Kernel, Life, LinkHandler } from "./kernel.ts";
import { Lane } from "./lane.ts";
import { LaneIndex } from "./lane-index.ts";
import { LaneTable, WORD } from "./lane-table.ts";
import { type Conditions, conditions, drawDelay, type LinkConditions } from "./link-conditions.ts";
import { NodeNetwork } from "./node-network.ts";
import { EVENT } from "./event-kind.ts";
import type { SimulatedNode } from "./simulated-node.ts";

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

/** All links of a simulation: connections that come up and break. */
export class SimulatedLinks {
  /** What they carry. */
  readonly traffic: FrameTraffic;
  readonly #kernel: Kernel;
  readonly #nodes: readonly SimulatedNode[];
  readonly #stream: (label: string) => SeededRandom;
  readonly #options: SimulatedNetworkOptions;
  readonly #conditions: Conditions;
  readonly #table: LaneTable = new LaneTable();
  readonly #index: LaneIndex = new LaneIndex(this.#table);
  /** By their numbers. */
  readonly #lanes: Lane[] = [];
  /** Those of each node, by its index. */
  readonly #lanesOf: Lane[][] = [];
  /** Those that a node is linked with, if not with all. */
  #neighbours: Map<SimulatedNode, Set<SimulatedNode>> | undefined;

  /** `nodes` by their indices; `stream` makes the stream of chance of each lane. */
  constructor(
    kernel: Kernel,
    nodes: readonly SimulatedNode[],
    stream: (label: string) => SeededRandom,
    options: SimulatedNetworkOptions
  ) {
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#stream = stream;
    this.#options = options;
    this.#conditions = conditions(options);
    const limits = { framesMax: options.linkFramesMax ?? 4_096, bytesMax: options.linkBytesMax ?? 16 * 1024 * 1024 };
    this.traffic = new FrameTraffic(kernel, this.#table, this.#index, this.#lanes, this.#conditions, limits, (lane, epoch) =>
      this.#writable(lane, epoch)
    );
  }

  /** The network as one life of a node sees it. */
  facet(node: SimulatedNode, life: Life): Network {
    this.traffic.begin(node, life);
    return new NodeNetwork(this.traffic, this.#attached, node, life);
  }

  /** To be called when a node came, went, or changed its side: its connections follow. */
  changed(node: SimulatedNode): void {
    if (!node.life) this.#forget(node);
    for (const other of this.#linkedWith(node)) if (other !== node) this.#evaluate(this.#lane(node, other));
  }

  /** Which links a node believes to be up. */
  upOf(node: SimulatedNode): PeerId[] {
    return this.#up(node).map(({ to }) => to.id);
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
    const lane = this.#lane(from, to);
    lane.blocked = isBlocked;
    this.traffic.refresh(lane);
  }

  /** Frames from one node to another wait while it is clogged, then arrive in order. */
  clog(from: SimulatedNode, to: SimulatedNode, isClogged: boolean): void {
    const lane = this.#lane(from, to);
    lane.clogged = isClogged;
    this.traffic.refresh(lane);
    if (!isClogged) this.traffic.release(lane);
  }

  /** This direction behaves otherwise; without conditions as at the beginning. */
  condition(from: SimulatedNode, to: SimulatedNode, given: LinkConditions | undefined): void {
    const lane = this.#lane(from, to);
    lane.conditions = this.#conditionsOf(from, to, given);
    this.traffic.refresh(lane);
  }

  /** Ends every cut, block and clog between two nodes, and what was conditioned. */
  mend(one: SimulatedNode, other: SimulatedNode): void {
    const lane = this.#lanes[this.#index.find(one.index, other.index)];
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
    for (const lanes of this.#lanesOf)
      for (const { from, to } of lanes ?? []) if (from.index < to.index) this.mend(from, to);
  }

  /** All streams of chance begin anew. */
  reseed(): void {
    for (const lane of this.#lanes) this.#seed(lane);
  }

  // ── connections ──

  #linkedWith(node: SimulatedNode): Iterable<SimulatedNode> {
    const { linked } = this.#options;
    if (!linked) return this.#nodes;
    if (!this.#neighbours) {
      const neighbours = new Map(this.#nodes.map((one) => [one, new Set<SimulatedNode>()]));
      for (const one of this.#nodes) {
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
    const known = this.#lanes[this.#index.find(from.index, to.index)];
    if (known) return known;
    const lane = this.#newLane(from, to);
    const back = this.#newLane(to, from);
    lane.back = back;
    back.back = lane;
    return lane;
  }

  #newLane(from: SimulatedNode, to: SimulatedNode): Lane {
    const number = this.#table.add(from.index, to.index);
    const lane = new Lane(number, from, to, this.#conditionsOf(from, to, undefined));
    this.#lanes.push(lane);
    (this.#lanesOf[from.index] ??= []).push(lane);
    this.#index.add(number);
    this.#seed(lane);
    this.traffic.know(from);
    this.traffic.refresh(lane);
    return lane;
  }

  #seed({ number, from, to }: Lane): void {
    this.#table.keep(number, this.#stream(`link/${from.id} ${to.id}`));
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
      this.#table.set(one.number, WORD.epoch, this.#table.get(one.number, WORD.epoch) + 1);
      this.traffic.lost += one.waiting?.length ?? 0;
      one.waiting = undefined;
      this.traffic.refresh(one);
    }
    this.#tellLater(first);
    this.#tellLater(second);
  }

  /** Each end learns of the change by itself, and of one change after the other. */
  #tellLater(lane: Lane): void {
    const { from, to, connected, number, conditions: given } = lane;
    const { life } = from;
    if (!life) return;
    const table = this.#table;
    const epoch = table.get(number, WORD.epoch);
    const random = table.random(number);
    const atUs = Math.max(this.#kernel.nowUs + drawDelay(given, random), lane.toldUs + 1);
    table.keep(number, random);
    lane.toldUs = atUs;
    this.#later(from, life, to.index, atUs, () => {
      if (connected) {
        if (table.get(number, WORD.epoch) !== epoch) return;
        // Both ends were told of this connection's times when it came up.
        table.open(number, epoch, lane.back.toldUs + 1);
        this.#tell(life, to.id, "up");
      } else if (this.#isUp(lane)) {
        table.set(number, WORD.upEpoch, 0);
        this.#tell(life, to.id, "down");
      }
    });
  }

  readonly #attached = (node: SimulatedNode, life: Life, handler: LinkHandler): void => {
    this.#later(node, life, -1, this.#kernel.nowUs + 1, () => this.#tellAll(node, life, handler));
  };

  #tell(life: Life, peer: PeerId, state: LinkState): void {
    this.#kernel.note(state);
    for (const handler of life.linkHandlers) if (handler.told) handler.handle(peer, state);
  }

  #tellAll(node: SimulatedNode, life: Life, handler: LinkHandler): void {
    handler.told = true;
    for (const lane of this.#up(node).sort((one, other) => one.to.index - other.to.index))
      if (this.#isUp(lane) && life.linkHandlers.has(handler)) handler.handle(lane.to.id, "up");
  }

  #up(node: SimulatedNode): Lane[] {
    return (this.#lanesOf[node.index] ?? []).filter((lane) => this.#isUp(lane));
  }

  #isUp({ number }: Lane): boolean {
    return this.#table.get(number, WORD.upEpoch) !== 0;
  }

  #forget(node: SimulatedNode): void {
    this.traffic.end(node);
    for (const { number } of this.#lanesOf[node.index] ?? []) this.#table.set(number, WORD.upEpoch, 0);
  }

  #writable(lane: Lane, epoch: number): void {
    const { from, to, number } = lane;
    const { life } = from;
    if (!life) return;
    this.#later(from, life, to.index, this.#kernel.nowUs + 1, () => {
      if (this.#table.get(number, WORD.upEpoch) === epoch) this.#tell(life, to.id, "writable");
    });
  }

  #later(node: SimulatedNode, life: Life, peer: number, atUs: number, run: () => void): void {
    if (life.alive) this.#kernel.plan(EVENT.link, atUs, node.index, life, peer, undefined, run);
  }
}

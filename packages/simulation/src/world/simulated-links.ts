/**
 * Network between simulated nodes: connections that come up, carry frames in order, and break.
 */
import type { LinkState, Network, PeerId, SeededRandom } from "@void-system/effects";
import { EVENT } from "../engine/event-kind.ts";
import { FrameTraffic } from "./frame-traffic.ts";
import { GuestNetwork } from "./guest-network.ts";
import type { Kernel, KernelNode, Life, LinkHandler } from "./kernel.ts";
import { LaneIndex } from "./lane-index.ts";
import { FLAG, LaneTable, NO_LANE, WORD } from "./lane-table.ts";
import { conditions, drawDelay, type LinkConditions } from "./link-conditions.ts";
import { type LinkControl, NodeNetwork } from "./node-network.ts";

/**
 * Behaviour of the simulated network. Frames of one link arrive in order, unless `reorder` is set. Frames of different
 * links interleave as their delays decide.
 */
export interface SimulatedNetworkOptions extends LinkConditions {
  /** Returns the conditions of one direction of one link, where they differ. @defaultValue the same for all */
  readonly link?: (from: string, to: string) => LinkConditions | undefined;
  /**
   * Returns the peers of a node. A link exists if either end names it, or has dialed the other. Thousands of nodes need this option, since a
   * full mesh would be millions of links. Clients of a workload are linked with all nodes anyway. @defaultValue all
   * others
   */
  readonly linked?: (node: string) => Iterable<string>;
  /**
   * Returns how long a node that is down stays silent, in milliseconds. Its links break and dials to it fail only after
   * that time, as with a machine without power. @defaultValue 0: both happen at once, as with a process that has ended
   */
  readonly silentMs?: (node: string) => number;
  /** Most frames in flight over one link in one direction. Beyond it, `send` answers `full`. @defaultValue 4_096 */
  readonly linkFramesMax?: number;
  /** Most bytes in flight over one link in one direction. @defaultValue 16 MiB */
  readonly linkBytesMax?: number;
}

/** All links of a simulation: connections that come up and break. */
export class SimulatedLinks implements LinkControl {
  /** Frames that the links carry. */
  readonly traffic: FrameTraffic;
  readonly #kernel: Kernel;
  readonly #nodes: readonly KernelNode[];
  readonly #stream: (label: string) => SeededRandom;
  readonly #options: SimulatedNetworkOptions;
  readonly #table: LaneTable = new LaneTable();
  readonly #index: LaneIndex = new LaneIndex(this.#table);
  /** Peers of each node, unless all nodes are linked with each other. */
  #neighbours: Map<KernelNode, Set<KernelNode>> | undefined;

  /** `nodes` is indexed by node. `stream` makes the random stream of a lane. */
  constructor(
    kernel: Kernel,
    nodes: readonly KernelNode[],
    stream: (label: string) => SeededRandom,
    options: SimulatedNetworkOptions
  ) {
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#stream = stream;
    this.#options = options;
    const limits = { framesMax: options.linkFramesMax ?? 4_096, bytesMax: options.linkBytesMax ?? 16 * 1024 * 1024 };
    const writable = (lane: number, epoch: number): void => this.#writable(lane, epoch);
    const usual = conditions(options);
    this.traffic = new FrameTraffic(kernel, this.#table, this.#index, nodes, usual, limits, writable);
  }

  /** Adds a node. Must be called for each node, in the order of their indices. */
  addNode(node: KernelNode): void {
    this.#table.addNode();
    this.traffic.addNode(node);
  }

  /** Returns the network of one life of a node. */
  networkOf(node: KernelNode, life: Life): Network {
    this.traffic.begin(node, life);
    const network = new NodeNetwork(this.traffic, this, node, life);
    if (life.networked) return network;
    return new GuestNetwork(network, () => {
      if (life.networked || !life.alive) return;
      life.networked = true;
      this.changed(node);
    });
  }

  /** Updates the connections of a node. Must be called when the node came, went or changed its group. */
  changed(node: KernelNode): void {
    if (!node.life) this.#forget(node);
    for (const other of this.#linkedWith(node)) if (other !== node) this.#evaluate(this.#lane(node, other));
    for (const lane of this.#table.of(node.index)) if (this.#table.has(lane, FLAG.dialed)) this.#evaluate(lane);
  }

  /** Returns the peers whose links a node believes to be up. */
  upOf(node: KernelNode): PeerId[] {
    return this.#up(node).map((lane) => this.#to(lane).id);
  }

  /** Cuts the link between two nodes, or mends it. */
  cut(one: KernelNode, other: KernelNode, isCut: boolean): void {
    const lane = this.#lane(one, other);
    this.#table.flag(lane, FLAG.cut, isCut);
    this.#table.flag(this.#table.back(lane), FLAG.cut, isCut);
    this.#evaluate(lane);
  }

  /** Loses frames from one node to another silently, or stops losing them. */
  block(from: KernelNode, to: KernelNode, isBlocked: boolean): void {
    this.#table.flag(this.#lane(from, to), FLAG.blocked, isBlocked);
  }

  /** Holds back frames from one node to another, or lets them arrive in order. */
  clog(from: KernelNode, to: KernelNode, isClogged: boolean): void {
    const lane = this.#lane(from, to);
    this.#table.flag(lane, FLAG.clogged, isClogged);
    if (!isClogged) this.traffic.release(lane);
  }

  /** Sets the conditions of one direction, or restores those of the beginning. */
  condition(from: KernelNode, to: KernelNode, given: LinkConditions | undefined): void {
    const special = this.#options.link?.(from.id, to.id);
    const all = special || given ? conditions({ ...this.#options, ...special, ...given }) : undefined;
    this.traffic.condition(this.#lane(from, to), all);
  }

  /** Ends every cut, block and clog between two nodes, and restores their conditions. */
  mend(one: KernelNode, other: KernelNode): void {
    if (this.#index.find(one.index, other.index) === NO_LANE) return;
    for (const [from, to] of [[one, other], [other, one]] as const) {
      this.block(from, to, false);
      this.clog(from, to, false);
      this.condition(from, to, undefined);
    }
    this.cut(one, other, false);
  }

  /** Mends the links between all nodes. */
  mendAll(): void {
    const table = this.#table;
    for (const one of this.#nodes) {
      const ahead = table.of(one.index).filter((lane) => table.get(lane, WORD.to) > one.index);
      for (const lane of ahead.toReversed()) this.mend(one, this.#to(lane));
    }
  }

  /** Restarts the random streams of all lanes from the current seed. */
  reseed(): void {
    for (let lane = 0; lane < this.#table.size; lane += 1) this.#seed(lane);
  }

  // ── what the networks of nodes ask for ──

  attached(node: KernelNode, life: Life, handler: LinkHandler): void {
    this.#later(node, life, -1, this.#kernel.nowUs + 1, () => this.#reportUpLinks(node, life, handler));
  }

  dial(node: KernelNode, life: Life, peer: PeerId): void {
    if (!life.alive || peer === node.id) return;
    const index = this.traffic.indexOf(peer);
    if (index === undefined) {
      this.#later(node, life, -1, this.#kernel.nowUs + 1, () => this.#notify(life, peer, "failed"));
      return;
    }
    const [table, other] = [this.#table, this.#node(index)];
    const lane = this.#lane(node, other);
    if (table.has(lane, FLAG.connected) || table.has(lane, FLAG.failing) || this.#isUp(lane)) return;
    for (const one of [lane, table.back(lane)]) table.flag(one, FLAG.dialed, true);
    this.#evaluate(lane);
    if (table.has(lane, FLAG.connected)) return;
    for (const one of [lane, table.back(lane)]) table.flag(one, FLAG.dialed, false);
    this.#failLater(node, life, other, lane);
  }

  hangUp(node: KernelNode, life: Life, peer: PeerId): void {
    const index = this.traffic.indexOf(peer);
    const lane = index === undefined ? NO_LANE : this.#index.find(node.index, index);
    if (!life.alive || lane === NO_LANE || !this.#table.has(lane, FLAG.dialed)) return;
    for (const one of [lane, this.#table.back(lane)]) this.#table.flag(one, FLAG.dialed, false);
    this.#evaluate(lane);
  }

  // ── connections ──

  #linkedWith(node: KernelNode): Iterable<KernelNode> {
    return this.#linked(node) ?? this.#nodes;
  }

  /** Returns the peers of a node; undefined if it is linked with all. */
  #linked(node: KernelNode): ReadonlySet<KernelNode> | undefined {
    const { linked } = this.#options;
    if (!linked) return undefined;
    if (!this.#neighbours) {
      const neighbours = new Map(this.#nodes.map((one) => [one, new Set<KernelNode>()]));
      const hosts = this.#nodes.filter(({ isGuest }) => !isGuest).map(({ id }) => id);
      for (const one of this.#nodes) {
        for (const id of one.isGuest ? hosts : linked(one.id)) {
          const other = this.#kernel.node(id);
          neighbours.get(one)?.add(other);
          neighbours.get(other)?.add(one);
        }
      }
      this.#neighbours = neighbours;
    }
    return this.#neighbours.get(node) ?? new Set();
  }

  /** Returns the lane from one node to another, and adds it if it is new. */
  #lane(from: KernelNode, to: KernelNode): number {
    const known = this.#index.find(from.index, to.index);
    if (known !== NO_LANE) return known;
    const lane = this.#table.add(from.index, to.index);
    for (const one of [lane, this.#table.back(lane)]) {
      this.#index.add(one);
      this.#seed(one);
      this.condition(this.#from(one), this.#to(one), undefined);
    }
    return lane;
  }

  #from(lane: number): KernelNode {
    return this.#node(this.#table.get(lane, WORD.from));
  }

  #to(lane: number): KernelNode {
    return this.#node(this.#table.get(lane, WORD.to));
  }

  #node(index: number): KernelNode {
    const node = this.#nodes[index];
    if (!node) throw new RangeError(`expected the index of a node, got ${index}`);
    return node;
  }

  #evaluate(lane: number): void {
    const table = this.#table;
    const [from, to, back] = [this.#from(lane), this.#to(lane), table.back(lane)];
    const both = from.life?.networked === true && to.life?.networked === true && !(from.isGuest && to.isGuest);
    const linked = both && (this.#linked(from)?.has(to) !== false || table.has(lane, FLAG.dialed));
    const connected = linked && from.group === to.group && !table.has(lane, FLAG.cut);
    if (connected === table.has(lane, FLAG.connected)) return;
    const [first, second] = from.index < to.index ? [lane, back] : [back, lane];
    for (const one of [first, second]) {
      table.flag(one, FLAG.connected, connected);
      table.set(one, WORD.epoch, table.get(one, WORD.epoch) + 1);
      this.traffic.drop(one);
      if (!connected) table.flag(one, FLAG.dialed, false);
    }
    this.#notifyLater(first);
    this.#notifyLater(second);
  }

  /**
   * Plans the notice of a link's change to the sender. Each end is notified separately, and of one change after the
   * other.
   */
  #notifyLater(lane: number): void {
    const table = this.#table;
    const [from, to] = [this.#from(lane), this.#to(lane)];
    const { life } = from;
    if (!life) return;
    const connected = table.has(lane, FLAG.connected);
    const epoch = table.get(lane, WORD.epoch);
    const random = table.random(lane);
    const delayUs = drawDelay(this.traffic.conditionsOf(lane), random);
    table.keep(lane, random);
    const silentUs = connected ? 0 : this.#silentUs(to);
    const atUs = Math.max(this.#kernel.nowUs + silentUs + delayUs, table.noticeUs(lane) + 1);
    table.setNoticeUs(lane, atUs);
    this.#later(from, life, to.index, atUs, () => {
      if (connected) {
        if (table.get(lane, WORD.epoch) !== epoch) return;
        // The times of both notices were drawn when the connection came up.
        table.open(lane, epoch, table.noticeUs(table.back(lane)) + 1);
        this.#notify(life, to.id, "up");
      } else if (this.#isUp(lane)) {
        table.set(lane, WORD.upEpoch, 0);
        table.flag(lane, FLAG.up, false);
        this.#notify(life, to.id, "down");
      }
    });
  }

  #seed(lane: number): void {
    this.#table.keep(lane, this.#stream(`link/${this.#from(lane).id} ${this.#to(lane).id}`));
  }

  /** Plans the failure of a dial, after a round trip and the peer's silence. */
  #failLater(from: KernelNode, life: Life, to: KernelNode, lane: number): void {
    const table = this.#table;
    const random = table.random(lane);
    const given = this.traffic.conditionsOf(lane);
    const delayUs = drawDelay(given, random) + drawDelay(given, random);
    table.keep(lane, random);
    table.flag(lane, FLAG.failing, true);
    this.#later(from, life, to.index, this.#kernel.nowUs + this.#silentUs(to) + delayUs, () => {
      table.flag(lane, FLAG.failing, false);
      this.#notify(life, to.id, "failed");
    });
  }

  /** Returns how long a node does not answer because it is down, in microseconds. */
  #silentUs(node: KernelNode): number {
    return node.life ? 0 : Math.round((this.#options.silentMs?.(node.id) ?? 0) * 1000);
  }

  #notify(life: Life, peer: PeerId, state: LinkState): void {
    this.#kernel.note(state);
    for (const handler of life.linkHandlers) if (handler.ready) handler.handle(peer, state);
  }

  #reportUpLinks(node: KernelNode, life: Life, handler: LinkHandler): void {
    if (!life.linkHandlers.includes(handler)) return;
    handler.ready = true;
    const up = this.#up(node).map((lane) => ({ lane, to: this.#to(lane) }));
    for (const { lane, to } of up.sort((one, other) => one.to.index - other.to.index))
      if (this.#isUp(lane) && handler.ready) handler.handle(to.id, "up");
  }

  #up(node: KernelNode): number[] {
    return this.#table.of(node.index).filter((lane) => this.#isUp(lane));
  }

  #isUp(lane: number): boolean {
    return this.#table.has(lane, FLAG.up);
  }

  /** Forgets the links of a life that is over: the next life begins without links. */
  #forget(node: KernelNode): void {
    this.traffic.end(node);
    for (const lane of this.#table.of(node.index))
      for (const flag of [FLAG.up, FLAG.failing]) this.#table.flag(lane, flag, false);
  }

  #writable(lane: number, epoch: number): void {
    const [from, to] = [this.#from(lane), this.#to(lane)];
    const { life } = from;
    if (!life) return;
    this.#later(from, life, to.index, this.#kernel.nowUs + 1, () => {
      if (this.#isUp(lane) && this.#table.get(lane, WORD.upEpoch) === epoch) this.#notify(life, to.id, "writable");
    });
  }

  #later(node: KernelNode, life: Life, peer: number, atUs: number, run: () => void): void {
    if (life.alive) this.#kernel.plan(EVENT.link, atUs, node.index, life, peer, undefined, run);
  }
}

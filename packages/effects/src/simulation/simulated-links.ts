/**
 * The network between simulated nodes: connections that come up, carry frames in order, and break.
 */
import type { PeerId } from "../brand.ts";
import { HandlerTakenError } from "../errors.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { LinkState, Network } from "../world.ts";
import { EVENT } from "./event-heap.ts";
import type { Direction, Kernel, Life, LinkHandler, Pair, SimulatedNode, Way } from "./kernel.ts";
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
  readonly #pairs: Map<SimulatedNode, Pair>[] = [];
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
    for (const other of this.#linkedWith(node)) if (other !== node) this.#evaluate(this.#pair(node, other));
  }

  /** Cuts the link between two nodes, or mends it. */
  cut(one: SimulatedNode, other: SimulatedNode, isCut: boolean): void {
    const pair = this.#pair(one, other);
    pair.cut = isCut;
    this.#evaluate(pair);
  }

  /** Frames from one node to another vanish, without a sign, while it is blocked. */
  block(from: SimulatedNode, to: SimulatedNode, isBlocked: boolean): void {
    this.#pair(from, to).directions[direction(from, to)].blocked = isBlocked;
  }

  /** Frames from one node to another wait while it is clogged, then arrive in order. */
  clog(from: SimulatedNode, to: SimulatedNode, isClogged: boolean): void {
    const way = this.#pair(from, to).directions[direction(from, to)];
    way.clogged = isClogged;
    if (!isClogged) this.#release(way, from, to);
  }

  /** This direction behaves otherwise; without conditions as at the beginning. */
  condition(from: SimulatedNode, to: SimulatedNode, given: LinkConditions | undefined): void {
    this.#pair(from, to).directions[direction(from, to)].conditions = this.#conditionsOf(from, to, given);
  }

  /** Ends every cut, block and clog between two nodes, and what was conditioned. */
  mend(one: SimulatedNode, other: SimulatedNode): void {
    const pair = this.#pairs[one.index]?.get(other);
    if (!pair) return;
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.block(from, to, false);
      this.clog(from, to, false);
      this.condition(from, to, undefined);
    }
    this.cut(one, other, false);
  }

  /** Ends them all. */
  mendAll(): void {
    for (const pairs of this.#pairs) for (const { ends } of pairs?.values() ?? []) this.mend(...ends);
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

  #pair(one: SimulatedNode, other: SimulatedNode): Pair {
    let pair = this.#pairs[one.index]?.get(other);
    if (!pair) {
      const [a, b] = one.index < other.index ? [one, other] : [other, one];
      const directionOf = (from: SimulatedNode, to: SimulatedNode): Direction => ({
        random: this.#stream(`link/${from.id} ${to.id}`),
        conditions: this.#conditionsOf(from, to, undefined),
        toldUs: 0,
        blocked: false,
        clogged: false,
        waiting: [],
      });
      pair = { ends: [a, b], connected: false, cut: false, epoch: 0, directions: [directionOf(a, b), directionOf(b, a)] };
      (this.#pairs[a.index] ??= new Map()).set(b, pair);
      (this.#pairs[b.index] ??= new Map()).set(a, pair);
    }
    return pair;
  }

  #conditionsOf(from: SimulatedNode, to: SimulatedNode, given: LinkConditions | undefined): Conditions {
    const special = this.#options.link?.(from.id, to.id);
    return special || given ? conditions({ ...this.#options, ...special, ...given }) : this.#conditions;
  }

  #evaluate(pair: Pair): void {
    const [a, b] = pair.ends;
    const connected = a.life !== undefined && b.life !== undefined && a.group === b.group && !pair.cut;
    if (connected === pair.connected) return;
    pair.connected = connected;
    pair.epoch += 1;
    for (const { waiting } of pair.directions) this.lost += waiting.splice(0).length;
    this.#tellLater(pair, 0);
    this.#tellLater(pair, 1);
  }

  /** Each end learns of the change by itself, and of one change after the other. */
  #tellLater(pair: Pair, side: 0 | 1): void {
    const node = pair.ends[side];
    const peer = pair.ends[side === 0 ? 1 : 0];
    const { life } = node;
    if (!life) return;
    const { connected, epoch } = pair;
    const out = pair.directions[side];
    const atUs = Math.max(this.#kernel.nowUs + drawDelay(out.conditions, out.random), out.toldUs + 1);
    out.toldUs = atUs;
    this.#later(node, life, peer.index, atUs, () => {
      if (connected) {
        if (pair.epoch !== epoch) return;
        life.up.set(peer.id, { pair, side, target: peer, epoch, frames: 0, bytes: 0, full: false, lastArrivalUs: 0 });
        this.#tell(life, peer.id, "up");
      } else if (life.up.delete(peer.id)) {
        this.#tell(life, peer.id, "down");
      }
    });
  }

  #tell(life: Life, peer: PeerId, state: LinkState): void {
    this.#kernel.note(state);
    for (const handler of life.linkHandlers) if (handler.told) handler.handle(peer, state);
  }

  #tellAll(life: Life, handler: LinkHandler): void {
    handler.told = true;
    const up = Array.from(life.up.values(), ({ target }) => target).sort((one, other) => one.index - other.index);
    for (const { id } of up) if (life.up.has(id) && life.linkHandlers.has(handler)) handler.handle(id, "up");
  }

  // ── frames ──

  #send(node: SimulatedNode, life: Life, to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const way = life.up.get(to);
    if (!way) {
      if (to !== node.id) return "down";
      const arrive = (): void => life.frameHandler?.(node.id, frame);
      this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, node, life, node.index, frame, arrive);
      return "sent";
    }
    if (way.frames > 0 && (way.frames >= this.#framesMax || way.bytes + frame.length > this.#bytesMax)) {
      way.full = true;
      return "full";
    }
    way.frames += 1;
    way.bytes += frame.length;
    const { random, conditions: given } = way.pair.directions[way.side];
    const lost = random.chance(given.loss);
    const twice = random.chance(given.duplicate);
    this.#travel(node, way, frame, () => {
      this.#drain(node, life, way, frame);
      if (!lost) this.#arrive(node, way, frame);
      else this.#lose();
    });
    if (twice) {
      this.#travel(node, way, frame, () => {
        this.#kernel.note("duplicate");
        this.#arrive(node, way, frame);
      });
    }
    return "sent";
  }

  /** A frame never overtakes one of the same way, nor the news that the link is up. */
  #travel(node: SimulatedNode, way: Way, frame: Uint8Array, run: () => void): void {
    const { pair, side, target } = way;
    const { life } = target;
    // Nobody is there: what was sent stays on its way until the sender notices.
    if (!life) return;
    const { random, conditions: given } = pair.directions[side];
    const delayedUs = this.#kernel.nowUs + drawDelay(given, random);
    const told = pair.directions[side === 0 ? 1 : 0].toldUs;
    let atUs = Math.max(delayedUs, told + 1);
    if (!random.chance(given.reorder)) {
      atUs = Math.max(atUs, way.lastArrivalUs + 1);
      way.lastArrivalUs = atUs;
    }
    this.#kernel.plan(EVENT.frame, atUs, target, life, node.index, frame, run);
  }

  #arrive(node: SimulatedNode, way: Way, frame: Uint8Array): void {
    const { pair, side } = way;
    const its = pair.directions[side];
    if (pair.epoch !== way.epoch || its.blocked) {
      this.#lose();
      return;
    }
    // Behind what waits already: also while that is let through.
    if (its.clogged || its.waiting.length > 0) {
      this.#kernel.note("clogged");
      its.waiting.push({ way, frame });
      return;
    }
    this.#deliver(node, way, frame, its.random, its.conditions.corrupt);
  }

  #deliver(node: SimulatedNode, way: Way, frame: Uint8Array, random: SeededRandom, corrupt: number): void {
    this.delivered += 1;
    let received = frame;
    if (random.chance(corrupt)) {
      received = corrupted(frame, random);
      this.#kernel.note("corrupted");
    }
    way.target.life?.frameHandler?.(node.id, received);
  }

  /** Lets the frames that waited through, one an event. */
  #release(its: Direction, from: SimulatedNode, to: SimulatedNode): void {
    const { life } = to;
    const [first] = its.waiting;
    if (!first || !life) return;
    this.#kernel.plan(EVENT.frame, this.#kernel.nowUs + 1, to, life, from.index, first.frame, () => {
      if (its.clogged) return;
      const waited = its.waiting.shift();
      if (!waited) return;
      const { way, frame } = waited;
      const { random, conditions: given } = way.pair.directions[way.side];
      this.#release(its, from, to);
      if (way.pair.epoch === way.epoch) this.#deliver(from, way, frame, random, given.corrupt);
      else this.#lose();
    });
  }

  #lose(): void {
    this.lost += 1;
    this.#kernel.note("lost");
  }

  #drain(node: SimulatedNode, life: Life, way: Way, frame: Uint8Array): void {
    way.frames -= 1;
    way.bytes -= frame.length;
    if (!way.full || way.frames * 2 > this.#framesMax || way.bytes * 2 > this.#bytesMax) return;
    way.full = false;
    this.#later(node, life, way.target.index, this.#kernel.nowUs + 1, () => {
      if (life.up.get(way.target.id) === way) this.#tell(life, way.target.id, "writable");
    });
  }

  #later(node: SimulatedNode, life: Life, peer: number, atUs: number, run: () => void): void {
    if (life.alive) this.#kernel.plan(EVENT.link, atUs, node, life, peer, undefined, run);
  }
}

function direction(from: SimulatedNode, to: SimulatedNode): 0 | 1 {
  return from.index < to.index ? 0 : 1;
}

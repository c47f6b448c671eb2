/**
 * The network between simulated nodes: connections that come up, carry frames in order, and break.
 */
import type { PeerId } from "../brand.ts";
import { HandlerTakenError } from "../errors.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { LinkState, Network } from "../world.ts";
import { EVENT } from "./event-heap.ts";
import type { Kernel, Life, LinkHandler, SimulatedNode, Way } from "./kernel.ts";

/**
 * How the simulated network behaves. Frames of one link arrive in order; those of different links mix as delays have
 * it.
 */
export interface SimulatedNetworkOptions {
  /**
   * The shortest way of a frame, and the least time until a link comes up or is noticed to be down. @defaultValue 0.2
   */
  readonly minDelayMs?: number;
  /** The longest. @defaultValue 5 */
  readonly maxDelayMs?: number;
  /** How many frames of a link that is up are lost all the same, 0 to 1. @defaultValue 0 */
  readonly loss?: number;
  /** How many frames arrive twice, 0 to 1. @defaultValue 0 */
  readonly duplicate?: number;
  /** Frames on their way over one link in one direction; above it `send` says `full`. @defaultValue 4_096 */
  readonly linkFramesMax?: number;
  /** Bytes on their way likewise. @defaultValue 16 MiB */
  readonly linkBytesMax?: number;
}

/** Two nodes that may be connected. A connection that broke never carries another frame: its epoch is over. */
interface Pair {
  readonly ends: readonly [SimulatedNode, SimulatedNode];
  connected: boolean;
  epoch: number;
  /** Chance, and when the last change of the link is told, for each end. */
  readonly random: readonly [SeededRandom, SeededRandom];
  readonly toldUs: [number, number];
}

/** All links of a simulation. */
export class SimulatedLinks {
  readonly #kernel: Kernel;
  readonly #nodes: ReadonlyMap<PeerId, SimulatedNode>;
  readonly #random: SeededRandom;
  readonly #options: Required<SimulatedNetworkOptions>;
  readonly #minUs: number;
  readonly #maxUs: number;
  readonly #pairs = new Map<number, Pair>();
  readonly #blocked = new Set<string>();
  delivered = 0;
  lost = 0;

  constructor(
    kernel: Kernel,
    nodes: ReadonlyMap<PeerId, SimulatedNode>,
    random: SeededRandom,
    options: SimulatedNetworkOptions
  ) {
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#random = random;
    const defaults = {
      minDelayMs: 0.2,
      maxDelayMs: 5,
      loss: 0,
      duplicate: 0,
      linkFramesMax: 4_096,
      linkBytesMax: 16 * 1024 * 1024,
    };
    this.#options = { ...defaults, ...options };
    this.#minUs = Math.max(1, Math.round(this.#options.minDelayMs * 1000));
    this.#maxUs = Math.max(this.#minUs, Math.round(this.#options.maxDelayMs * 1000));
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
    for (const other of this.#nodes.values()) if (other !== node) this.#evaluate(this.#pair(node, other));
  }

  /** Frames from one node to another vanish, without a sign, until `unblock`. */
  block(from: PeerId, to: PeerId): void {
    this.#blocked.add(`${from} ${to}`);
  }

  unblock(from: PeerId, to: PeerId): void {
    this.#blocked.delete(`${from} ${to}`);
  }

  unblockAll(): void {
    this.#blocked.clear();
  }

  // ── connections ──

  #pair(one: SimulatedNode, other: SimulatedNode): Pair {
    const ends: [SimulatedNode, SimulatedNode] = one.index < other.index ? [one, other] : [other, one];
    const [a, b] = ends;
    const key = a.index * 2 ** 26 + b.index;
    let pair = this.#pairs.get(key);
    if (!pair) {
      const random = [this.#random.split(`${a.id} ${b.id}`), this.#random.split(`${b.id} ${a.id}`)] as const;
      this.#pairs.set(key, (pair = { ends, connected: false, epoch: 0, random, toldUs: [0, 0] }));
    }
    return pair;
  }

  #evaluate(pair: Pair): void {
    const [a, b] = pair.ends;
    const connected = a.life !== undefined && b.life !== undefined && a.group === b.group;
    if (connected === pair.connected) return;
    pair.connected = connected;
    pair.epoch += 1;
    this.#tellLater(pair, 0);
    this.#tellLater(pair, 1);
  }

  /** Each end learns of the change by itself, and of one change after the other. */
  #tellLater(pair: Pair, side: 0 | 1): void {
    const node = pair.ends[side];
    const peer = pair.ends[1 - side];
    const { life } = node;
    if (!life || !peer) return;
    const { connected, epoch } = pair;
    const atUs = Math.max(this.#delayed(pair.random[side]), pair.toldUs[side] + 1);
    pair.toldUs[side] = atUs;
    this.#later(node, life, peer.index, atUs, () => {
      if (connected) {
        if (pair.epoch !== epoch) return;
        life.up.set(peer.index, { epoch, frames: 0, bytes: 0, full: false, lastArrivalUs: 0 });
        this.#tell(life, peer.id, "up");
      } else if (life.up.delete(peer.index)) {
        this.#tell(life, peer.id, "down");
      }
    });
  }

  #tell(life: Life, peer: PeerId, state: LinkState): void {
    for (const handler of life.linkHandlers) if (handler.told) handler.handle(peer, state);
  }

  #tellAll(life: Life, handler: LinkHandler): void {
    handler.told = true;
    for (const node of this.#nodes.values()) {
      if (life.up.has(node.index) && life.linkHandlers.has(handler)) handler.handle(node.id, "up");
    }
  }

  // ── frames ──

  #send(node: SimulatedNode, life: Life, to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const target = this.#nodes.get(to);
    if (target === node) {
      const arrive = (): void => life.frameHandler?.(node.id, frame);
      this.#kernel.plan({
        kind: EVENT.frame,
        node,
        life,
        peer: node.index,
        bytes: frame,
        atUs: this.#kernel.nowUs + 1,
        run: arrive,
      });
      return "sent";
    }
    const way = target && life.up.get(target.index);
    if (!target || !way) return "down";
    const { linkFramesMax, linkBytesMax, loss, duplicate } = this.#options;
    if (way.frames > 0 && (way.frames >= linkFramesMax || way.bytes + frame.length > linkBytesMax)) {
      way.full = true;
      return "full";
    }
    way.frames += 1;
    way.bytes += frame.length;
    const pair = this.#pair(node, target);
    const random = pair.random[node.index < target.index ? 0 : 1];
    const lost = random.chance(loss);
    const twice = random.chance(duplicate);
    this.#travel(pair, node, target, way, frame, random, () => {
      this.#drain(node, life, target, way, frame);
      if (!lost) this.#arrive(pair, node, target, way, frame);
      else this.lost += 1;
    });
    if (twice) this.#travel(pair, node, target, way, frame, random, () => this.#arrive(pair, node, target, way, frame));
    return "sent";
  }

  /** A frame never overtakes one of the same way, nor the news that the link is up. */
  #travel(
    pair: Pair,
    node: SimulatedNode,
    target: SimulatedNode,
    way: Way,
    frame: Uint8Array,
    random: SeededRandom,
    run: () => void
  ): void {
    const { life } = target;
    // Nobody is there: what was sent stays on its way until the sender notices.
    if (!life) return;
    const told = pair.toldUs[target.index < node.index ? 0 : 1];
    const atUs = Math.max(this.#delayed(random), way.lastArrivalUs + 1, told + 1);
    way.lastArrivalUs = atUs;
    this.#kernel.plan({ kind: EVENT.frame, node: target, life, peer: node.index, bytes: frame, atUs, run });
  }

  #arrive(pair: Pair, node: SimulatedNode, target: SimulatedNode, way: Way, frame: Uint8Array): void {
    if (pair.epoch !== way.epoch || (this.#blocked.size > 0 && this.#blocked.has(`${node.id} ${target.id}`))) {
      this.lost += 1;
      return;
    }
    this.delivered += 1;
    target.life?.frameHandler?.(node.id, frame);
  }

  #drain(node: SimulatedNode, life: Life, target: SimulatedNode, way: Way, frame: Uint8Array): void {
    way.frames -= 1;
    way.bytes -= frame.length;
    const { linkFramesMax, linkBytesMax } = this.#options;
    if (!way.full || way.frames * 2 > linkFramesMax || way.bytes * 2 > linkBytesMax) return;
    way.full = false;
    this.#later(node, life, target.index, this.#kernel.nowUs + 1, () => {
      if (life.up.get(target.index) === way) this.#tell(life, target.id, "writable");
    });
  }

  #later(node: SimulatedNode, life: Life, peer: number, atUs: number, run: () => void): void {
    if (life.alive) this.#kernel.plan({ kind: EVENT.link, node, life, peer, atUs, run });
  }

  #delayed(random: SeededRandom): number {
    return this.#kernel.nowUs + random.between(this.#minUs, this.#maxUs);
  }
}

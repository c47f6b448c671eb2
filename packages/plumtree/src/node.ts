import {
  type Cancel,
  channel,
  host,
  type MemoryNetwork,
  type Network,
  type PeerId,
  peerId,
  platformWorld,
  processHub,
  type Running,
  type World,
} from "@void-system/effects";
import { type MessageId, messageId } from "./brand.ts";
import { PlumtreeCore, type PlumtreeDelivery, type PlumtreeRequest } from "./core.ts";
import { BusyError, ClosedError, InvalidOptionError } from "./errors.ts";
import { limitsFrom, type PlumtreeLimits } from "./limits.ts";
import { decodePayload, encodePayload } from "./payload.ts";
import type { PlumtreeStats } from "./stats.ts";
import { plumtreeWire } from "./wire.ts";

/** The channel of a network that was not given to the node, but found by it. */
export const PLUMTREE_CHANNEL = 2;

/** Where a {@link PlumtreeNode} lives, and its limits. */
export interface PlumtreeOptions extends Partial<PlumtreeLimits> {
  /**
   * The node's links, all its own (a `channel` of a network that others use too).
   * @defaultValue the memory hub of this process
   */
  readonly network?: Network;
  /** The world the node acts in, its network included. @defaultValue the platform's */
  readonly world?: World;
}

/** What is known of a message beside its value. */
export interface MessageInfo {
  /** Its name, the same at every node. */
  readonly id: MessageId;
  /** Who broadcast it, as far as the peers that relayed it can be trusted. */
  readonly origin: PeerId;
  /** How many links it took. */
  readonly hops: number;
}

/** What a node has counted. */
export interface PlumtreeNodeStats extends PlumtreeStats {
  /** Messages that were relayed, but whose payload was no value. */
  readonly undecodable: number;
  /** Frames that were refused because they were no message. */
  readonly rejected: number;
}

/**
 * One member of a broadcast group: what any member broadcasts reaches all that are connected, mostly along a tree.
 *
 * @example
 * ```ts
 * import { PlumtreeNode } from "@void-system/plumtree";
 *
 * const a = new PlumtreeNode("a");
 * const b = new PlumtreeNode("b");
 * const c = new PlumtreeNode("c");
 * a.addPeer("b");
 * b.addPeer("c");
 * const heard = new Promise((resolve) => { c.onMessage((value, { origin }) => resolve({ value, origin })); });
 * a.broadcast({ data: "hello" });
 * await heard; // => { value: { data: "hello" }, origin: "a" }
 * for (const node of [a, b, c]) node.close();
 * ```
 */
export class PlumtreeNode {
  /** This node's name. */
  readonly nodeId: PeerId;

  readonly #world: World;
  readonly #core: PlumtreeCore;
  readonly #running: Running<PlumtreeRequest>;
  readonly #epoch: number;
  readonly #handlers = new Set<(value: unknown, info: MessageInfo) => void>();
  /** The membership of the process's hub, if the node found its network itself. */
  #membership: MemoryNetwork | undefined;
  #counter = 0;
  #undecodable = 0;
  #failure: Error | undefined;
  #closed = false;

  /**
   * @throws {@link InvalidOptionError} if an option cannot work, or the network belongs to another node.
   * @throws InvalidPeerIdError of `@void-system/effects` if `nodeId` cannot name a node.
   */
  constructor(nodeId: string, options: PlumtreeOptions = {}) {
    const { network, world, ...given } = options;
    const limits = limitsFrom(given); // before the hub knows this name
    this.nodeId = peerId(nodeId);
    if (world) {
      this.#world = world;
    } else if (network) {
      this.#world = platformWorld({ network });
    } else {
      this.#membership = processHub().join(this.nodeId);
      this.#world = platformWorld({ network: channel(this.#membership, PLUMTREE_CHANNEL) });
    }
    if (this.#world.network.self !== this.nodeId) {
      throw new InvalidOptionError("network", `that of ${this.nodeId}`, this.#world.network.self);
    }
    this.#epoch = this.#world.random.bytes(6).reduce((epoch, byte) => epoch * 256 + byte, 0);
    this.#core = new PlumtreeCore({ self: this.nodeId, epoch: this.#epoch, limits });
    this.#running = host({
      world: this.#world,
      name: "plumtree",
      core: this.#core,
      wire: plumtreeWire,
      deliver: (delivery) => this.#deliver(delivery),
      fatal: (cause) => {
        this.#failure = cause;
      },
    });
  }

  /**
   * Makes a peer a neighbour for as long as there is a link with it; one of the two nodes has to. An eager one gets
   * payloads from the beginning, another one announcements; later the tree decides.
   *
   * @throws {@link ClosedError} and {@link BusyError}.
   */
  addPeer(peer: string, options: { readonly eager?: boolean } = {}): void {
    this.#submit({ type: "add-peer", peer: peerId(peer), eager: options.eager ?? true });
  }

  /**
   * Has nothing more to do with a peer, until it is added again.
   *
   * @throws {@link ClosedError} and {@link BusyError}.
   */
  removePeer(peer: string): void {
    this.#submit({ type: "remove-peer", peer: peerId(peer) });
  }

  /**
   * Sends a value to all members that are connected, and to those that come within `cacheMs`. It is not handed to this
   * node's own handlers.
   *
   * @param value - A value that `@void-system/values` takes: null, booleans, numbers, bigints, strings, Uint8Arrays, arrays
   * and plain objects of these, at most 64 KiB and 64 levels. It arrives as it was sent.
   * @throws {@link InvalidValueError} if a part of the value would not arrive as it is, or the value exceeds the limits.
   * @throws {@link ClosedError} and {@link BusyError}.
   */
  broadcast(value: unknown): MessageId {
    const payload = encodePayload(value);
    const id = messageId(this.nodeId, this.#epoch, this.#counter + 1);
    this.#submit({ type: "broadcast", id, payload });
    this.#counter += 1;
    return id;
  }

  /** Hears every message of other members, each once. What a handler throws is thrown on from the event loop. */
  onMessage(handle: (value: unknown, info: MessageInfo) => void): Cancel {
    const handler = (value: unknown, info: MessageInfo): void => handle(value, info);
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  /** What this node has counted, and what it holds. */
  stats(): PlumtreeNodeStats {
    return { ...this.#core.stats(), undecodable: this.#undecodable, rejected: this.#running.stats()["rejected"] ?? 0 };
  }

  /** Ends the node at once: what its peers have not received yet is lost. Calling it twice does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.clear();
    this.#running.stop(0, () => undefined);
    this.#membership?.leave();
  }

  #submit(request: PlumtreeRequest): void {
    if (this.#closed || this.#failure) throw new ClosedError(this.#failure && { cause: this.#failure });
    const fate = this.#running.submit(request);
    if (fate === "busy") throw new BusyError();
    if (fate === "stopped") throw new ClosedError();
  }

  #deliver({ id, origin, payload, hops }: PlumtreeDelivery): void {
    const decoded = decodePayload(payload);
    if (!decoded.ok) {
      this.#undecodable += 1;
      this.#world.logger.log("warn", "plumtree-undecodable", { id, reason: decoded.reason });
      return;
    }
    for (const handler of this.#handlers) {
      try {
        handler(decoded.value, { id, origin, hops });
      } catch (error) {
        // Not the node's fault, so the node lives on; but nobody may miss it either.
        this.#world.clock.schedule(0, () => {
          throw error;
        });
      }
    }
  }
}

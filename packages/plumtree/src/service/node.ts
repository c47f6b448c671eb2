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
import { type MessageId, messageId } from "../brand.ts";
import { type Neighbours, PlumtreeCore, type PlumtreeRequest } from "../protocol/core.ts";
import type { ArrivedMessage, PlumtreeDelivery } from "../protocol/delivery.ts";
import { BusyError, ClosedError, InvalidOptionError } from "../errors.ts";
import { EventIterator } from "./event-iterator.ts";
import { limitsFrom, type PlumtreeLimits } from "../limits.ts";
import { checkRecord, membershipFrom, type MembershipOptions } from "./membership-options.ts";
import { epochAt } from "../protocol/origins.ts";
import { decodePayload, encodePayload } from "../codec/payload.ts";
import type { PlumtreeStats } from "../protocol/stats.ts";
import { type PlumtreeEvent, type PlumtreeHandler, type PlumtreeValue, type SubscribeOptions, Subscription } from "./subscription.ts";
import { plumtreeWire } from "../codec/wire.ts";

/** Channel of the process's hub that a node without a network of its own uses. */
export const PLUMTREE_CHANNEL = 2;

/** Surroundings of a {@link PlumtreeNode}, and its limits. */
export interface PlumtreeOptions extends Partial<PlumtreeLimits> {
  /**
   * Links of the node. No other protocol may use them, so give a `channel` of a shared network.
   * @defaultValue the memory hub of this process
   */
  readonly network?: Network;
  /** World of the node, its network included. @defaultValue the platform's */
  readonly world?: World;
  /**
   * Delivers the messages of each origin in the order in which it broadcast them. Later ones wait until a missing one
   * has come or is a gap. @defaultValue false
   */
  readonly ordered?: boolean;
  /**
   * Expects links to lose frames without a sign. Peers then compare digests until neither misses anything.
   * @defaultValue false
   */
  readonly lossy?: boolean;
  /** Finds neighbours by HyParView, over a network that can dial. @defaultValue those that `addPeer` names */
  readonly membership?: MembershipOptions;
}

/** Counters and sizes of a node. */
export interface PlumtreeNodeStats extends PlumtreeStats {
  /** Messages that were relayed, and whose payload was no value. */
  readonly undecodable: number;
  /** Frames that were refused because they were no message. */
  readonly rejected: number;
  /** Messages that subscribers got as gaps, because they were too slow. */
  readonly skipped: number;
  /** Bytes of messages that wait for subscribers. */
  readonly queuedBytes: number;
}

/**
 * Member of a broadcast group: a message of any member reaches all that are connected, mostly along a tree.
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
 * const events = c.subscribe();
 * a.broadcast({ data: "hello" });
 * const { value: event } = await events.next();
 * if (event?.type === "message") {
 *   event.value; // => { data: "hello" }
 * }
 * for (const node of [a, b, c]) node.close();
 * ```
 */
export class PlumtreeNode {
  /** This node's name. */
  readonly nodeId: PeerId;

  readonly #world: World;
  readonly #core: PlumtreeCore;
  readonly #running: Running<PlumtreeRequest>;
  readonly #subscriptions = new Set<Subscription>();
  readonly #iterators = new Set<EventIterator>();
  /** Membership in the process's hub, if the node found its network itself. */
  #membership: MemoryNetwork | undefined;
  readonly #isMember: boolean;
  #epoch: number;
  #counter = 0;
  #undecodable = 0;
  #skipped = 0;
  #failure: Error | undefined;
  #closed = false;

  /**
   * @throws {@link InvalidOptionError} if an option cannot work, or the network belongs to another node.
   * @throws InvalidPeerIdError of `@void-system/effects` if `nodeId` cannot name a node.
   */
  constructor(nodeId: string, options: PlumtreeOptions = {}) {
    const { network, world, ordered = false, lossy = false, membership, ...given } = options;
    for (const [name, value] of Object.entries({ ordered, lossy }))
      if (typeof value !== "boolean") throw new InvalidOptionError(name, "true or false", value);
    const limits = limitsFrom(given); // before the hub knows this name
    this.#isMember = membership !== undefined;
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
    this.#epoch = epochAt(this.#world.clock.wallMs(), this.#world.random.next());
    const views = membership && membershipFrom(membership, Math.floor(this.#world.random.next() * 2 ** 32));
    this.#core = new PlumtreeCore({ self: this.nodeId, epoch: this.#epoch, limits, ordered, lossy, ...(views && { membership: views }) });
    this.#running = host({
      world: this.#world,
      name: "plumtree",
      core: this.#core,
      wire: plumtreeWire,
      deliver: (delivery) => this.#deliver(delivery),
      fatal: (cause) => {
        this.#failure = cause;
        this.#endSubscriptions();
      },
    });
  }

  /**
   * Makes a peer a neighbour for as long as there is a link with it. One of the two nodes has to do it. An eager peer
   * gets payloads in the beginning, another one announcements. Later the tree decides.
   *
   * @throws {@link InvalidOptionError} if the node finds its neighbours itself.
   * @throws {@link ClosedError} and {@link BusyError}.
   */
  addPeer(peer: string, options: { readonly eager?: boolean } = {}): void {
    this.#expectNamedPeers(peer);
    this.#submit({ type: "add-peer", peer: peerId(peer), eager: options.eager ?? true });
  }

  /**
   * Ignores a peer until it is added again.
   *
   * @throws {@link InvalidOptionError} if the node finds its neighbours itself.
   * @throws {@link ClosedError} and {@link BusyError}.
   */
  removePeer(peer: string): void {
    this.#expectNamedPeers(peer);
    this.#submit({ type: "remove-peer", peer: peerId(peer) });
  }

  /**
   * Replaces this node's record before it expires, for a node with `membership`.
   *
   * @throws {@link InvalidOptionError} if the node has no membership, or the record is no bytes, or too long.
   * @throws {@link ClosedError} and {@link BusyError}.
   */
  renewRecord(record: Uint8Array): void {
    if (!this.#isMember) throw new InvalidOptionError("membership", "given to a node that renews its record", undefined);
    checkRecord(record);
    this.#submit({ type: "renew-record", record });
  }

  /** Returns the peers that payloads go to, those that announcements go to, and those that membership remembers. */
  neighbours(): Neighbours {
    return this.#core.neighbours();
  }

  /**
   * Sends a value to all members that are connected, and to those that come while it is kept. This node's own
   * subscribers do not get it.
   *
   * @param value - A value that `@void-system/values` takes: null, booleans, numbers, bigints, strings, Uint8Arrays, arrays
   * and plain objects of these, at most 64 KiB and 64 levels. It arrives as it was sent.
   * @throws {@link InvalidValueError} if a part of the value would not arrive as it is, or the value exceeds the limits.
   * @throws {@link ClosedError} and {@link BusyError}.
   */
  broadcast(value: unknown): MessageId {
    const payload = encodePayload(value);
    const counter = this.#counter + 1;
    this.#submit({ type: "broadcast", epoch: this.#epoch, counter, payload });
    this.#counter = counter;
    return messageId(this.nodeId, this.#epoch, counter);
  }

  /**
   * Calls `handle` with every message of other members, once, and with every gap: broadcasts that will not come. A promise
   * that it returns holds back the next event, and an error that it throws is thrown from the event loop.
   *
   * Without `handle` it returns the events as an async iterator, which ends when the node is closed.
   *
   * Events wait in a bounded queue. Messages that find no room become gaps, so a slow subscriber delays nobody else.
   *
   * @throws {@link InvalidOptionError} if an option cannot work.
   * @throws {@link ClosedError} if the node is closed.
   */
  subscribe(handle: PlumtreeHandler, options?: SubscribeOptions): Cancel;
  subscribe(options?: SubscribeOptions): AsyncIterableIterator<PlumtreeEvent, undefined, undefined>;
  subscribe(
    first: PlumtreeHandler | SubscribeOptions = {},
    second: SubscribeOptions = {},
  ): Cancel | AsyncIterableIterator<PlumtreeEvent, undefined, undefined> {
    this.#expectOpen();
    const isHandler = typeof first === "function";
    const subscription: Subscription = new Subscription(this.#world.clock, isHandler ? second : first, () => {
      this.#subscriptions.delete(subscription);
      this.#skipped += subscription.skipped;
    });
    this.#subscriptions.add(subscription);
    if (isHandler) {
      subscription.start(first);
      return () => subscription.end();
    }
    const iterator: EventIterator = new EventIterator(subscription, () => this.#iterators.delete(iterator));
    this.#iterators.add(iterator);
    return iterator;
  }

  /** Returns counters and sizes. */
  stats(): PlumtreeNodeStats {
    let [skipped, queuedBytes] = [this.#skipped, 0];
    for (const subscription of this.#subscriptions) {
      skipped += subscription.skipped;
      queuedBytes += subscription.bytes;
    }
    const rejected = this.#running.stats()["rejected"] ?? 0;
    return { ...this.#core.stats(), undecodable: this.#undecodable, rejected, skipped, queuedBytes };
  }

  /** Ends the node at once. Frames that its peers have not received yet are lost. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#endSubscriptions();
    this.#running.stop(0, () => undefined);
    this.#membership?.leave();
  }

  #expectNamedPeers(peer: string): void {
    if (this.#isMember) throw new InvalidOptionError("membership", "left out where peers are named by hand", peer);
  }

  #expectOpen(): void {
    if (this.#closed || this.#failure) throw new ClosedError(this.#failure && { cause: this.#failure });
  }

  #submit(request: PlumtreeRequest): void {
    this.#expectOpen();
    const fate = this.#running.submit(request);
    if (fate === "busy") throw new BusyError();
    if (fate === "stopped") throw new ClosedError();
  }

  #endSubscriptions(): void {
    for (const iterator of this.#iterators) iterator.end(this.#failure);
    for (const subscription of this.#subscriptions) subscription.end();
  }

  #deliver(delivery: PlumtreeDelivery): void {
    if (delivery.type === "epoch") {
      this.#epoch = delivery.epoch;
      this.#counter = 0;
      return;
    }
    const event = delivery.type === "gap" ? delivery : { message: delivery, event: once(() => this.#decoded(delivery)) };
    for (const subscription of this.#subscriptions) subscription.push(event);
  }

  /** Returns the event of a message, or undefined if its payload is no value. */
  #decoded({ id, origin, payload, hops }: ArrivedMessage): PlumtreeValue | undefined {
    const decoded = decodePayload(payload);
    if (decoded.ok) return { type: "message", value: decoded.value, id, origin, hops };
    this.#undecodable += 1;
    this.#world.logger.log("warn", "plumtree-undecodable", { id, reason: decoded.reason });
    return undefined;
  }
}

/** Returns a function that computes its result at the first call. */
function once<Result>(compute: () => Result): () => Result {
  let done: { readonly result: Result } | undefined;
  return () => (done ??= { result: compute() }).result;
}

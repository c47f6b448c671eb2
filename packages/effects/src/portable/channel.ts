/**
 * Shares one network among several protocols: the first byte of each frame is the number of its channel.
 */
import type { PeerId } from "../brand.ts";
import { ChannelTakenError, HandlerTakenError } from "../errors.ts";
import type { Cancel, LinkState, Network } from "../world.ts";

/** The highest channel number. */
export const CHANNEL_MAX = 255;

/** Counters of {@link Channels}. */
export interface ChannelStats {
  /** Frames dropped because they were empty, or because their channel is not open or has no handler. */
  readonly unclaimed: number;
}

/** The channels of one network. */
export interface Channels {
  /**
   * Opens channel `id` for the life of the network.
   *
   * @throws {@link ChannelTakenError} when the channel is open already, RangeError when `id` is no integer of 0 to 255.
   */
  open(id: number): Network;
  /** Returns the counters. */
  stats(): ChannelStats;
}

const shared = new WeakMap<Network, Multiplexer>();

/**
 * Returns the channels of a network, which is the same object on each call. The first call attaches the network's only
 * handler of frames.
 *
 * @throws {@link HandlerTakenError} when the network has a handler of frames already.
 * @example
 * ```ts
 * import { channels, memoryHub, peerId } from "@void-system/effects";
 *
 * const network = memoryHub().join(peerId("a"));
 * const gossip = channels(network).open(1);
 * gossip.self; // => "a"
 * channels(network).stats(); // => { unclaimed: 0 }
 * ```
 */
export function channels(network: Network): Channels {
  let multiplexer = shared.get(network);
  if (!multiplexer) shared.set(network, (multiplexer = new Multiplexer(network)));
  return multiplexer;
}

/**
 * Opens one channel of a network. It is short for `channels(network).open(id)`.
 *
 * Both ends must use the same number. A frame grows by one byte on the way. A frame for a channel without a handler is
 * dropped and counted. Link states reach every channel. A link goes down by `hangUp` once every channel that has dialed
 * it has hung up.
 *
 * @throws {@link ChannelTakenError} when the channel is open already, RangeError when `id` is no integer of 0 to 255.
 * @example
 * ```ts
 * import { channel, ChannelTakenError, memoryHub, peerId } from "@void-system/effects";
 *
 * const network = memoryHub().join(peerId("a"));
 * const agreement = channel(network, 1);
 * const gossip = channel(network, 2);
 * agreement.self === gossip.self; // => true
 * let refused: unknown;
 * try { channel(network, 2); } catch (error) { refused = error; }
 * refused instanceof ChannelTakenError; // => true
 * ```
 */
export function channel(network: Network, id: number): Network {
  return channels(network).open(id);
}

class Multiplexer implements Channels {
  readonly #network: Network;
  readonly #open = new Map<number, Channel>();
  #unclaimed = 0;

  constructor(network: Network) {
    this.#network = network;
    network.onFrame((from, frame) => {
      const id = frame[0];
      const handle = id === undefined ? undefined : this.#open.get(id)?.handler;
      if (handle) handle(from, frame.subarray(1));
      else this.#unclaimed += 1;
    });
  }

  open(id: number): Network {
    if (!Number.isInteger(id) || id < 0 || id > CHANNEL_MAX)
      throw new RangeError(`expected a channel of 0 to ${CHANNEL_MAX}, got ${id}`);
    if (this.#open.has(id)) throw new ChannelTakenError(id);
    const opened = new Channel(this.#network, id, (peer) => this.#release(peer));
    this.#open.set(id, opened);
    return opened;
  }

  stats(): ChannelStats {
    return { unclaimed: this.#unclaimed };
  }

  /** Hangs up unless another channel still uses the link. */
  #release(peer: PeerId): void {
    for (const channel of this.#open.values()) if (channel.uses(peer)) return;
    this.#network.hangUp(peer);
  }
}

class Channel implements Network {
  readonly self: PeerId;
  readonly #network: Network;
  readonly #id: number;
  readonly #release: (peer: PeerId) => void;
  readonly #dialed = new Set<PeerId>();
  handler: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  // A broadcast passes the same frame for each peer, so the numbered copy is kept.
  #lastFrame: Uint8Array | undefined;
  #lastNumbered: Uint8Array = new Uint8Array(0);

  constructor(network: Network, id: number, release: (peer: PeerId) => void) {
    this.self = network.self;
    this.#network = network;
    this.#id = id;
    this.#release = release;
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    if (frame !== this.#lastFrame) {
      this.#lastNumbered = new Uint8Array(frame.length + 1);
      this.#lastNumbered[0] = this.#id;
      this.#lastNumbered.set(frame, 1);
      this.#lastFrame = frame;
    }
    return this.#network.send(to, this.#lastNumbered);
  }

  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    if (this.handler) throw new HandlerTakenError();
    this.handler = handle;
    return () => {
      if (this.handler === handle) this.handler = undefined;
    };
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    return this.#network.onLink((peer, state) => {
      if (state === "down" || state === "failed") this.#dialed.delete(peer);
      handle(peer, state);
    });
  }

  dial(peer: PeerId, address: string): void {
    this.#dialed.add(peer);
    this.#network.dial(peer, address);
  }

  hangUp(peer: PeerId): void {
    this.#dialed.delete(peer);
    this.#release(peer);
  }

  /** Returns true if this channel has dialed a peer, and has not hung up since. */
  uses(peer: PeerId): boolean {
    return this.#dialed.has(peer);
  }
}

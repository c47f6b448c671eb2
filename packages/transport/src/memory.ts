import {
  type Cancel,
  HandlerTakenError,
  type LinkState,
  type MemoryHub,
  type MemoryNetwork,
  type PeerId,
  processHub,
} from "@void-system/effects";
import { OptionError } from "./errors.ts";
import { isName, NAME_RULE } from "./name.ts";
import { requireDeadline, requireFrame, requireFunction, requireMethod, requireOptions } from "./options.ts";
import { LinkCounters, type LinkStats, type Transport, type TransportStats } from "./transport.ts";

/** Options of {@link memory}. There is no hello here: applications in one process compare their configurations themselves. */
export interface MemoryOptions {
  /** This node's name. */
  readonly self: PeerId;
  /** Hub where it meets the others; the bounds of the links are the hub's. @defaultValue the hub of this process */
  readonly hub?: MemoryHub;
}

/**
 * Joins a hub, and returns links inside one process with the counters and the `close` of every transport. Names are trusted:
 * all members are the same program.
 *
 * @throws OptionError for an option that is unknown or of a wrong kind.
 * @throws NameTakenError while the hub has a member of that name.
 * @example
 * ```ts
 * import { memoryHub, peerId } from "@void-system/effects";
 * import { memory } from "@void-system/transport";
 *
 * const hub = memoryHub();
 * const a = memory({ self: peerId("a"), hub });
 * const b = memory({ self: peerId("b"), hub });
 * const arrived = new Promise((resolve) => b.onFrame((from, frame) => resolve([from, frame.length])));
 * a.send(b.self, new Uint8Array(3)); // => "sent"
 * await arrived; // => ["a", 3]
 * a.stats().links["b"]?.sentBytes; // => 3
 * await Promise.all([a.close(100), b.close(100)]);
 * ```
 */
export function memory(options: MemoryOptions): Transport {
  requireOptions("options", options, ["self", "hub"], "");
  const { self, hub = processHub() } = options;
  if (!isName(self)) throw new OptionError("self", NAME_RULE, self);
  requireMethod("hub", hub, "join");
  return new MemoryTransport(hub.join(self));
}

class MemoryTransport implements Transport {
  readonly self: PeerId;
  readonly #network: MemoryNetwork;
  readonly #counters = new Map<PeerId, LinkCounters>();
  readonly #up = new Set<PeerId>();
  #handler: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  #unhandledFrames = 0;
  #closed: Promise<void> | undefined;

  constructor(network: MemoryNetwork) {
    this.#network = network;
    this.self = network.self;
    network.onLink((peer, state) => {
      if (state === "up") this.#countersOf(peer).ups += 1;
      if (state === "up") this.#up.add(peer);
      if (state === "down") this.#up.delete(peer);
    });
    network.onFrame((from, frame) => {
      const counters = this.#countersOf(from);
      counters.receivedFrames += 1;
      counters.receivedBytes += frame.length;
      if (this.#handler === undefined) this.#unhandledFrames += 1;
      else this.#handler(from, frame);
    });
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    requireFrame(frame);
    const result = this.#network.send(to, frame);
    const counters = this.#counters.get(to) ?? (result === "down" ? undefined : this.#countersOf(to));
    if (counters === undefined) return result;
    if (result === "full") counters.lostFull += 1;
    if (result === "down") counters.lostDown += 1;
    if (result === "sent") {
      counters.sentFrames += 1;
      counters.sentBytes += frame.length;
    }
    return result;
  }

  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    requireFunction("the frame handler", handle);
    if (this.#handler !== undefined) throw new HandlerTakenError();
    if (this.#closed === undefined) this.#handler = handle;
    return () => {
      if (this.#handler === handle) this.#handler = undefined;
    };
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    requireFunction("the link handler", handle);
    return this.#closed === undefined ? this.#network.onLink(handle) : () => undefined;
  }

  dial(peer: PeerId, address: string): void {
    if (this.#closed === undefined) this.#network.dial(peer, address);
  }

  hangUp(peer: PeerId): void {
    if (this.#closed === undefined) this.#network.hangUp(peer);
  }

  stats(): TransportStats {
    const links: Record<string, LinkStats> = {};
    for (const [peer, counters] of this.#counters) {
      links[peer] = counters.stats(peer === this.self || this.#up.has(peer) ? "up" : "down", 0);
    }
    return { links, refused: {}, unproven: 0, unhandledFrames: this.#unhandledFrames };
  }

  close(deadlineMs: number): Promise<void> {
    requireDeadline(deadlineMs);
    // Frames that were sent are the hub's already, and arrive before the others see that this member has left.
    this.#handler = undefined;
    this.#closed ??= Promise.resolve(this.#network.leave());
    return this.#closed;
  }

  /** Counters exist only for peers that were linked once, so strangers cannot make the map grow. */
  #countersOf(peer: PeerId): LinkCounters {
    const known = this.#counters.get(peer);
    if (known !== undefined) return known;
    const counters = new LinkCounters();
    this.#counters.set(peer, counters);
    return counters;
  }
}

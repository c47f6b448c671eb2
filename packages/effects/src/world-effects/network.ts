import type { PeerId } from "../brand.ts";
import type { Cancel, Network } from "../world.ts";
import type { Eff, Need } from "../fibers/eff.ts";
import { type FacetEffect, facetEffect } from "./facet-effect.ts";
import { suspend, type Suspension } from "../fibers/suspension.ts";

/** Most frames that may wait for `Net.receive`. Further frames are lost, as on any full link. */
export const INBOX_FRAMES_MAX = 1_024;

/** A frame that arrived. */
export interface Received {
  /** The sender. */
  readonly from: PeerId;
  /** The frame's bytes. */
  readonly frame: Uint8Array;
}

/** Operations of {@link Net}. */
export interface NetOperations {
  /** Returns this node's own name. */
  self(): PeerId;
  /** Sends a frame, which the network owns afterwards. */
  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down";
  /** Waits for the next frame. From the first `receive` on, up to {@link INBOX_FRAMES_MAX} frames are queued. */
  receive(): Received;
  /** Waits until the link to a peer is up. */
  linked(peer: PeerId): void;
}

/** A network with the queue of frames that no `receive` has taken yet. */
class Inbox {
  readonly network: Network;
  readonly #frames: Received[] = [];
  readonly #waiting = new Set<(received: Received) => void>();
  #detach: Cancel | undefined;

  constructor(network: Network) {
    this.network = network;
  }

  receive(): Suspension<Received> {
    this.#detach ??= this.network.onFrame((from, frame) => this.#arrived({ from, frame }));
    return suspend<Received>((resume) => {
      const received = this.#frames.shift();
      if (received) return resume(received);
      this.#waiting.add(resume);
      return () => void this.#waiting.delete(resume);
    });
  }

  close(): void {
    this.#detach?.();
  }

  #arrived(received: Received): void {
    const [resume] = this.#waiting;
    if (resume) {
      this.#waiting.delete(resume);
      resume(received);
    } else if (this.#frames.length < INBOX_FRAMES_MAX) this.#frames.push(received);
  }
}

const InboxNet: FacetEffect<"void.network", Inbox, NetOperations> = /* @__PURE__ */ facetEffect<Inbox, NetOperations>()(
  "void.network",
  (inbox) => ({
    self: () => inbox.network.self,
    send: (to, frame) => inbox.network.send(to, frame),
    receive: () => inbox.receive(),
    linked: (peer) => linked(inbox.network, peer),
  }),
  ({ network }) => ({ network }),
);

/** Waits until a link is up. `onLink` first reports the links that are up already, so none is missed. */
function linked(network: Network, peer: PeerId): Suspension<void> {
  return suspend<void>((resume) => {
    const detach = network.onLink((other, state) => {
      if (other !== peer || state !== "up") return;
      detach();
      resume();
    });
    return detach;
  });
}

/**
 * The effect of links to other nodes. Its handlers are `World.network`, a `NetworkHandler` or any other `Network`, such
 * as a channel.
 *
 * @example
 * ```ts
 * import { memoryHub, peerId } from "@void-system/effects";
 * import { all, run } from "@void-system/effects/fibers";
 * import { Net } from "@void-system/effects/world";
 *
 * const hub = memoryHub();
 * const [a, b] = [hub.join(peerId("a")), hub.join(peerId("b"))];
 * const ask = function* () {
 *   yield* Net.linked(peerId("b"));
 *   yield* Net.send(peerId("b"), Uint8Array.of(1));
 *   return (yield* Net.receive()).frame[0];
 * };
 * const answer = function* () {
 *   const { from, frame } = yield* Net.receive();
 *   yield* Net.send(from, frame.map((byte) => byte + 1));
 * };
 * const [got] = await run(() => all([() => Net.handle(a, ask), () => Net.handle(b, answer)]));
 * got; // => 2
 * ```
 */
export const Net: FacetEffect<"void.network", Network, NetOperations> = /* @__PURE__ */ inboxed();

/** Returns the operations of `InboxNet`, with an inbox for the duration of each `handle`. */
function inboxed(): FacetEffect<"void.network", Network, NetOperations> {
  const face: object = Object.create(InboxNet);
  const net: object = Object.assign(face, {
    *handle<R, A>(network: Network, body: () => Eff<R, A>): Generator<Exclude<R, Need<"void.network">>, A> {
      const inbox = new Inbox(network);
      try {
        return yield* InboxNet.handle(inbox, body);
      } finally {
        inbox.close();
      }
    },
    *facet(): Generator<Need<"void.network">, Network> {
      return (yield* InboxNet.facet()).network;
    },
  });
  // The prototype has all other members of InboxNet.
  return net as FacetEffect<"void.network", Network, NetOperations>;
}

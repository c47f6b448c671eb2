import type { PeerId } from "../brand.ts";
import type { Cancel, LinkState, Network } from "../world.ts";
import { handlerOf } from "./scope.ts";

/**
 * Answers the effect of sending, by a network that it is given; it is a `Network` itself, so a driver's World can have
 * the very same one.
 *
 * @example
 * ```ts
 * import { memoryHub, NetworkHandler, peerId, send, withHandlers } from "@void-system/effects";
 *
 * const hub = memoryHub();
 * hub.join(peerId("b"));
 * const network = new NetworkHandler(hub.join(peerId("a")));
 * withHandlers([network], () => send(peerId("b"), Uint8Array.of(1))); // => "sent"
 * ```
 */
export class NetworkHandler implements Network {
  /** The effect that it answers. */
  readonly effect = "network";
  readonly self: PeerId;
  readonly #network: Network;

  constructor(network: Network) {
    this.self = network.self;
    this.#network = network;
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    return this.#network.send(to, frame);
  }

  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    return this.#network.onFrame(handle);
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    return this.#network.onLink(handle);
  }
}

/**
 * Sends a frame by the network handler around.
 *
 * @throws {@link UnhandledEffectError} when there is none.
 */
export function send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
  return handlerOf("network", "send()", "new NetworkHandler(network)").send(to, frame);
}

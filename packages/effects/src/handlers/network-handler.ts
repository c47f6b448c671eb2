import type { PeerId } from "../brand.ts";
import type { Cancel, LinkState, Network } from "../world.ts";
import { handlerOf } from "./scope.ts";

/**
 * Handles the effect of sending, with a given network. It is a `Network` itself, so a driver's World can use the same
 * object.
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
  /** Name of the handled effect. */
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

  dial(peer: PeerId, address: string): void {
    this.#network.dial(peer, address);
  }

  hangUp(peer: PeerId): void {
    this.#network.hangUp(peer);
  }
}

/**
 * Sends a frame with the network handler in force.
 *
 * @throws {@link UnhandledEffectError} when no network handler is in force.
 */
export function send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
  return handlerOf("network", "send()", "new NetworkHandler(network)").send(to, frame);
}

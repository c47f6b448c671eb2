import type { Cancel, LinkState, Network, PeerId } from "@void-system/effects";

/** Network of a guest. Its links begin to come up at its first use. */
export class GuestNetwork implements Network {
  readonly self: PeerId;
  readonly #network: Network;
  readonly #use: () => void;

  /** `use` is called at every use. Only the first call matters. */
  constructor(network: Network, use: () => void) {
    this.self = network.self;
    this.#network = network;
    this.#use = use;
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    this.#use();
    return this.#network.send(to, frame);
  }

  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    this.#use();
    return this.#network.onFrame(handle);
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    this.#use();
    return this.#network.onLink(handle);
  }

  dial(peer: PeerId, address: string): void {
    this.#use();
    this.#network.dial(peer, address);
  }

  hangUp(peer: PeerId): void {
    this.#use();
    this.#network.hangUp(peer);
  }
}

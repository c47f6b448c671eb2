import type { Cancel, LinkState, Network, PeerId } from "@void-system/effects";
import { expectBytes } from "./expect-bytes.ts";
import type { FrameHandler, FrameTraffic } from "./frame-traffic.ts";
import type { KernelNode, Life, LinkHandler } from "./kernel.ts";

/** Links of a simulation, as the network of a node uses them. */
export interface LinkControl {
  /** Is called with each new handler of link states. */
  attached(node: KernelNode, life: Life, handler: LinkHandler): void;
  /** Implements `dial` of a node's life. */
  dial(node: KernelNode, life: Life, peer: PeerId): void;
  /** Implements `hangUp` of a node's life. */
  hangUp(node: KernelNode, life: Life, peer: PeerId): void;
}

/** Network of one life of a node. A class rather than closures, since ten thousand nodes have one. */
export class NodeNetwork implements Network {
  // The fields that `send` needs come first, to share a cache line.
  readonly #traffic: FrameTraffic;
  readonly #index: number;
  readonly #life: Life;
  readonly self: PeerId;
  readonly #links: LinkControl;
  readonly #node: KernelNode;

  constructor(traffic: FrameTraffic, links: LinkControl, node: KernelNode, life: Life) {
    this.self = node.id;
    this.#traffic = traffic;
    this.#links = links;
    this.#node = node;
    this.#index = node.index;
    this.#life = life;
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    expectBytes("a frame", frame);
    return this.#traffic.send(this.#index, this.#life, to, frame);
  }

  onFrame(handle: FrameHandler): Cancel {
    return this.#traffic.handle(this.#index, this.#life, handle);
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    const life = this.#life;
    const handler: LinkHandler = { handle, ready: false };
    life.linkHandlers = [...life.linkHandlers, handler];
    this.#links.attached(this.#node, life, handler);
    return () => {
      handler.ready = false;
      life.linkHandlers = life.linkHandlers.filter((other) => other !== handler);
    };
  }

  dial(peer: PeerId): void {
    this.#links.dial(this.#node, this.#life, peer);
  }

  hangUp(peer: PeerId): void {
    this.#links.hangUp(this.#node, this.#life, peer);
  }
}

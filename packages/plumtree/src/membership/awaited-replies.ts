import type { PeerId } from "@void-system/effects";

/** Most answers that a node awaits for others at a time. */
const AWAITED_MAX = 256;

/**
 * Ways on which this node has passed a SHUFFLE on, so that only an answer to one of them takes the way back, once. A neighbour
 * could else send frames around along ways of its choice.
 */
export class AwaitedReplies {
  readonly #ways = new Set<string>();

  /** Notes that a SHUFFLE was passed on to a peer, from the nodes of a path. The oldest of too many is forgotten. */
  passedOn(to: PeerId, path: readonly PeerId[]): void {
    const way = wayOf(to, path);
    this.#ways.delete(way);
    this.#ways.add(way);
    for (const oldest of this.#ways.size > AWAITED_MAX ? this.#ways : []) {
      this.#ways.delete(oldest);
      break;
    }
  }

  /** Returns true, once, if an answer comes from where the SHUFFLE went, for the way that it has come. */
  take(from: PeerId, path: readonly PeerId[]): boolean {
    return this.#ways.delete(wayOf(from, path));
  }
}

// A name has no space.
function wayOf(peer: PeerId, path: readonly PeerId[]): string {
  return [peer, ...path].join(" ");
}

import type { PeerId } from "@void-system/effects";

/** Silence after which another origin takes over, in milliseconds. */
const ROOT_SILENT_MS = 30_000;

/**
 * Origin whose messages shape the tree: the least name that was heard lately, so that all nodes agree without a word. All
 * origins send along the same tree. If each one's duplicates could prune, two of them would cut a circle at two places.
 */
export class TreeRoot {
  #origin: PeerId | undefined;
  #heardMs = 0;

  /** Notes a new message. Returns true if its origin is the root. */
  heard(origin: PeerId, nowMs: number): boolean {
    const isRoot = this.#origin === undefined || origin <= this.#origin || nowMs - this.#heardMs > ROOT_SILENT_MS;
    if (isRoot) {
      this.#origin = origin;
      this.#heardMs = nowMs;
    }
    return isRoot;
  }

  /** Returns true if the messages of an origin shape the tree. */
  is(origin: PeerId): boolean {
    return origin === this.#origin;
  }
}

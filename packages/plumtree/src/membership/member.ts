import type { PeerId } from "@void-system/effects";

/** Name of a node, and the place where it listens. */
export interface Contact {
  /** Name of the node. */
  readonly name: PeerId;
  /** Address for `Network.dial`. */
  readonly address: string;
}

/** A node as its record describes it. */
export interface Member extends Contact {
  /** Time at which the record expires, in milliseconds since 1970. */
  readonly expiresMs: number;
  /** The record itself, which is passed on as it is. */
  readonly record: Uint8Array;
}

/**
 * Reads the record of a node. Returns undefined for one that is malformed, expired, or not signed as the network demands.
 * Peers pass records on, so nothing in one is true before it was verified.
 */
export type ReadRecord = (record: Uint8Array, wallMs: number) => Omit<Member, "record"> | undefined;

/** Sizes of the views, and times of the membership protocol. */
export interface ViewLimits {
  /** Most peers that a node keeps links with. @defaultValue 64 in full view, 5 in partial view */
  readonly activeMax: number;
  /** Most peers that it remembers as replacements. @defaultValue 64 in full view, 30 in partial view */
  readonly passiveMax: number;
  /** Links that the record of a new node walks along before it gets its next link. @defaultValue 0 in full view, 6 in partial view */
  readonly walkLinks: number;
  /**
   * Time between two exchanges of records with a random peer, on average. It is shorter in the beginning.
   * @defaultValue 10_000
   */
  readonly shuffleMs: number;
  /** Shortest time between two searches for a replacement, doubled each time up to `shuffleMs`. @defaultValue 500 */
  readonly repairMs: number;
}

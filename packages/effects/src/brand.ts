/**
 * The casts that branded types need, and nothing else: every other file gets its brands from here.
 */
import { InvalidPeerIdError } from "./errors.ts";

/** The name of a node, as links and logs know it. Made by {@link peerId}. */
export type PeerId = string & {
  /** For the type checker alone. */
  readonly __brand: "PeerId";
};

/**
 * Position in a core's log, counted from 1 without gaps, assigned by the core; it goes on across restarts and
 * truncation. 0 stands before the first record. Made by {@link lsn}.
 */
export type Lsn = number & {
  /** For the type checker alone. */
  readonly __brand: "Lsn";
};

/** A message whose authenticity was checked at the edge; a core takes no other. Made by {@link verified}. */
export type Verified<M> = M & {
  /** For the type checker alone. */
  readonly __verified: true;
};

/** Longest name of a node, in characters. */
export const PEER_ID_LENGTH_MAX = 64;
const PEER_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/**
 * Checks that a string may name a node: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or digit.
 *
 * @throws {@link InvalidPeerIdError} for anything else.
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * peerId("node0"); // => "node0"
 * ```
 */
export function peerId(name: string): PeerId {
  if (name.length > PEER_ID_LENGTH_MAX || !PEER_ID.test(name)) throw new InvalidPeerIdError(name);
  return name as PeerId;
}

/**
 * A log position from a whole number >= 0.
 *
 * @throws RangeError for anything else: a position is computed by code, so a bad one is a programming mistake.
 * @example
 * ```ts
 * import { lsn } from "@void-system/effects";
 * lsn(1); // => 1
 * ```
 */
export function lsn(position: number): Lsn {
  if (!Number.isSafeInteger(position) || position < 0)
    throw new RangeError(`expected a log position >= 0, got ${position}`);
  return position as Lsn;
}

/**
 * Marks a message as authentic. Only a {@link Wire} calls it, after it has checked the bytes; tests of a core may too.
 *
 * @example
 * ```ts
 * import { verified } from "@void-system/effects";
 * verified({ type: "ping" }).type; // => "ping"
 * ```
 */
export function verified<M>(message: M): Verified<M> {
  return message as Verified<M>;
}

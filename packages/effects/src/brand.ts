/**
 * The casts that branded types need. Every other file takes its branded values from here.
 */
import { InvalidBlobAddressError, InvalidPeerIdError } from "./errors.ts";

/** Name of a node on links and in logs. Made by {@link peerId}. */
export type PeerId = string & {
  /** Exists for the type checker alone. */
  readonly __brand: "PeerId";
};

/**
 * Position in a core's log (log sequence number). The core assigns positions from 1 on, without gaps. They continue
 * across restarts and truncation. 0 is the position before the first record. Made by {@link lsn}.
 */
export type Lsn = number & {
  /** Exists for the type checker alone. */
  readonly __brand: "Lsn";
};

/** A message whose authenticity has been checked. A core takes no other messages. Made by {@link verified}. */
export type Verified<M> = M & {
  /** Exists for the type checker alone. */
  readonly __verified: true;
};

/**
 * Address of a blob: the SHA-256 of its bytes, as 64 hexadecimal digits in lower case. Made by {@link blobAddress} and
 * `addressOfBlob`.
 */
export type BlobAddress = string & {
  /** Exists for the type checker alone. */
  readonly __brand: "BlobAddress";
};

const BLOB_ADDRESS = /^[0-9a-f]{64}$/;

/** Length of the longest node name, in characters. */
export const PEER_ID_LENGTH_MAX = 64;
const PEER_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/**
 * Checks that a string can name a node: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or digit.
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
 * Makes a log position from an integer of 0 or more.
 *
 * @throws RangeError for anything else. Positions are computed by code, so a bad one is a programming error.
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
 * Marks a message as authentic. Call it only in a {@link Wire}, after checking the bytes, or in a test of a core.
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

/**
 * Checks that a string can be the address of a blob.
 *
 * @throws {@link InvalidBlobAddressError} for anything but 64 hexadecimal digits in lower case.
 * @example
 * ```ts
 * import { blobAddress } from "@void-system/effects";
 * blobAddress("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855").length; // => 64
 * ```
 */
export function blobAddress(digits: string): BlobAddress {
  if (!BLOB_ADDRESS.test(digits)) throw new InvalidBlobAddressError(digits);
  return digits as BlobAddress;
}

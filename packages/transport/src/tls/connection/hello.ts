/**
 * The control frames of a link, see `docs/format.md`. Each begins with its type.
 */

import { WINDOW_BYTES_MIN } from "../limits.ts";

/** Version of all that passes over a link. */
export const LINK_VERSION = 2;
/**
 * What both ends must name in the TLS handshake (ALPN, RFC 7301), so that no other protocol's bytes are ever taken for
 * ours.
 */
export const ALPN = "void-link/2";
/** Longest name, in characters. */
const NAME_LENGTH_MAX = 64;

const HELLO = 1;
const REFUSAL = 2;
const ALIVE = 3;
const CREDIT = 4;
const HELLO_HEAD_BYTES = 8;
const U32_MAX = 2 ** 32 - 1;
/** All that a name may be made of is ASCII: a byte is a character. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/** Why one side does not want a connection, in the order of their codes, from 1. */
export const REFUSALS = ["version", "cluster", "identity", "duplicate"] as const;
/**
 * Why one side does not want a connection: it speaks another version, belongs to another cluster, has an id that is
 * not the one pinned for its key, or there is a link already.
 */
export type Refusal = (typeof REFUSALS)[number];

/** Who dials or answers. */
export interface Hello {
  /** The cluster both must be of. */
  readonly cluster: string;
  /** The sender's id: of the same form as a cluster's name. */
  readonly id: string;
  /** Credit that the other side begins with: what the sender of this hello is ready to hold of it. */
  readonly windowBytes: number;
}

/** A control frame, decoded. */
export type Control =
  | { readonly type: "hello"; readonly hello: Hello }
  | { readonly type: "other-version"; readonly version: number }
  | { readonly type: "refusal"; readonly reason: Refusal }
  | { readonly type: "alive" }
  | { readonly type: "credit"; readonly bytes: number };

/** The bytes of a sign of life. */
export const ALIVE_FRAME: Uint8Array = Uint8Array.of(ALIVE);

/**
 * Whether a string may name a cluster or a node: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or digit.
 */
export function isName(name: string): boolean {
  return name.length <= NAME_LENGTH_MAX && NAME.test(name);
}

/** The bytes of a hello. */
export function encodeHello({ cluster, id, windowBytes }: Hello): Uint8Array {
  const names = new TextEncoder().encode(cluster + id);
  return Uint8Array.from([HELLO, LINK_VERSION, cluster.length, id.length, ...u32(windowBytes), ...names]);
}

/** The bytes of a grant: so much of what came has been dealt with. */
export function encodeCredit(bytes: number): Uint8Array {
  return Uint8Array.from([CREDIT, ...u32(bytes)]);
}

/** The bytes of a refusal. */
export function encodeRefusal(reason: Refusal): Uint8Array {
  return Uint8Array.of(REFUSAL, REFUSALS.indexOf(reason) + 1);
}

/** What a control frame says; undefined if it is none of ours, to the byte. */
export function decodeControl(bytes: Uint8Array): Control | undefined {
  const [type, second] = bytes;
  if (type === ALIVE && bytes.length === 1) return { type: "alive" };
  if (type === REFUSAL && bytes.length === 2 && second !== undefined) {
    const reason = REFUSALS[second - 1];
    return reason && { type: "refusal", reason };
  }
  if (type === CREDIT && bytes.length === 5) {
    const granted = readU32(bytes, 1);
    return granted > 0 ? { type: "credit", bytes: granted } : undefined;
  }
  if (type !== HELLO || second === undefined) return undefined;
  return second === LINK_VERSION ? decodeHello(bytes) : { type: "other-version", version: second };
}

function decodeHello(bytes: Uint8Array): Control | undefined {
  const [, , clusterLength = 0, idLength = 0] = bytes;
  if (bytes.length !== HELLO_HEAD_BYTES + clusterLength + idLength) return undefined;
  const windowBytes = readU32(bytes, 4);
  const names = String.fromCharCode(...bytes.subarray(HELLO_HEAD_BYTES));
  const cluster = names.slice(0, clusterLength);
  const id = names.slice(clusterLength);
  if (!isName(cluster) || !isName(id) || windowBytes < WINDOW_BYTES_MIN) return undefined;
  return { type: "hello", hello: { cluster, id, windowBytes } };
}

function u32(value: number): readonly number[] {
  if (value > U32_MAX) throw new RangeError(`expected a number below 2^32, got ${value}`);
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
}

/**
 * The bytes of a chain (docs/format.md). Fixed widths and lengths before contents: each chain has one encoding.
 */
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { SECRET_KEY_BYTES } from "../keys/secret-key.ts";

/** Most blocks that a chain may have. */
export const CHAIN_BLOCKS_MAX = 32;
/** Most bytes that the payload of a block may have. */
export const CHAIN_PAYLOAD_BYTES_MAX = 8_192;

/** "VCH" and the version. */
const MAGIC = /* @__PURE__ */ Uint8Array.of(0x56, 0x43, 0x48, 1);
const PROOF_BYTES: Readonly<Record<ChainKind, number>> = { open: SECRET_KEY_BYTES, sealed: SIGNATURE_BYTES };
const KIND_BYTE: Readonly<Record<ChainKind, number>> = { open: 1, sealed: 2 };
/** Magic, kind, issuer's key, count. */
const HEADER_BYTES = MAGIC.length + 1 + PUBLIC_KEY_BYTES + 1;
/** A block without its payload: next key, length, signature. */
const BLOCK_BYTES = PUBLIC_KEY_BYTES + 2 + SIGNATURE_BYTES;

/** Most bytes that a chain may have. */
export const CHAIN_BYTES_MAX: number =
  HEADER_BYTES + CHAIN_BLOCKS_MAX * (BLOCK_BYTES + CHAIN_PAYLOAD_BYTES_MAX) + SIGNATURE_BYTES;

/** An open chain ends in its last secret, a sealed one in a signature by it. */
type ChainKind = "open" | "sealed";

/** One link: what it says, who may go on, and the signature of the key that the link before names. */
export interface Block {
  readonly nextKey: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** A chain taken apart; nothing in it is verified. */
export interface ChainParts {
  readonly kind: ChainKind;
  readonly issuer: Uint8Array;
  readonly blocks: readonly Block[];
  /** The last secret, or the seal. */
  readonly proof: Uint8Array;
}

/** Lays the parts out. Whoever gave an open chain's secret zeroes it. */
export function encodeChain({ kind, issuer, blocks, proof }: ChainParts): Uint8Array {
  const payloads = blocks.reduce((sum, { payload }) => sum + payload.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + blocks.length * BLOCK_BYTES + payloads + proof.length);
  bytes.set(MAGIC);
  bytes[MAGIC.length] = KIND_BYTE[kind];
  bytes.set(issuer, MAGIC.length + 1);
  bytes[HEADER_BYTES - 1] = blocks.length;
  let at = HEADER_BYTES;
  for (const { nextKey, payload, signature } of blocks) {
    bytes.set(nextKey, at);
    bytes[at + PUBLIC_KEY_BYTES] = payload.length >> 8;
    bytes[at + PUBLIC_KEY_BYTES + 1] = payload.length & 0xff;
    bytes.set(payload, at + PUBLIC_KEY_BYTES + 2);
    bytes.set(signature, at + PUBLIC_KEY_BYTES + 2 + payload.length);
    at += BLOCK_BYTES + payload.length;
  }
  bytes.set(proof, at);
  return bytes;
}

/** Takes bytes apart, as views into them; a text says why they are no chain. Reads every byte, and no other. */
export function decodeChain(bytes: Uint8Array): ChainParts | string {
  if (bytes.length > CHAIN_BYTES_MAX) return `more than ${CHAIN_BYTES_MAX} bytes`;
  if (bytes.length < HEADER_BYTES) return `only ${bytes.length} bytes`;
  if (!MAGIC.subarray(0, 3).every((byte, at) => bytes[at] === byte)) return "bytes that begin otherwise";
  if (bytes[3] !== MAGIC[3]) return `version ${bytes[3]}`;
  const kind = bytes[4] === KIND_BYTE.open ? "open" : bytes[4] === KIND_BYTE.sealed ? "sealed" : undefined;
  if (kind === undefined) return `kind ${bytes[4]}`;
  const count = bytes[HEADER_BYTES - 1] ?? 0;
  if (count < 1 || count > CHAIN_BLOCKS_MAX) return `${count} blocks`;
  const issuer = bytes.subarray(MAGIC.length + 1, HEADER_BYTES - 1);
  const blocks: Block[] = [];
  let at = HEADER_BYTES;
  for (let index = 0; index < count; index += 1) {
    const length = ((bytes[at + PUBLIC_KEY_BYTES] ?? 0) << 8) | (bytes[at + PUBLIC_KEY_BYTES + 1] ?? 0);
    if (length > CHAIN_PAYLOAD_BYTES_MAX) return `a payload of ${length} bytes`;
    const end = at + BLOCK_BYTES + length;
    if (end > bytes.length) return "bytes that end within a block";
    const nextKey = bytes.subarray(at, at + PUBLIC_KEY_BYTES);
    if (hasKey(issuer, blocks, nextKey)) return `one key twice, the second time in block ${index + 1}`;
    blocks.push({
      nextKey,
      payload: bytes.subarray(at + PUBLIC_KEY_BYTES + 2, end - SIGNATURE_BYTES),
      signature: bytes.subarray(end - SIGNATURE_BYTES, end),
    });
    at = end;
  }
  const proof = bytes.subarray(at);
  if (proof.length !== PROOF_BYTES[kind]) return `${proof.length} bytes after the last block`;
  return { kind, issuer, blocks, proof };
}

/**
 * Whether a key is named already: by the issuer or by a block. Each key signs at one place, or whoever holds it at the
 * later one could go back to the earlier.
 */
export function hasKey(issuer: Uint8Array, blocks: readonly Block[], key: Uint8Array): boolean {
  return sameBytes(issuer, key) || blocks.some(({ nextKey }) => sameBytes(nextKey, key));
}

/** Of public bytes of one length, by the first that differs. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

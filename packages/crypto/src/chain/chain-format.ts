/**
 * Encodes and decodes chains (docs/format.md). Fixed widths, and lengths before contents, give each chain one encoding.
 */
import { type ByteReader, ByteWriter, decodeAll, equalBytes } from "@void-system/bytes";
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { SECRET_KEY_BYTES } from "../keys/secret-key.ts";

/** Maximum of blocks in a chain. */
export const CHAIN_BLOCKS_MAX = 32;
/** Maximum length of a block's payload, in bytes. */
export const CHAIN_PAYLOAD_BYTES_MAX = 8_192;

/** "VCH" and the version. */
const MAGIC = /* @__PURE__ */ Uint8Array.of(0x56, 0x43, 0x48, 1);
const PROOF_BYTES: Readonly<Record<ChainKind, number>> = { open: SECRET_KEY_BYTES, sealed: SIGNATURE_BYTES };
const KIND_BYTE: Readonly<Record<ChainKind, number>> = { open: 1, sealed: 2 };
/** Magic, kind, issuer's key, count. */
const HEADER_BYTES = MAGIC.length + 1 + PUBLIC_KEY_BYTES + 1;
/** A block without its payload: next key, length, signature. */
const BLOCK_BYTES = PUBLIC_KEY_BYTES + 2 + SIGNATURE_BYTES;

/** Maximum length of a chain, in bytes. */
export const CHAIN_BYTES_MAX: number =
  HEADER_BYTES + CHAIN_BLOCKS_MAX * (BLOCK_BYTES + CHAIN_PAYLOAD_BYTES_MAX) + SIGNATURE_BYTES;

/** An open chain ends with its last secret, a sealed one with a signature by that secret. */
type ChainKind = "open" | "sealed";

/**
 * One block: its payload, the key that signs the next block, and a signature by the key that the block before names.
 */
export interface Block {
  readonly nextKey: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** A decoded chain, in which nothing is verified. */
export interface ChainParts {
  readonly kind: ChainKind;
  readonly issuer: Uint8Array;
  readonly blocks: readonly Block[];
  /** The last secret, or the seal. */
  readonly proof: Uint8Array;
}

/** Encodes a chain. The caller zeroes the secret of an open one. */
export function encodeChain({ kind, issuer, blocks, proof }: ChainParts): Uint8Array {
  const payloads = blocks.reduce((sum, { payload }) => sum + payload.length, 0);
  // Of the exact size: growing would leave a secret behind in the smaller buffer.
  const writer = new ByteWriter(HEADER_BYTES + blocks.length * BLOCK_BYTES + payloads + proof.length);
  writer.raw(MAGIC).u8(KIND_BYTE[kind]).raw(issuer).u8(blocks.length);
  for (const { nextKey, payload, signature } of blocks)
    writer.raw(nextKey).u16(payload.length).raw(payload).raw(signature);
  return writer.raw(proof).finish();
}

/** Decodes a chain into views of the bytes, or returns the reason why they are not a chain. */
export function decodeChain(bytes: Uint8Array): ChainParts | string {
  if (bytes.length > CHAIN_BYTES_MAX) return `more than ${CHAIN_BYTES_MAX} bytes`;
  const decoded = decodeAll(bytes, readChain);
  return decoded.ok ? decoded.value : `other bytes: ${decoded.reason}`;
}

function readChain(reader: ByteReader): ChainParts {
  for (const byte of MAGIC) if (reader.u8() !== byte) reader.fail("the mark and version of a chain", "other bytes", 0);
  const kind = readKind(reader);
  const issuer = reader.rawView(PUBLIC_KEY_BYTES);
  const count = reader.u8();
  if (count < 1 || count > CHAIN_BLOCKS_MAX) reader.fail(`1 to ${CHAIN_BLOCKS_MAX} blocks`, `${count}`);
  const blocks: Block[] = [];
  while (blocks.length < count) {
    const nextKey = reader.rawView(PUBLIC_KEY_BYTES);
    if (hasKey(issuer, blocks, nextKey)) reader.fail("each key once", `one again in block ${blocks.length + 1}`);
    const length = reader.u16();
    if (length > CHAIN_PAYLOAD_BYTES_MAX) reader.fail(`a payload of at most ${CHAIN_PAYLOAD_BYTES_MAX} bytes`, `${length}`);
    blocks.push({ nextKey, payload: reader.rawView(length), signature: reader.rawView(SIGNATURE_BYTES) });
  }
  return { kind, issuer, blocks, proof: reader.rawView(PROOF_BYTES[kind]) };
}

function readKind(reader: ByteReader): ChainKind {
  const byte = reader.u8();
  if (byte === KIND_BYTE.open) return "open";
  return byte === KIND_BYTE.sealed ? "sealed" : reader.fail("a known kind of chain", `${byte}`);
}

/**
 * Returns true if a key is already named by the issuer or a block. Each key must sign in one place only, or its later
 * holder could go back to the earlier place.
 */
export function hasKey(issuer: Uint8Array, blocks: readonly Block[], key: Uint8Array): boolean {
  return equalBytes(issuer, key) || blocks.some(({ nextKey }) => equalBytes(nextKey, key));
}

/**
 * Messages signed by the keys of a chain. Each covers the issuer, all blocks before it and its own place, so that no block
 * can be moved, dropped or put into another chain. Each kind has its own label, so that none passes for another.
 */
import { concatBytes } from "@void-system/bytes";
import type { Block } from "../chain-format.ts";
import { digest } from "../../hash/digest.ts";
import { SIGNATURE_BYTES } from "../../ed25519/equation.ts";

const label = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const ISSUER: Uint8Array = /* @__PURE__ */ label("void-chain/1 issuer\n");
const BLOCK: Uint8Array = /* @__PURE__ */ label("void-chain/1 block\n");
const NO_SIGNATURE: Uint8Array = /* @__PURE__ */ new Uint8Array(SIGNATURE_BYTES);
const SEAL: Uint8Array = /* @__PURE__ */ label("void-chain/1 seal\n");

/** Returns the state before the first block, which depends on the issuer. Every state has 32 bytes. */
export function firstState(issuer: Uint8Array): Uint8Array {
  return digest(concatBytes([ISSUER, issuer]));
}

/** A block in the form that the chain's state absorbs: room for the signature, then the message that it covers. */
export interface BlockRecord {
  /** The whole record. */
  readonly record: Uint8Array;
  /** The signed part. */
  readonly message: Uint8Array;
}

/** Builds the record of a block, with room for its signature at the beginning. */
export function blockRecord(state: Uint8Array, { nextKey, payload }: Omit<Block, "signature">): BlockRecord {
  const record = concatBytes([NO_SIGNATURE, BLOCK, state, nextKey, payload]);
  return { record, message: record.subarray(SIGNATURE_BYTES) };
}

/** Returns the state after a block, which names the chain up to there. */
export function nextState({ record }: BlockRecord, signature: Uint8Array): Uint8Array {
  record.set(signature);
  return digest(record);
}

/** Returns the message of a seal, which covers the whole chain and its binding. */
export function sealMessage(state: Uint8Array, binding: Uint8Array): Uint8Array {
  return concatBytes([SEAL, state, binding]);
}

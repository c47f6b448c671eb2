/**
 * What the signatures of a chain cover. Each covers the issuer, all blocks before it and its own place, so that no block
 * can be moved, dropped or put into another chain; and each kind has its own label, so that none passes for another.
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

/** State before the first block: whose chain it is. 32 bytes, as every state. */
export function firstState(issuer: Uint8Array): Uint8Array {
  return digest(concatBytes([ISSUER, issuer]));
}

/** A block as the chain's state takes it in: room for its signature, then what that covers. */
export interface BlockRecord {
  /** All of it. */
  readonly record: Uint8Array;
  /** The part that is signed. */
  readonly message: Uint8Array;
}

/** What the signature of a block covers, with room for the signature before it. */
export function blockRecord(state: Uint8Array, { nextKey, payload }: Omit<Block, "signature">): BlockRecord {
  const record = concatBytes([NO_SIGNATURE, BLOCK, state, nextKey, payload]);
  return { record, message: record.subarray(SIGNATURE_BYTES) };
}

/** State after a block: a name of the chain up to there. */
export function nextState({ record }: BlockRecord, signature: Uint8Array): Uint8Array {
  record.set(signature);
  return digest(record);
}

/** What a seal covers: the whole chain, and what it is shown for. */
export function sealMessage(state: Uint8Array, binding: Uint8Array): Uint8Array {
  return concatBytes([SEAL, state, binding]);
}

/**
 * What the signatures of a chain cover. Each covers the issuer, all blocks before it and its own place, so that no block
 * can be moved, dropped or put into another chain; and each kind has its own label, so that none passes for another.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import type { Block } from "./chain-format.ts";
import { digest } from "./digest.ts";

const label = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const ISSUER: Uint8Array = /* @__PURE__ */ label("void-chain/1 issuer\n");
const BLOCK: Uint8Array = /* @__PURE__ */ label("void-chain/1 block\n");
const SEAL: Uint8Array = /* @__PURE__ */ label("void-chain/1 seal\n");

/** State before the first block: whose chain it is. 32 bytes, as every state. */
export function firstState(issuer: Uint8Array): Uint8Array {
  return digest(concatBytes(ISSUER, issuer));
}

/** What the signature of a block covers. */
export function blockMessage(state: Uint8Array, { nextKey, payload }: Omit<Block, "signature">): Uint8Array {
  return concatBytes(BLOCK, state, nextKey, payload);
}

/** State after a block: a name of the chain up to there. */
export function nextState(signature: Uint8Array, message: Uint8Array): Uint8Array {
  return digest(concatBytes(signature, message));
}

/** What a seal covers: the whole chain, and what it is shown for. */
export function sealMessage(state: Uint8Array, binding: Uint8Array): Uint8Array {
  return concatBytes(SEAL, state, binding);
}

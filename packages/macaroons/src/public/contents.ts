import { concatBytes } from "@void-system/bytes";
import { readChain } from "@void-system/crypto";
import type { Clause } from "../caveat/clause.ts";
import { nameOf } from "../token/name.ts";
import { type DischargeHead, type PublicBlock, type PublicDemand, type TokenHead, decodeBlock } from "./block.ts";
import { PUBLIC_BLOCKS_MAX, PUBLIC_TOKEN_BYTES_MAX } from "./limits.ts";

/** Contents of a public token or discharge, in which nothing is verified. */
export interface PublicContents {
  /** True for a token as it is shown, without its secret. */
  readonly isSealed: boolean;
  /** The 32 bytes of the issuer's public key, or the third party's. */
  readonly issuer: Uint8Array;
  /** Head of the first block. */
  readonly head: TokenHead | DischargeHead;
  /** Blocks, in order. */
  readonly blocks: readonly PublicBlock[];
}

/** Reads the contents of bytes, or returns `undefined` for anything but a public token or discharge within the limits. */
export function readContents(bytes: Uint8Array): PublicContents | undefined {
  if (bytes.length > PUBLIC_TOKEN_BYTES_MAX) return undefined;
  const chain = readChain(bytes);
  return chain && contentsOf(chain.kind === "sealed", chain.issuer, chain.payloads);
}

/** Reads the contents of a chain's payloads. */
export function contentsOf(isSealed: boolean, issuer: Uint8Array, payloads: readonly Uint8Array[]): PublicContents | undefined {
  if (payloads.length > PUBLIC_BLOCKS_MAX) return undefined;
  const blocks = payloads.flatMap((payload) => decodeBlock(payload) ?? []);
  const [first, ...others] = blocks;
  // A head, and only the first block's, says what the chain is.
  if (blocks.length < payloads.length || first?.head === undefined || others.some(({ head }) => head !== undefined)) return undefined;
  return { isSealed, issuer, head: first.head, blocks };
}

/** Name of a token or discharge: of the nonce in its first block and the key that signed it, never of a signature. */
export function nameOfContents({ issuer, head }: PublicContents): string {
  return nameOf(concatBytes([issuer, head.nonce]));
}

/** Texts of the first-party caveats, in order. */
export function textsOf(contents: PublicContents): readonly string[] {
  return caveatsOf(contents).flatMap((caveat) => ("text" in caveat && caveat.text !== undefined ? [caveat.text] : []));
}

/** Third parties' caveats, in order. */
export function demandsOf(contents: PublicContents): readonly PublicDemand[] {
  return caveatsOf(contents).flatMap((caveat) => ("condition" in caveat ? [caveat] : []));
}

/** Caveats in order: texts with the number of blocks behind theirs, and third parties' caveats. */
export function caveatsOf({ blocks }: PublicContents): readonly (Clause | PublicDemand)[] {
  return blocks.flatMap(({ caveats }, at) => caveats.map((caveat) => (typeof caveat === "string" ? { text: caveat, behind: blocks.length - 1 - at } : caveat)));
}

import { isBytes } from "../bytes.ts";
import { CHAIN_BYTES_MAX, decodeChain } from "./chain-format.ts";

/** Contents of a chain, in which nothing is verified. */
export interface ChainContents {
  /** An open chain ends with its last secret, a sealed one with a signature. */
  readonly kind: "open" | "sealed";
  /** The 32 bytes of the issuer's public key, as named in the chain. */
  readonly issuer: Uint8Array;
  /** Payloads of the blocks, the issuer's first. */
  readonly payloads: readonly Uint8Array[];
}

/**
 * Reads the contents of a chain without verifying anything: to show a chain, or to bound the work before
 * {@link verifyChain}, which costs a signature a block and one more. Returns undefined for anything but a chain. Cheap: no
 * signature is checked, and no secret is copied.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, mintChain, readChain } from "@void-system/crypto";
 *
 * using chain = mintChain(ed25519.signer(generateKey("ed25519")), Uint8Array.of(1));
 * readChain(chain.seal())?.payloads; // => [Uint8Array.of(1)]
 * readChain(Uint8Array.of(1)); // => undefined
 * ```
 */
export function readChain(bytes: Uint8Array): ChainContents | undefined {
  if (!isBytes(bytes) || bytes.length > CHAIN_BYTES_MAX) return undefined;
  const parts = decodeChain(bytes);
  if (typeof parts === "string") return undefined;
  return { kind: parts.kind, issuer: parts.issuer.slice(), payloads: parts.blocks.map(({ payload }) => payload.slice()) };
}

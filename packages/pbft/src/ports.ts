/**
 * The cryptography that the protocol asks for, and nothing else. All three are synchronous and deterministic (Ed25519 is), so
 * a core that uses them stays a function of its inputs.
 */
import type { PeerId } from "@void-system/effects";

/** SHA-256, or a function as strong: 32 bytes out of any bytes. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

/** Signs as this node. */
export type Sign = (bytes: Uint8Array) => Uint8Array;

/** Returns whether `signature` is `signer`'s over `bytes`. False for a signer that is not known; it never throws. */
export type Verify = (signer: PeerId, bytes: Uint8Array, signature: Uint8Array) => boolean;

/** The cryptography of one node. */
export interface Ports {
  /** Signs as this node. */
  readonly sign: Sign;
  /** Checks signatures of any node. */
  readonly verify: Verify;
  /** SHA-256. */
  readonly digest: Digest;
}

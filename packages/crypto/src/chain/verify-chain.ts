import type { KeyId } from "../brand.ts";
import { constantTimeEqual, isBytes, typeNameOf } from "../bytes.ts";
import { type Block, CHAIN_BYTES_MAX, decodeChain } from "./chain-format.ts";
import { blockRecord, firstState, nextState, sealMessage } from "./internal/chain-transcript.ts";
import { ed25519 } from "../ed25519/ed25519.ts";
import type { PublicKey } from "../keys/public-key.ts";
import { verifierUnder } from "../ed25519/internal/verifier-under.ts";

/** Why a chain was refused. */
export type ChainRefusal =
  /** The bytes are no chain of this version; `detail` says where they stop being one. */
  | "malformed"
  /** It still has its secret: its holder must seal it before showing it. */
  | "open"
  /** It names an issuer that is not among those asked about. */
  | "unknown-issuer"
  /** A block was not signed by the key that the block before it names. */
  | "bad-signature"
  /** The seal is not by the key that the last block names, or not for this binding. */
  | "bad-seal";

/** A verifier's answer. */
export type ChainVerdict =
  | {
      /** The chain holds. */
      readonly valid: true;
      /** Whose chain it is. */
      readonly issuer: KeyId;
      /** What the blocks say, the issuer's first. All of them count: each later one only narrows what came before. */
      readonly payloads: readonly Uint8Array[];
      /**
       * A name of 32 bytes for each block with all before it. Who revokes a name, revokes every chain that was made from
       * there on.
       */
      readonly names: readonly Uint8Array[];
    }
  | {
      /** The chain does not hold. */
      readonly valid: false;
      /** Why not. */
      readonly reason: ChainRefusal;
      /** More about it, for a log. */
      readonly detail: string;
    };

/** What {@link verifyChain} expects beyond the issuer. */
export interface VerifyChainOptions {
  /** What the chain must have been sealed for. @defaultValue nothing: no bytes */
  readonly binding?: Uint8Array;
}

/**
 * Whether sealed bytes are a chain of one of `issuers`. Total: hostile bytes get a verdict, never an exception; the work
 * is bounded by {@link CHAIN_BLOCKS_MAX} signatures, and stops at the first that does not hold.
 *
 * A chain that holds says: the issuer signed the first payload, and whoever held the chain then added the rest, in this
 * order; none can be taken away again. Whether it was shown before, it does not say: bind it to a request for that.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, mintChain, verifyChain } from "@void-system/crypto";
 *
 * const issuer = ed25519.signer(generateKey("ed25519"));
 * const trusted = ed25519.loadPublicKey(issuer.publicKey);
 * using chain = mintChain(issuer, new TextEncoder().encode("may read"));
 * const request = new TextEncoder().encode("GET /a, number 17");
 *
 * verifyChain(chain.seal(request), trusted, { binding: request }).valid; // => true
 * const elsewhere = verifyChain(chain.seal(request), trusted);
 * elsewhere.valid ? "valid" : elsewhere.reason; // => "bad-seal"
 * ```
 */
export function verifyChain(
  bytes: Uint8Array,
  issuers: PublicKey | readonly PublicKey[],
  { binding = new Uint8Array() }: VerifyChainOptions = {}
): ChainVerdict {
  if (!isBytes(bytes)) return refused("malformed", `expected a sealed chain, got ${typeNameOf(bytes)}`);
  if (!isBytes(binding)) return refused("bad-seal", `expected a binding as a Uint8Array, got ${typeNameOf(binding)}`);
  // A copy, and a bounded one: what is verified is what is returned.
  const own = new Uint8Array(bytes.subarray(0, CHAIN_BYTES_MAX + 1));
  const parts = decodeChain(own);
  if (typeof parts === "string" || parts.kind === "open") own.fill(0); // there may be a secret in it
  if (typeof parts === "string") return refused("malformed", `expected a sealed chain, got ${parts}`);
  if (parts.kind === "open") {
    return refused("open", "expected a sealed chain, got an open one: seal it before showing it");
  }
  const candidates = "algorithm" in issuers ? [issuers] : issuers;
  const issuer = candidates.find((key) => constantTimeEqual(key.toBytes(), parts.issuer));
  if (issuer === undefined) return refused("unknown-issuer", "expected an issuer that is trusted here, got another");
  const walk = verifyChainSignatures(issuer, parts.blocks);
  if (walk === undefined) return refused("bad-signature", "expected each block to be signed by the key before it");
  if (!verifierUnder(walk.lastKey)(sealMessage(walk.state, binding), parts.proof)) {
    return refused("bad-seal", "expected a seal by the last key, for this binding");
  }
  return { valid: true, issuer: issuer.keyId, payloads: parts.blocks.map(({ payload }) => payload), names: walk.names };
}

/** Where a chain whose signatures hold has come to. */
export interface ChainWalk {
  readonly lastKey: Uint8Array;
  readonly state: Uint8Array;
  readonly names: readonly Uint8Array[];
}

/** Verifies block after block; undefined at the first that is not signed by the key before it. */
export function verifyChainSignatures(issuer: PublicKey | Uint8Array, blocks: readonly Block[]): ChainWalk | undefined {
  const names: Uint8Array[] = [];
  let state = firstState(issuer instanceof Uint8Array ? issuer : issuer.toBytes());
  let key = issuer;
  for (const block of blocks) {
    const record = blockRecord(state, block);
    const { message } = record;
    const holds =
      key instanceof Uint8Array
        ? verifierUnder(key)(message, block.signature)
        : ed25519.verify(message, block.signature, key);
    if (!holds) return undefined;
    state = nextState(record, block.signature);
    names.push(state);
    key = block.nextKey;
  }
  return key instanceof Uint8Array ? { lastKey: key, state, names } : undefined; // a chain has blocks
}

function refused(reason: ChainRefusal, detail: string): ChainVerdict {
  return { valid: false, reason, detail };
}

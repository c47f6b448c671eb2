import { requireOptions } from "../arguments.ts";
import type { KeyId } from "../brand.ts";
import { constantTimeEqual, isBytes, requireBytes, typeNameOf } from "../bytes.ts";
import { type Block, CHAIN_BYTES_MAX, decodeChain } from "./chain-format.ts";
import { blockRecord, firstState, nextState, sealMessage } from "./internal/chain-transcript.ts";
import { ed25519 } from "../ed25519/ed25519.ts";
import { pointOf } from "../ed25519/load-public-key.ts";
import { InvalidOptionError } from "../errors.ts";
import type { PublicKey } from "../keys/public-key.ts";
import { verifierUnder } from "../ed25519/internal/verifier-under.ts";

/** Reason why a chain was refused. */
export type ChainRefusal =
  /** The bytes are not a chain of this version; `detail` says where they break the format. */
  | "malformed"
  /** The chain still has its secret: its holder must seal it before showing it. */
  | "open"
  /** The chain names an issuer that is not among the expected ones. */
  | "unknown-issuer"
  /** A block was not signed by the key that the block before it names. */
  | "bad-signature"
  /** The seal is not by the key that the last block names, or not for this binding. */
  | "bad-seal";

/** Result of verifying a chain. */
export type ChainVerdict =
  | {
      readonly valid: true;
      /** Id of the issuer's key. */
      readonly issuer: KeyId;
      /** Payloads of the blocks, the issuer's first. All of them apply: each later one only narrows the earlier ones. */
      readonly payloads: readonly Uint8Array[];
      /**
       * A name of 32 bytes for each block together with all before it. Revoking a name revokes every chain derived from
       * that block.
       */
      readonly names: readonly Uint8Array[];
    }
  | {
      readonly valid: false;
      readonly reason: ChainRefusal;
      /** Details for a log. */
      readonly detail: string;
    };

/** Options of {@link verifyChain}. */
export interface VerifyChainOptions {
  /** Binding for which the chain must have been sealed. @defaultValue no bytes */
  readonly binding?: Uint8Array;
}

/**
 * Verifies that sealed bytes are a chain of one of `issuers`. Hostile bytes, and anything else in their place, get a verdict,
 * never an exception.
 * The work is bounded by {@link CHAIN_BLOCKS_MAX} signatures, and stops at the first invalid one.
 *
 * A valid chain proves that the issuer signed the first payload, and that the successive holders added the rest in this
 * order. No payload can be taken away. It does not prove that the chain is shown for the first time: bind it to a
 * request for that.
 *
 * @throws {@link InvalidOptionError} for issuers that `loadPublicKey` has not loaded, an unknown option, or a binding that is
 * not a Uint8Array.
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
  options: VerifyChainOptions = {}
): ChainVerdict {
  const candidates = issuersOf(issuers);
  requireOptions(options, ["binding"]);
  const { binding = new Uint8Array() } = options;
  requireBytes("a binding", binding);
  if (!isBytes(bytes)) return refused("malformed", `expected a sealed chain, got ${typeNameOf(bytes)}`);
  // A bounded copy, so that the verified bytes are the returned ones.
  const own = new Uint8Array(bytes.subarray(0, CHAIN_BYTES_MAX + 1));
  const parts = decodeChain(own);
  if (typeof parts === "string" || parts.kind === "open") own.fill(0); // there may be a secret in it
  if (typeof parts === "string") return refused("malformed", `expected a sealed chain, got ${parts}`);
  if (parts.kind === "open") {
    return refused("open", "expected a sealed chain, got an open one: seal it before showing it");
  }
  const issuer = candidates.find((key) => constantTimeEqual(key.toBytes(), parts.issuer));
  if (issuer === undefined) return refused("unknown-issuer", "expected an issuer that is trusted here, got another");
  const walk = verifyChainSignatures(issuer, parts.blocks);
  if (walk === undefined) return refused("bad-signature", "expected each block to be signed by the key before it");
  if (!verifierUnder(walk.lastKey)(sealMessage(walk.state, binding), parts.proof)) {
    return refused("bad-seal", "expected a seal by the last key, for this binding");
  }
  return { valid: true, issuer: issuer.keyId, payloads: parts.blocks.map(({ payload }) => payload), names: walk.names };
}

/** Refuses what the caller trusts by mistake, such as raw bytes or a signer. Keys that only look loaded verify nothing. */
function issuersOf(issuers: PublicKey | readonly PublicKey[]): readonly PublicKey[] {
  const keys: readonly PublicKey[] = isList(issuers) ? issuers : [issuers];
  for (const key of keys) {
    if (typeof key !== "object" || key === null || pointOf(key) === undefined)
      throw new InvalidOptionError("issuers that were loaded with loadPublicKey, one or an array of them", isBytes(key) ? "raw bytes" : typeNameOf(key));
  }
  return keys;
}

/** `Array.isArray` does not narrow a readonly array. */
function isList(issuers: PublicKey | readonly PublicKey[]): issuers is readonly PublicKey[] {
  return Array.isArray(issuers);
}

/** Last key and state of a chain whose signatures are valid. */
export interface ChainWalk {
  readonly lastKey: Uint8Array;
  readonly state: Uint8Array;
  readonly names: readonly Uint8Array[];
}

/** Verifies block after block. Returns undefined at the first that is not signed by the key before it. */
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

import {
  type Block,
  CHAIN_BLOCKS_MAX,
  CHAIN_BYTES_MAX,
  CHAIN_PAYLOAD_BYTES_MAX,
  type ChainParts,
  decodeChain,
  encodeChain,
  hasKey,
} from "./chain-format.ts";
import { blockRecord, firstState, nextState, sealMessage } from "./internal/chain-transcript.ts";
import { constantTimeEqual, isBytes, requireBytes, typeNameOf } from "../bytes.ts";
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import { ChainLimitError, InvalidChainError, InvalidOptionError, InvalidRandomnessError } from "../errors.ts";
import { freshKey } from "../ed25519/internal/fresh-key.ts";
import type { FreshKey } from "../ed25519/internal/single-use.ts";
import { requireMethod } from "../arguments.ts";
import { type RandomOptions, requireRandomOptions } from "../keys/random.ts";
import { generateKey, importKey, SECRET_KEY_BYTES } from "../keys/secret-key.ts";
import type { Signer } from "../keys/signature.ts";
import { verifyChainSignatures } from "./verify-chain.ts";

/** The printable form of an open chain. */
export interface ShownChain {
  /** Number of blocks. */
  readonly blocks: number;
  /** Shown in place of the last secret. */
  readonly secret: "[hidden]";
}

/**
 * A chain with its last secret, which allows its holder to add blocks and to seal it. It has one owner, who destroys it
 * or hands it over. It does not show its secret in JSON, strings, `console.log` or errors.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, mintChain, openChain, verifyChain } from "@void-system/crypto";
 *
 * const text = (value: string) => new TextEncoder().encode(value);
 * const issuer = ed25519.signer(generateKey("ed25519"));
 *
 * using mine = mintChain(issuer, text("may read and write")); // by the issuer
 * const gift = mine.attenuate(text("may read only")).handOver(); // by its holder, for somebody else
 *
 * using theirs = openChain(gift);
 * const shown = theirs.seal(); // to show it, without the secret
 * const verdict = verifyChain(shown, ed25519.loadPublicKey(issuer.publicKey));
 * verdict.valid && verdict.payloads.length; // => 2
 * ```
 */
export interface OpenChain {
  /** Copy of the 32 bytes of the issuer's public key, as named in the chain. */
  readonly issuer: Uint8Array;
  /** Copies of the blocks' payloads, the issuer's first. */
  readonly payloads: readonly Uint8Array[];
  /** True once the last secret is gone, by {@link OpenChain.destroy} or {@link OpenChain.handOver}. */
  readonly destroyed: boolean;
  /**
   * Returns a chain with one more block and a new last secret. This chain is unchanged, so many chains can be made from
   * it. The new secret comes from this chain's source of randomness: see {@link mintChain}.
   *
   * @throws {@link ChainLimitError} if the payload is longer than {@link CHAIN_PAYLOAD_BYTES_MAX}, or the chain has
   * {@link CHAIN_BLOCKS_MAX} blocks.
   * @throws {@link InvalidOptionError} for a payload that is not a Uint8Array.
   * @throws {@link InvalidRandomnessError} if the given source of randomness yields no new key.
   * @throws {@link SecretDestroyedError} once the last secret is gone.
   */
  attenuate(payload: Uint8Array): OpenChain;
  /**
   * Returns the chain in the form that others verify: without its secret, so that nobody can add to it.
   *
   * @param binding bytes that say what the chain is shown for, such as the digest of a request. A verifier who expects
   * another binding refuses the chain, so nobody who sees it can use it for anything else. Without a binding, everyone
   * who has the bytes can show them.
   * @throws {@link InvalidOptionError} for a binding that is not a Uint8Array.
   * @throws {@link SecretDestroyedError} once the last secret is gone.
   */
  seal(binding?: Uint8Array): Uint8Array;
  /**
   * Returns the chain with its last secret, to give it away, and destroys the secret in this object. Send the bytes
   * over an encrypted link only, and zero them.
   *
   * @throws {@link SecretDestroyedError} once the last secret is gone.
   */
  handOver(): Uint8Array;
  /** Overwrites the last secret with zeros. A second call does nothing. */
  destroy(): void;
  /** Calls {@link OpenChain.destroy}, for `using`. */
  [Symbol.dispose](): void;
  /** Returns the printable form, without the secret. */
  toJSON(): ShownChain;
  /** Returns a printable form, without the secret. */
  toString(): string;
}

/** Beginning of a signer's chains, computed once per signer. */
interface Beginning {
  readonly issuer: Uint8Array;
  readonly state: Uint8Array;
}

const beginnings: WeakMap<Signer, Beginning> = /* @__PURE__ */ new WeakMap();

class HeldChain implements OpenChain {
  readonly #issuer: Uint8Array;
  readonly #blocks: readonly Block[];
  readonly #last: FreshKey;
  readonly #options: RandomOptions;
  /** State after the last block. Computed when the next step needs it, because a chain that is given away does not. */
  #stateNow: Uint8Array | (() => Uint8Array);

  constructor(
    issuer: Uint8Array,
    blocks: readonly Block[],
    state: Uint8Array | (() => Uint8Array),
    last: FreshKey,
    options: RandomOptions
  ) {
    this.#issuer = issuer;
    this.#blocks = blocks;
    this.#stateNow = state;
    this.#last = last;
    this.#options = options;
  }

  get #state(): Uint8Array {
    if (typeof this.#stateNow === "function") this.#stateNow = this.#stateNow();
    return this.#stateNow;
  }

  get issuer(): Uint8Array {
    return this.#issuer.slice();
  }

  get payloads(): readonly Uint8Array[] {
    return this.#blocks.map(({ payload }) => payload.slice());
  }

  get destroyed(): boolean {
    return this.#last.key.destroyed;
  }

  attenuate(payload: Uint8Array): OpenChain {
    return extended(this.#issuer, this.#blocks, this.#state, this.#last, payload, this.#options);
  }

  seal(binding: Uint8Array = new Uint8Array()): Uint8Array {
    requireBytes("a binding", binding);
    const proof = this.#last.sign(sealMessage(this.#state, binding));
    return encodeChain({ kind: "sealed", issuer: this.#issuer, blocks: this.#blocks, proof });
  }

  handOver(): Uint8Array {
    const { key } = this.#last;
    const bytes = key.use((proof) => encodeChain({ kind: "open", issuer: this.#issuer, blocks: this.#blocks, proof }));
    key.destroy();
    return bytes;
  }

  destroy(): void {
    this.#last.key.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  toJSON(): ShownChain {
    return { blocks: this.#blocks.length, secret: "[hidden]" };
  }

  toString(): string {
    return `OpenChain(${this.#blocks.length} blocks, [hidden])`;
  }
}

/**
 * Mints a chain: its first block, signed by the issuer.
 *
 * The last secret, and those of the blocks added later, come from the platform's randomness, or from the source in
 * `options`. That source should be a World's, so that a simulated run makes the same bytes from the same seed. Pass no
 * other: anyone who can guess a secret of a chain, or has it from another chain, can replace all blocks after the one that
 * names it. A key that recurs within a chain is refused, here and by every verifier.
 *
 * @throws {@link ChainLimitError} if the payload is longer than {@link CHAIN_PAYLOAD_BYTES_MAX}.
 * @throws {@link InvalidOptionError} for a payload that is not a Uint8Array, a signer that is not of Ed25519, or an unknown
 * option.
 * @throws {@link InvalidRandomnessError} if the given source of randomness yields no new key.
 * @throws {@link SecretDestroyedError} if the issuer's key was destroyed.
 * @example
 * ```ts
 * import { ed25519, generateKey, mintChain } from "@void-system/crypto";
 *
 * using chain = mintChain(ed25519.signer(generateKey("ed25519")), Uint8Array.of(1));
 * chain.payloads; // => [Uint8Array.of(1)]
 * ```
 */
export function mintChain(issuer: Signer, payload: Uint8Array, options: RandomOptions = {}): OpenChain {
  requireMethod("an Ed25519 signer", issuer, "sign");
  requireRandomOptions(options);
  const { issuer: own, state } = beginningOf(issuer);
  return extended(own, [], state, issuer, payload, options);
}

/**
 * Opens a chain that was handed over. Its signatures must be valid under the issuer that it names. Only
 * {@link verifyChain} checks that the issuer is trusted. `bytes` are copied, so zero them. Costs about 0.05 ms and 0.1
 * ms a block. The options are those of {@link mintChain}, for the blocks added later.
 *
 * @throws {@link InvalidChainError} for anything but an open chain.
 * @throws {@link InvalidOptionError} for an unknown option.
 */
export function openChain(bytes: Uint8Array, options: RandomOptions = {}): OpenChain {
  if (!isBytes(bytes)) throw new InvalidChainError(typeNameOf(bytes));
  requireRandomOptions(options);
  const own = new Uint8Array(bytes.subarray(0, CHAIN_BYTES_MAX + 1)); // a bounded copy, zeroed below
  try {
    const parts = decodeChain(own);
    if (typeof parts === "string") throw new InvalidChainError(parts);
    if (parts.kind !== "open") throw new InvalidChainError("a sealed one");
    return reopened(parts, options);
  } finally {
    own.fill(0);
  }
}

function reopened({ issuer, blocks, proof }: ChainParts, options: RandomOptions): OpenChain {
  const walk = verifyChainSignatures(issuer, blocks);
  if (walk === undefined) throw new InvalidChainError("signatures that do not hold");
  const last = freshKey(importKey("ed25519", proof));
  if (!constantTimeEqual(last.publicKey, walk.lastKey)) {
    last.key.destroy();
    throw new InvalidChainError("another secret than the last block names");
  }
  const own = blocks.map((block) => ({
    nextKey: block.nextKey.slice(),
    payload: block.payload.slice(),
    signature: block.signature.slice(),
  }));
  return new HeldChain(issuer.slice(), own, walk.state, last, options);
}

function beginningOf(signer: Signer): Beginning {
  const known = beginnings.get(signer);
  if (known !== undefined && constantTimeEqual(known.issuer, signer.publicKey)) return known;
  requireBytes("the public key of a signer", signer.publicKey);
  const issuer = new Uint8Array(signer.publicKey);
  if (issuer.length !== PUBLIC_KEY_BYTES)
    throw new InvalidOptionError("an Ed25519 signer", `one of ${issuer.length} bytes`);
  const beginning = { issuer, state: firstState(issuer) };
  beginnings.set(signer, beginning);
  return beginning;
}

function extended(
  issuer: Uint8Array,
  blocks: readonly Block[],
  state: Uint8Array,
  signer: Pick<Signer, "sign">,
  payload: Uint8Array,
  options: RandomOptions
): OpenChain {
  requireBytes("a payload", payload); // text would become an empty block, which restricts nothing
  if (payload.length > CHAIN_PAYLOAD_BYTES_MAX) {
    throw new ChainLimitError(`a payload of at most ${CHAIN_PAYLOAD_BYTES_MAX} bytes`, `${payload.length}`);
  }
  if (blocks.length >= CHAIN_BLOCKS_MAX) throw new ChainLimitError(`at most ${CHAIN_BLOCKS_MAX} blocks`, "one more");
  const last = freshKey(generateKey("ed25519", options));
  try {
    const unsigned = { nextKey: last.publicKey, payload: new Uint8Array(payload) };
    // The holder of the later of two equal keys could take off the blocks between them.
    if (hasKey(issuer, blocks, unsigned.nextKey))
      throw new InvalidRandomnessError(SECRET_KEY_BYTES, "those of a key that the chain has already");
    const record = blockRecord(state, unsigned);
    const signed = signer.sign(record.message);
    requireBytes("a signature", signed); // an asynchronous signer has not signed yet
    if (signed.length !== SIGNATURE_BYTES)
      throw new InvalidOptionError("an Ed25519 signer", `one whose signatures have ${signed.length} bytes`);
    const signature = new Uint8Array(signed); // a signer may reuse its buffer
    const block = { ...unsigned, signature };
    return new HeldChain(issuer, [...blocks, block], () => nextState(record, signature), last, options);
  } catch (error) {
    last.key.destroy();
    throw error;
  }
}

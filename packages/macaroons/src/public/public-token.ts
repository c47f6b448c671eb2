import { type OpenChain, type RandomOptions, type Signer, ed25519, mintChain, openChain } from "@void-system/crypto";
import { CaveatError, MintError } from "../errors.ts";
import { onceLast } from "../once/once-last.ts";
import { refuseNonList, refuseUnknown, shown } from "../options.ts";
import { type MintingNotes, checkNotes } from "../token/minting-notes.ts";
import { drawFresh, platformRandom } from "../token/random.ts";
import { BLOCK_CAVEATS_MAX, NONCE_BYTES, type PublicBlock, type PublicDemand, TEXT_BYTES_MAX, encodeBlock } from "./block.ts";
import { type PublicContents, contentsOf, demandsOf, nameOfContents, textsOf } from "./contents.ts";
import { PUBLIC_BLOCKS_MAX, PUBLIC_KEY_BYTES, PUBLIC_TOKEN_BYTES_MAX } from "./limits.ts";
import { dischargeBinding, tokenBinding } from "./seal-binding.ts";
import { SealedToken } from "./sealed-token.ts";

/** Options of {@link PublicToken.mint}. */
export interface PublicMintOptions extends MintingNotes, RandomOptions {}

/** A caveat that a third party is to discharge. */
export interface PublicThirdParty {
  /** The 32 bytes of the third party's Ed25519 public key. */
  readonly thirdParty: Uint8Array;
  /** Condition that the third party is to check. Everybody can read it. */
  readonly condition: string;
  /** Hint where the third party is. */
  readonly location?: string;
}

/** Options of {@link PublicToken.seal}. */
export interface SealOptions {
  /**
   * Purpose for which the token is shown, such as the digest of a command. A verifier who expects another binding refuses it, so that
   * nobody who sees the token can use it for anything else. @defaultValue nothing: who has the token can show it
   */
  readonly binding?: Uint8Array;
}

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * A token that everybody can verify with the issuer's public key, and that nobody but the issuer can mint: a chain of
 * signatures. Its holder has the last secret, can narrow the token, hand it over, and seal it to show it. The secret has one
 * owner: destroy it, or hand it over. It does not show itself in JSON, strings or `console.log`.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
 * import { PublicToken, PublicVerifier, createStandardVerifier } from "@void-system/macaroons";
 *
 * const issuer = ed25519.signer(generateKey("ed25519"));
 * using token = PublicToken.mint(issuer, ["time < 2000"]);
 * using narrower = token.addCaveats(["operation in read"]);
 * const shown = narrower.seal().encode();
 *
 * const verifier = new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier());
 * verifier.verify(shown, { timeMs: 1000, resource: "/a", operation: "read" }).ok; // => true
 * verifier.verify(shown, { timeMs: 1000, resource: "/a", operation: "write" }); // => ({ ok: false, reason: "wrong-operation" })
 * ```
 */
export class PublicToken {
  readonly #chain: OpenChain;
  readonly #contents: PublicContents;
  readonly #options: RandomOptions;

  private constructor(chain: OpenChain, contents: PublicContents, options: RandomOptions) {
    this.#chain = chain;
    this.#contents = contents;
    this.#options = options;
  }

  /**
   * Mints a token with a name that never repeats.
   *
   * @throws {@link CaveatError} when a caveat cannot be one, or `once` stands without an end; {@link MintError} for a signer or
   * notes that cannot serve; {@link OptionError} for a list that is none, or an unknown option.
   */
  static mint(issuer: Signer, caveats: readonly string[] = [], options: PublicMintOptions = {}): PublicToken {
    refuseNonList("mint", "caveats", caveats);
    refuseUnknown("mint", options, ["memo", "mintedAtMs", "random"]);
    const { memo, mintedAtMs, ...random } = options;
    checkNotes({ memo, mintedAtMs });
    const head = { kind: "token", nonce: nonceOf(random), memo, mintedAtMs } as const;
    return begun(issuer, { head, caveats: checkedCaveats(onceLast(caveats)) }, random, (chain, contents) => new PublicToken(chain, contents, random));
  }

  /**
   * Mints the discharge of a third party's caveat, by the third party's key. `PublicDischarger` judges the condition
   * before.
   *
   * @throws as {@link PublicToken.mint} does.
   */
  static discharge(thirdParty: Signer, { nonce, condition }: Pick<PublicDemand, "nonce" | "condition">, caveats: readonly string[] = [], options: RandomOptions = {}): PublicToken {
    refuseNonList("discharge", "caveats", caveats);
    refuseUnknown("discharge", options, ["random"]);
    if (caveats.includes("once")) throw new CaveatError("expected caveats of a discharge, got once; add it to the token");
    const head = { kind: "discharge", nonce, condition } as const;
    return begun(thirdParty, { head, caveats: checkedCaveats(caveats) }, options, (chain, contents) => new PublicToken(chain, contents, options));
  }

  /**
   * Opens a token that was handed over. Its signatures must hold under the issuer that it names; that this is an issuer to
   * trust is for a {@link PublicVerifier} to say. `bytes` are copied, so zero them.
   *
   * @throws InvalidChainError of `@void-system/crypto` for anything but an open chain; {@link MintError} for a chain that is no
   * public token.
   */
  static open(bytes: Uint8Array, options: RandomOptions = {}): PublicToken {
    const chain = openChain(bytes, options);
    const contents = contentsOf(false, chain.issuer, chain.payloads);
    if (contents !== undefined) return new PublicToken(chain, contents, options);
    chain.destroy();
    throw new MintError("expected a public token or a discharge, got another chain; open it with openChain of @void-system/crypto");
  }

  /** Safe to log, and the same in every narrowed copy. */
  get name(): string {
    return nameOfContents(this.#contents);
  }

  /** The 32 bytes of the issuer's public key. */
  get issuer(): Uint8Array {
    return this.#contents.issuer.slice();
  }

  /** First-party caveats, in order. */
  get caveats(): readonly string[] {
    return textsOf(this.#contents);
  }

  /** Third parties' caveats, in order: each needs a discharge. */
  get thirdPartyCaveats(): readonly PublicDemand[] {
    return demandsOf(this.#contents);
  }

  /** True once the secret is gone. */
  get destroyed(): boolean {
    return this.#chain.destroyed;
  }

  /**
   * Returns a token with one more block of caveats, and a secret of its own. This one is unchanged, so that many can be made of
   * it. A verifier accepts 8 blocks: add all caveats in one.
   *
   * @throws {@link CaveatError} when a caveat cannot be one, or there is no room. SecretDestroyedError of
   * `@void-system/crypto` once the secret is gone.
   */
  addCaveats(caveats: readonly string[]): PublicToken {
    refuseNonList("addCaveats", "caveats", caveats);
    if (caveats.length === 0) throw new CaveatError("expected at least one caveat, got none");
    return this.#extended(checkedCaveats(caveats));
  }

  /**
   * Returns a token that is good only beside a discharge by this third party.
   *
   * @throws {@link CaveatError} when the caveat cannot be one, or there is no room; InvalidPublicKeyError of
   * `@void-system/crypto` for a key that is none.
   */
  addThirdPartyCaveat(caveat: PublicThirdParty): PublicToken {
    refuseUnknown("addThirdPartyCaveat", caveat, ["thirdParty", "condition", "location"]);
    const { thirdParty, condition, location = "" } = caveat;
    const key = ed25519.loadPublicKey(thirdParty).toBytes();
    if (condition === "") throw new CaveatError("expected a condition, got none");
    for (const text of [condition, location]) checkText(text);
    return this.#extended([{ thirdParty: key, nonce: nonceOf(this.#options), condition, location }]);
  }

  /**
   * Returns the token as it is shown: without its secret, so that nobody can add to it.
   *
   * @throws {@link OptionError} for an unknown option; {@link MintError} for a discharge, which {@link PublicToken.sealFor}
   * seals. SecretDestroyedError of `@void-system/crypto` once the secret is gone.
   */
  seal(options: SealOptions = {}): SealedToken {
    refuseUnknown("seal", options, ["binding"]);
    if (this.#contents.head.kind !== "token") throw new MintError("expected a token, got a discharge; seal it for its token with sealFor");
    return sealed(this.#chain.seal(tokenBinding(options.binding ?? new Uint8Array())));
  }

  /**
   * Returns this discharge as it is shown beside a sealed token, and beside no other.
   *
   * @throws {@link MintError} for a token, which {@link PublicToken.seal} seals.
   */
  sealFor(token: SealedToken): SealedToken {
    if (this.#contents.head.kind !== "discharge") throw new MintError("expected a discharge, got a token; seal it with seal");
    if (!(token instanceof SealedToken)) throw new MintError(`expected a sealed token, got ${shown(token)}; seal the token first`);
    return sealed(this.#chain.seal(dischargeBinding(token.name, token.toBytes())));
  }

  /**
   * Returns the token with its secret, to give it away, and destroys the secret in this object. Send the bytes over an
   * encrypted link only, and zero them.
   */
  handOver(): Uint8Array {
    return this.#chain.handOver();
  }

  /** Overwrites the secret with zeros. A second call does nothing. */
  destroy(): void {
    this.#chain.destroy();
  }

  /** Calls {@link PublicToken.destroy}, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Returns name and caveats, without the secret. */
  toJSON(): { readonly name: string; readonly caveats: readonly string[] } {
    return { name: this.name, caveats: this.caveats };
  }

  #extended(caveats: PublicBlock["caveats"]): PublicToken {
    const block = { head: undefined, caveats };
    if (this.#contents.blocks.length >= PUBLIC_BLOCKS_MAX) throw new CaveatError(`expected at most ${PUBLIC_BLOCKS_MAX} blocks, got one more; add caveats in one block`);
    const chain = this.#chain.attenuate(encodeBlock(block));
    return within(new PublicToken(chain, { ...this.#contents, blocks: [...this.#contents.blocks, block] }, this.#options), chain);
  }
}

function begun(signer: Signer, block: PublicBlock & { readonly head: PublicContents["head"] }, random: RandomOptions, made: (chain: OpenChain, contents: PublicContents) => PublicToken): PublicToken {
  const { publicKey }: { readonly publicKey?: unknown } = typeof signer === "object" && signer !== null ? signer : {};
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== PUBLIC_KEY_BYTES) throw new MintError(`expected an Ed25519 signer of @void-system/crypto, got ${shown(signer)}`);
  const chain = mintChain(signer, encodeBlock(block), random);
  return within(made(chain, { isSealed: false, issuer: chain.issuer, head: block.head, blocks: [block] }), chain);
}

/** Refuses a token that no verifier would accept. The seal takes twice the room of the secret. */
function within(token: PublicToken, chain: OpenChain): PublicToken {
  const { length } = chain.seal();
  if (length <= PUBLIC_TOKEN_BYTES_MAX) return token;
  token.destroy();
  throw new CaveatError(`expected a public token of at most ${PUBLIC_TOKEN_BYTES_MAX} bytes, got ${length} with this block`);
}

function sealed(bytes: Uint8Array): SealedToken {
  const token = SealedToken.tryDecode(bytes);
  if (token !== undefined) return token;
  // Not reached: every block was checked when it was added.
  throw new MintError("expected a token that can be sealed, got one above the limits");
}

function nonceOf({ random }: RandomOptions): Uint8Array {
  if (random === undefined) return drawFresh(platformRandom, NONCE_BYTES);
  return drawFresh((length) => random.bytes(length), NONCE_BYTES, random);
}

function checkedCaveats(caveats: readonly string[]): readonly string[] {
  if (caveats.length > BLOCK_CAVEATS_MAX) throw new CaveatError(`expected at most ${BLOCK_CAVEATS_MAX} caveats in a block, got ${caveats.length}`);
  for (const caveat of caveats) {
    checkText(caveat);
    if (caveat === "") throw new CaveatError("expected a caveat of at least 1 byte, got none");
  }
  return [...caveats];
}

function checkText(text: string): void {
  if (typeof text !== "string") throw new CaveatError(`expected a text, got ${shown(text)}`);
  const bytes = encoder.encode(text);
  if (bytes.length > TEXT_BYTES_MAX) throw new CaveatError(`expected a text of at most ${TEXT_BYTES_MAX} bytes, got ${bytes.length}`);
  // TextEncoder would write a lone surrogate as another character: such a text is refused, not changed.
  if (/[\ud800-\udfff]/u.test(text)) throw new CaveatError("expected a text of whole characters, got half of one");
}

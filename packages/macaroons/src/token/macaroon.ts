import { toHex } from "@void-system/bytes";
import { decodeBase64url, encodeBase64url } from "../format/base64url.ts";
import { boundSignature, deriveKey, firstSignature, nextSignature } from "./chain.ts";
import { CaveatError, MacaroonFormatError, MintError } from "../errors.ts";
import { caveatText } from "./caveat-text.ts";
import { CAVEATS_MAX, FIELD_BYTES_MAX, MACAROON_BYTES_MAX, MACAROON_CHARACTERS_MAX, SEALED_KEY_BYTES } from "../format/v2-binary.ts";
import { decodeMacaroon, encodeMacaroon, encodedLength } from "../format/v2-binary.ts";
import { shown } from "../options.ts";
import type { CaveatParts, MacaroonParts } from "../format/v2-binary.ts";
import { followChain } from "./follow-chain.ts";
import { readIdentifier } from "./identifier.ts";
import { nameOf } from "./name.ts";
import { TokenParts } from "./token-parts.ts";

/** Result of `tryDecode`. */
export type DecodedMacaroon = DecodedOk | NotDecoded;

/** The text is a macaroon. Whether its signature is right is another question. */
export interface DecodedOk {
  readonly ok: true;
  /** The macaroon. */
  readonly macaroon: Macaroon;
}

/** The text is no macaroon. */
export interface NotDecoded {
  readonly ok: false;
  /** Fault of the text. Never a part of it. */
  readonly reason: string;
}

/** A caveat that a third party must discharge. */
export interface ThirdPartyCaveat {
  /** Identifier of the discharge that is needed. Only the third party has to understand the bytes. */
  readonly id: Uint8Array;
  /** Hint where the third party is. Not signed: never trust it. */
  readonly location: string | undefined;
}

/** Visible parts of a macaroon: everything but the signature, which is the token. */
export interface MacaroonSummary {
  /** In hexadecimal. */
  readonly identifier: string;
  /** The caveats; `null` for one that is not UTF-8 or is a third party's. */
  readonly caveats: readonly (string | null)[];
}

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A bearer token that its holder can narrow, but not widen: an identifier, caveats, and an HMAC chain over both. It
 * never changes; adding a caveat makes another one. JSON and inspectors do not show the signature.
 *
 * @example
 * ```ts
 * import { Macaroon, MacaroonFactory } from "@void-system/macaroons";
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const narrow = factory.mint().addCaveat("operation in read");
 * narrow.caveats; // => ["operation in read"]
 * factory.authenticate(Macaroon.decode(narrow.encode())); // => "authentic"
 * ```
 */
export class Macaroon extends TokenParts {
  #name: string | undefined;

  private constructor(parts: MacaroonParts) {
    super(parts);
  }

  /**
   * A macaroon under any root key and identifier, as other implementations mint them. For tokens of your own take
   * {@link MacaroonFactory}, which makes identifiers that never repeat.
   *
   * @throws {@link MintError} when the identifier is empty, or it or the location is longer than 4096 bytes.
   * @example
   * ```ts
   * import { Macaroon } from "@void-system/macaroons";
   * const text = new TextEncoder();
   * const rootKey = text.encode("this is the key");
   * const macaroon = Macaroon.mint(rootKey, text.encode("keyid"), "http://example.org/");
   * macaroon.encode().slice(0, 40); // => "AgETaHR0cDovL2V4YW1wbGUub3JnLwIFa2V5aWQA"
   * macaroon.isSignedBy(rootKey); // => true
   * ```
   */
  static mint(rootKey: Uint8Array, identifier: Uint8Array, location?: string): Macaroon {
    if (!(rootKey instanceof Uint8Array)) throw new MintError(`expected a root key as bytes, got ${shown(rootKey)}; decode a text to its bytes first`);
    return Macaroon.mintUnder(deriveKey(rootKey), identifier, location);
  }

  /**
   * As {@link Macaroon.mint}, with the key already derived (`HMAC-SHA256("macaroons-key-generator", rootKey)`).
   *
   * @throws {@link MintError} as `mint` does.
   */
  static mintUnder(derivedKey: Uint8Array, identifier: Uint8Array, location?: string): Macaroon {
    for (const bytes of [derivedKey, identifier]) {
      if (!(bytes instanceof Uint8Array)) throw new MintError(`expected key and identifier as bytes, got ${shown(bytes)}; encode a text first`);
    }
    const locationBytes = location === undefined ? 0 : encoder.encode(location).length;
    if (identifier.length === 0 || identifier.length > FIELD_BYTES_MAX || locationBytes > FIELD_BYTES_MAX) {
      throw new MintError(
        `expected an identifier of 1 to ${FIELD_BYTES_MAX} bytes and a location of at most as many, ` +
          `got ${identifier.length} and ${locationBytes}`,
      );
    }
    const signature = firstSignature(derivedKey, identifier);
    return new Macaroon({ location, identifier: new Uint8Array(identifier), caveats: [], signature });
  }

  /**
   * Reads what {@link Macaroon.encode} wrote; white space around it is not taken. It checks the form only:
   * authenticity is for a {@link MacaroonFactory} to say.
   *
   * @throws {@link MacaroonFormatError} for anything else.
   */
  static decode(text: string): Macaroon {
    const result = Macaroon.tryDecode(text);
    if (!result.ok) throw new MacaroonFormatError(result.reason);
    return result.macaroon;
  }

  /** The same without a throw. */
  static tryDecode(text: string): DecodedMacaroon {
    if (typeof text !== "string") return { ok: false, reason: `${shown(text)} in place of a text` };
    if (text.length > MACAROON_CHARACTERS_MAX) {
      return { ok: false, reason: `more than ${MACAROON_CHARACTERS_MAX} characters` };
    }
    const bytes = decodeBase64url(text);
    return bytes === undefined ? { ok: false, reason: "a text that is not base64url" } : Macaroon.tryDecodeBytes(bytes);
  }

  /** The same from the bytes of {@link Macaroon.toBytes}. */
  static tryDecodeBytes(bytes: Uint8Array): DecodedMacaroon {
    if (!(bytes instanceof Uint8Array)) return { ok: false, reason: `${shown(bytes)} in place of bytes` };
    const decoded = decodeMacaroon(bytes);
    return decoded.ok ? { ok: true, macaroon: new Macaroon(decoded.value) } : decoded;
  }

  /** A hint where it is from. Not signed: never trust it. */
  get location(): string | undefined {
    return this.parts.location;
  }

  /** Names the token and its root key: the same in every narrowed copy. A copy of the bytes. */
  get identifier(): Uint8Array {
    return this.parts.identifier.slice();
  }

  /**
   * Name of the token, safe to log: a digest of its identifier, in hexadecimal. Narrowed copies and other encodings
   * have the same name.
   */
  get name(): string {
    this.#name ??= nameOf(this.parts.identifier);
    return this.#name;
  }

  /**
   * Name of this very copy, safe to log: a digest of its signature. Who revokes it revokes this copy and all that were
   * narrowed from it, but not the one that it was narrowed from.
   */
  get link(): string {
    return nameOf(this.parts.signature);
  }

  /** Memo of the issuer, if it wrote one. Signed, but not verified here. */
  get memo(): string | undefined {
    return readIdentifier(this.parts.identifier)?.memo;
  }

  /** The first-party caveats in order; `undefined` in place of one that is not UTF-8 or is a third party's. */
  get caveats(): readonly (string | undefined)[] {
    return this.parts.caveats.map(caveatText);
  }

  /** The caveats that third parties must discharge, in order. */
  get thirdPartyCaveats(): readonly ThirdPartyCaveat[] {
    return this.parts.caveats.flatMap(({ id, thirdParty }) =>
      thirdParty === undefined ? [] : [{ id: id.slice(), location: thirdParty.location }],
    );
  }

  /** True if there is a caveat that a third party must discharge. */
  get hasThirdParty(): boolean {
    return this.parts.caveats.some((caveat) => caveat.thirdParty !== undefined);
  }

  /**
   * A macaroon that permits what this one does and `caveat` allows. Any text is taken: whoever verifies it refuses
   * what it does not know.
   *
   * @throws {@link CaveatError} when the caveat is empty or too long, or there is no room for it.
   * @example
   * ```ts
   * import { MacaroonFactory } from "@void-system/macaroons";
   * const token = new MacaroonFactory(new Uint8Array(32)).mint();
   * token.addCaveat("time < 1900000000000").caveats; // => ["time < 1900000000000"]
   * token.caveats; // => []
   * ```
   */
  addCaveat(caveat: string | Uint8Array): Macaroon {
    return this.#append({ id: caveatBytes(caveat), thirdParty: undefined });
  }

  /**
   * Returns a macaroon with one more caveat of a third party, whose sealed key is made by `seal` out of the signature
   * before the caveat. `addThirdPartyCaveat` calls it with the right cipher.
   *
   * @throws {@link CaveatError} as {@link Macaroon.addCaveat} does.
   */
  addSealedCaveat(caveat: string | Uint8Array, location: string | undefined, seal: (tag: Uint8Array) => Uint8Array): Macaroon {
    const id = caveatBytes(caveat);
    const bytes = location === undefined ? 0 : encodeExactly(location).length;
    if (bytes > FIELD_BYTES_MAX) throw new CaveatError(`expected a location of at most ${FIELD_BYTES_MAX} bytes, got ${bytes}`);
    const sealedKey = seal(this.parts.signature.slice());
    if (sealedKey.length !== SEALED_KEY_BYTES) {
      throw new CaveatError(`expected a sealed key of ${SEALED_KEY_BYTES} bytes, got ${sealedKey.length}`);
    }
    return this.#append({ id, thirdParty: { location, sealedKey } });
  }

  /**
   * Returns this discharge as it goes out beside `root`, and beside no other token: a service that receives it cannot
   * use it for a token of its own (the paper's PrepareForRequest). Bind last: no caveat can be added to a bound
   * discharge, and `root` must not be narrowed afterwards. A discharge of a discharge is bound to the root too.
   */
  bindTo(root: Macaroon): Macaroon {
    return new Macaroon({ ...this.parts, signature: boundSignature(root.parts.signature, this.parts.signature) });
  }

  #append(caveat: CaveatParts): Macaroon {
    const { location, identifier, caveats, signature } = this.parts;
    if (caveats.length >= CAVEATS_MAX) throw new CaveatError(`expected at most ${CAVEATS_MAX} caveats, got one more`);
    const parts: MacaroonParts = {
      location,
      identifier,
      caveats: [...caveats, caveat],
      signature: nextSignature(signature, caveat.id, caveat.thirdParty?.sealedKey),
    };
    if (encodedLength(parts) > MACAROON_BYTES_MAX) {
      throw new CaveatError(`expected a macaroon of at most ${MACAROON_BYTES_MAX} bytes, got more with this caveat`);
    }
    return new Macaroon(parts);
  }

  /** Returns true if the chain begins at this root key and its identifier, and every caveat is in it, in order. */
  isSignedBy(rootKey: Uint8Array): boolean {
    return this.isSignedUnder(deriveKey(rootKey));
  }

  /** As {@link Macaroon.isSignedBy}, with the key already derived. */
  isSignedUnder(derivedKey: Uint8Array): boolean {
    return followChain(this.parts, derivedKey) !== undefined;
  }

  /** The token itself, as text: base64url without padding. Keep it as you would a password. */
  encode(): string {
    return encodeBase64url(this.toBytes());
  }

  /** The token itself, as bytes: version 2 of the common binary form. */
  toBytes(): Uint8Array {
    return encodeMacaroon(this.parts);
  }

  /** Identifier and caveats, without the signature: not a token. */
  toJSON(): MacaroonSummary {
    const identifier = toHex(this.parts.identifier);
    return { identifier, caveats: this.caveats.map((text) => text ?? null) };
  }
}

function caveatBytes(caveat: string | Uint8Array): Uint8Array {
  if (typeof caveat !== "string" && !(caveat instanceof Uint8Array)) {
    throw new CaveatError(`expected a caveat as text or bytes, got ${shown(caveat)}`);
  }
  const id = typeof caveat === "string" ? encodeExactly(caveat) : new Uint8Array(caveat);
  if (id.length > 0 && id.length <= FIELD_BYTES_MAX) return id;
  throw new CaveatError(`expected a caveat of 1 to ${FIELD_BYTES_MAX} bytes, got ${id.length}`);
}

/** TextEncoder would write a lone surrogate as another character: such a text is refused, not changed. */
function encodeExactly(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  // A byte a character: it is all ASCII.
  if (bytes.length === text.length) return bytes;
  if (decoder.decode(bytes) !== text) throw new CaveatError("expected a caveat of whole characters, got half of one");
  return bytes;
}

import { decodeBase64url, encodeBase64url } from "../format/base64url.ts";
import { isBytes } from "../format/is-bytes.ts";
import { digest } from "@void-system/crypto";
import type { PublicDemand } from "./block.ts";
import { PUBLIC_TOKEN_BYTES_MAX } from "./limits.ts";
import { type PublicContents, demandsOf, nameOfContents, readContents, textsOf } from "./contents.ts";

const CHARACTERS_MAX: number = Math.ceil((PUBLIC_TOKEN_BYTES_MAX * 4) / 3);

/**
 * A public token as its holder shows it, or a discharge beside it. Nobody can add to it, and everybody can verify it; who
 * has it can show it, unless it is bound to a request. It holds no secret, and verifies nothing by itself.
 */
export class SealedToken {
  readonly #bytes: Uint8Array;
  readonly #contents: PublicContents;

  private constructor(bytes: Uint8Array, contents: PublicContents) {
    this.#bytes = bytes;
    this.#contents = contents;
  }

  /** Reads what {@link SealedToken.encode} or {@link SealedToken.toBytes} wrote; `undefined` for anything else. */
  static tryDecode(token: unknown): SealedToken | undefined {
    if (token instanceof SealedToken) return #contents in token ? token : undefined;
    const bytes = typeof token === "string" && token.length <= CHARACTERS_MAX ? decodeBase64url(token) : token;
    if (!isBytes(bytes) || bytes.length > PUBLIC_TOKEN_BYTES_MAX) return undefined;
    const own = new Uint8Array(bytes);
    const contents = readContents(own);
    return contents?.isSealed === true ? new SealedToken(own, contents) : undefined;
  }

  /** Safe to log, and the same in every narrowed copy. */
  get name(): string {
    return nameOfContents(this.#contents);
  }

  /** SHA-256 of the bytes, by which a command of a log can name the token. */
  get digest(): Uint8Array {
    return digest(this.#bytes);
  }

  /** The 32 bytes of the public key that it names as its issuer's. */
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

  /** Its parts, for verifiers. */
  get contents(): PublicContents {
    return this.#contents;
  }

  /** Returns the token as bytes. */
  toBytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** Returns the token as text: base64url without padding. */
  encode(): string {
    return encodeBase64url(this.#bytes);
  }

  /** Returns name and caveats. */
  toJSON(): { readonly name: string; readonly caveats: readonly string[] } {
    return { name: this.name, caveats: this.caveats };
  }
}

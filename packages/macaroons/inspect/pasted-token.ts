import { fromHex } from "@void-system/bytes";
import { decodeBase64 } from "../src/format/base64.ts";
import { parseToken } from "../src/format/parse-token.ts";
import { type PublicContents, readContents } from "../src/public/contents.ts";
import { PublicToken } from "../src/public/public-token.ts";
import { SealedToken } from "../src/public/sealed-token.ts";
import type { Macaroon } from "../src/token/macaroon.ts";

/** A token, or the reason why a text is none. */
export type PastedToken = Token | NotPasted;

/** A token of any kind. */
export type Token =
  /** `isCanonical` is false where only lenient readers take the text. */
  | { readonly kind: "macaroon"; readonly macaroon: Macaroon; readonly isCanonical: boolean }
  | { readonly kind: "sealed"; readonly token: SealedToken; readonly contents: PublicContents }
  /** A public token with its secret, as it was handed over: it is `bytes`. */
  | { readonly kind: "open"; readonly bytes: Uint8Array; readonly contents: PublicContents };

/** A text that is no token. */
interface NotPasted {
  readonly kind: "none";
  readonly reason: string;
}

/** Reads a pasted text: every form of `parseToken`, and public tokens with and without their secret. Verifies no macaroon. */
export function readPasted(text: string): PastedToken {
  const pasted = text.trim();
  if (pasted === "") return { kind: "none", reason: "nothing" };
  const bytes = /^(?:[0-9a-f]{2})+$/iu.test(pasted) ? fromHex(pasted.toLowerCase()) : decodeBase64(pasted);
  const sealed = SealedToken.tryDecode(bytes);
  if (sealed !== undefined) return { kind: "sealed", token: sealed, contents: sealed.contents };
  const contents = bytes && readContents(bytes);
  if (bytes !== undefined && contents !== undefined) return opened(bytes, contents);
  const parsed = parseToken(pasted);
  if (parsed.ok) return { kind: "macaroon", macaroon: parsed.macaroon, isCanonical: true };
  const lenient = parseToken(pasted, { lenient: true });
  return lenient.ok ? { kind: "macaroon", macaroon: lenient.macaroon, isCanonical: false } : { kind: "none", reason: parsed.reason };
}

function opened(bytes: Uint8Array, contents: PublicContents): PastedToken {
  try {
    PublicToken.open(bytes).destroy();
    return { kind: "open", bytes, contents };
  } catch {
    return { kind: "none", reason: "a public token with its secret, whose signatures do not hold" };
  }
}

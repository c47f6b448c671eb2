import { OptionError } from "../errors.ts";
import { shown } from "../options.ts";
import { DISCHARGES_MAX } from "../third-party/walk-discharges.ts";

/** Longest `Authorization` header that is read, in characters. Node's limit for all headers is 16,384 bytes by default. */
export const AUTHORIZATION_CHARACTERS_MAX = 65_536;

const SCHEME = "Macaroon";
/** Scheme, then tokens in base64url: RFC 9110 §11.4 with a list. */
const AUTHORIZATION = /^Macaroon +([A-Za-z0-9_-]+(?: *, *[A-Za-z0-9_-]+)*) *$/iu;

/** A token and its discharges, as texts. Nothing is verified. */
export interface Credentials {
  /** The token. */
  readonly token: string;
  /** Discharges beside it. */
  readonly discharges: readonly string[];
}

/** Anything that writes itself as text: `Macaroon`, `SealedToken`. */
export interface Encodable {
  /** Returns the text of the token. */
  encode(): string;
}

/**
 * Returns the value of an `Authorization` header: the scheme `Macaroon`, the token, and its discharges behind commas.
 *
 * @throws `OptionError` for a token that is no text in base64url.
 * @example
 * ```ts
 * import { readAuthorization, writeAuthorization } from "@void-system/macaroons/http";
 * const header = writeAuthorization("AgEB", ["AgEC"]);
 * header; // => "Macaroon AgEB, AgEC"
 * readAuthorization(header); // => ({ token: "AgEB", discharges: ["AgEC"] })
 * readAuthorization("Bearer AgEB"); // => undefined
 * ```
 */
export function writeAuthorization(token: string | Encodable, discharges: readonly (string | Encodable)[] = []): string {
  const texts = [token, ...discharges].map((one) => (typeof one === "string" ? one : one.encode()));
  const header = `${SCHEME} ${texts.join(", ")}`;
  if (!AUTHORIZATION.test(header)) throw new OptionError("writeAuthorization", "tokens in base64url", "another text");
  return header;
}

/** Returns the tokens of an `Authorization` header; `undefined` if it is missing, of another scheme, or too long. */
export function readAuthorization(header: string | null | undefined): Credentials | undefined {
  if (typeof header !== "string" || header.length > AUTHORIZATION_CHARACTERS_MAX) return undefined;
  const [token, ...discharges] = AUTHORIZATION.exec(header)?.[1]?.split(",").map((text) => text.trim()) ?? [];
  return token === undefined || discharges.length > DISCHARGES_MAX ? undefined : { token, discharges };
}

/** Content of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Name of what is protected. */
  readonly realm: string;
  /** Reason of the refusal, if a token came. */
  readonly error?: string | undefined;
}

/**
 * Returns the value of a `WWW-Authenticate` header (RFC 9110 §11.6.1).
 *
 * @throws `OptionError` for a text that cannot stand in a header.
 * @example
 * ```ts
 * import { challengeOf } from "@void-system/macaroons/http";
 * challengeOf({ realm: "files", error: "expired" }); // => 'Macaroon realm="files", error="expired"'
 * ```
 */
export function challengeOf({ realm, error }: Challenge): string {
  return `${SCHEME} realm=${quoted(realm)}${error === undefined ? "" : `, error=${quoted(error)}`}`;
}

function quoted(text: string): string {
  if (typeof text !== "string" || !/^[\x20-\x7e]*$/u.test(text)) throw new OptionError("challengeOf", "printable ASCII", shown(text));
  return `"${text.replace(/["\\]/gu, "\\$&")}"`;
}

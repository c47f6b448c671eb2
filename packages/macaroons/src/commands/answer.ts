import { MacaroonFormatError, OptionError } from "../errors.ts";
import { decodeBase64 } from "../format/base64.ts";
import { formatToken, parseToken, type TokenFormat } from "../format/parse-token.ts";
import { readContents } from "../public/contents.ts";
import { SealedToken } from "../public/sealed-token.ts";
import type { Macaroon } from "../token/macaroon.ts";

/** Answer of a command. */
export interface CommandAnswer {
  /** False for a refused token. */
  readonly ok: boolean;
  /** For people. */
  readonly text: string;
  /** For programs: what `--json` prints. */
  readonly value: object;
}

/** A token as it was read from a file. White space around it is not part of it. */
export type TokenText = string;

/** Returns a macaroon in any form. @throws `MacaroonError` for anything else. */
export function macaroonOf(token: TokenText): Macaroon {
  const parsed = parseToken(token.trim());
  if (parsed.ok) return parsed.macaroon;
  const bytes = decodeBase64(token.trim());
  // Its holder's program narrows it, with PublicToken.
  if (bytes !== undefined && readContents(bytes) !== undefined) throw new OptionError("commands", "a macaroon, or a public token to inspect and verify", "a public token in another place, or one with its secret");
  throw new MacaroonFormatError(parsed.reason);
}

/** Returns a public token, if the text is one. */
export function publicTokenOf(token: TokenText): SealedToken | undefined {
  return SealedToken.tryDecode(token.trim());
}

/** Returns a token as the answer of a command. */
export function tokenAnswer(macaroon: Macaroon, format: TokenFormat = "v2"): CommandAnswer {
  const token = formatToken(macaroon, format);
  return { ok: true, text: token, value: { token, name: macaroon.name, link: macaroon.link } };
}

import { MacaroonFormatError } from "../errors.ts";
import { formatToken, parseToken, type TokenFormat } from "../format/parse-token.ts";
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

/** Returns a macaroon in any form. @throws `MacaroonFormatError` for anything else. */
export function macaroonOf(token: TokenText): Macaroon {
  const parsed = parseToken(token.trim());
  if (!parsed.ok) throw new MacaroonFormatError(parsed.reason);
  return parsed.macaroon;
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

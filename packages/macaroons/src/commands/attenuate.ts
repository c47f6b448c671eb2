import type { TokenFormat } from "../format/parse-token.ts";
import { type CommandAnswer, type TokenText, macaroonOf, tokenAnswer } from "./answer.ts";
import { checkCaveats } from "./mint.ts";

/** Request of {@link attenuateCommand}. */
export interface AttenuateRequest {
  /** Token to narrow. */
  readonly token: TokenText;
  /** Caveats to add. */
  readonly caveats: readonly string[];
  /** True to take caveats that no standard verifier knows. @defaultValue false */
  readonly anyCaveat?: boolean | undefined;
  /** @defaultValue "v2" */
  readonly format?: TokenFormat | undefined;
}

/**
 * Narrows a macaroon. Needs no key.
 *
 * @throws `MacaroonError` for what is no macaroon, or a caveat that cannot serve.
 */
export function attenuateCommand({ token, caveats, anyCaveat, format }: AttenuateRequest): CommandAnswer {
  if (anyCaveat !== true) checkCaveats(caveats);
  return tokenAnswer(caveats.reduce((made, caveat) => made.addCaveat(caveat), macaroonOf(token)), format);
}

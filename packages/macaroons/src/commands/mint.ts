import type { TokenFormat } from "../format/parse-token.ts";
import { createStandardVerifier } from "../caveat/verifier.ts";
import { MacaroonFactory } from "../token/macaroon-factory.ts";
import { type CommandAnswer, tokenAnswer } from "./answer.ts";

/** Request of {@link mintCommand}. */
export interface MintRequest {
  /** Root key. */
  readonly rootKey: Uint8Array;
  /** Caveats of the token. */
  readonly caveats?: readonly string[] | undefined;
  /** @defaultValue "root" */
  readonly keyId?: string | undefined;
  /** Hint where the token is good. */
  readonly location?: string | undefined;
  /** Note of the issuer. */
  readonly memo?: string | undefined;
  /** Minting date, in milliseconds since 1970. */
  readonly mintedAtMs?: number | undefined;
  /** True to take caveats that no standard verifier knows. @defaultValue false */
  readonly anyCaveat?: boolean | undefined;
  /** @defaultValue "v2" */
  readonly format?: TokenFormat | undefined;
}

/**
 * Mints a macaroon.
 *
 * @throws `MacaroonError` for a key, a caveat or notes that cannot serve.
 * @example
 * ```ts
 * import { inspectCommand, mintCommand } from "@void-system/macaroons/commands";
 * const { text } = mintCommand({ rootKey: new Uint8Array(32).fill(7), caveats: ["operation in read"] });
 * inspectCommand({ token: text }).text.includes("operation in read"); // => true
 * ```
 */
export function mintCommand({ rootKey, caveats = [], keyId, location, memo, mintedAtMs, anyCaveat, format }: MintRequest): CommandAnswer {
  if (anyCaveat !== true) checkCaveats(caveats);
  const factory = new MacaroonFactory(rootKey, { ...(keyId !== undefined && { keyId }), ...(location !== undefined && { location }) });
  return tokenAnswer(factory.mint(caveats, { memo, mintedAtMs }), format);
}

/** @throws {@link CaveatError} for a caveat that no standard verifier knows: the token would be worthless. */
export function checkCaveats(caveats: readonly string[]): void {
  const verifier = createStandardVerifier();
  for (const caveat of caveats) verifier.check(caveat);
}

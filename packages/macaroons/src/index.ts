/**
 * Macaroons and capabilities: tokens that their holders can narrow but not widen.
 *
 * @packageDocumentation
 */
export { CapabilityManager } from "./capability-manager.ts";
export type {
  Authorized,
  CapabilityManagerOptions,
  GrantOptions,
  RefusalReason,
  Unauthorized,
  Verdict,
} from "./capability-manager.ts";
export { CapabilityToken } from "./capability-token.ts";
export { CapabilityType } from "./capability-type.ts";
export type { CapabilityContext, Caveat, CaveatFacts, CaveatKind, CaveatRefusal, ResourceScope, Subject } from "./caveat-kind.ts";
export { CaveatError, MacaroonError, MacaroonFormatError, MintError } from "./errors.ts";
export { CAVEATS_MAX, FIELD_BYTES_MAX, MACAROON_BYTES_MAX } from "./format.ts";
export { Grant } from "./grant.ts";
export { KEY_ID_LENGTH_MAX } from "./identifier.ts";
export { MACAROON_CHARACTERS_MAX, Macaroon } from "./macaroon.ts";
export type { DecodedMacaroon, DecodedOk, MacaroonSummary, NotDecoded } from "./macaroon.ts";
export { MacaroonFactory, ROOT_KEY_BYTES_MIN } from "./macaroon-factory.ts";
export type { Authenticity, MacaroonFactoryOptions } from "./macaroon-factory.ts";
export type { RandomBytes } from "./random.ts";
export { SPENT_TOKENS_MAX, SpentTokensInMemory } from "./spent-tokens.ts";
export type { SpentTokens } from "./spent-tokens.ts";
export { CaveatVerifier, createStandardVerifier } from "./verifier.ts";
export type { NotUnderstood, Understanding, Understood } from "./verifier.ts";

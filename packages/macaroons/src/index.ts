/**
 * Macaroons and capabilities: tokens that their holders can narrow but not widen.
 *
 * @packageDocumentation
 */
export { CapabilityManager } from "./capability/capability-manager.ts";
export type {
  Authorized,
  CapabilityManagerOptions,
  GrantOptions,
  RefusalReason,
  Unauthorized,
  Verdict,
} from "./capability/capability-manager.ts";
export { CapabilityToken } from "./capability/capability-token.ts";
export { CapabilityType } from "./capability/capability-type.ts";
export type { CapabilityContext, Caveat, CaveatFacts, CaveatKind, CaveatRefusal, ResourceScope, Subject } from "./caveat/caveat-kind.ts";
export { CaveatError, MacaroonError, MacaroonFormatError, MintError } from "./errors.ts";
export { CAVEATS_MAX, FIELD_BYTES_MAX, MACAROON_BYTES_MAX } from "./format/v2-binary.ts";
export { Grant } from "./caveat/grant.ts";
export { KEY_ID_LENGTH_MAX } from "./token/identifier.ts";
export { MACAROON_CHARACTERS_MAX, Macaroon } from "./token/macaroon.ts";
export type { DecodedMacaroon, DecodedOk, MacaroonSummary, NotDecoded } from "./token/macaroon.ts";
export { MacaroonFactory, ROOT_KEY_BYTES_MIN } from "./token/macaroon-factory.ts";
export type { Authenticity, MacaroonFactoryOptions } from "./token/macaroon-factory.ts";
export type { RandomBytes } from "./token/random.ts";
export { SPENT_TOKENS_MAX, SpentTokensInMemory } from "./once/spent-tokens.ts";
export type { SpentTokens } from "./once/spent-tokens.ts";
export { CaveatVerifier, createStandardVerifier } from "./caveat/verifier.ts";
export type { NotUnderstood, Understanding, Understood } from "./caveat/verifier.ts";

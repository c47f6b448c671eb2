/**
 * Macaroons and capabilities: tokens that their holders can narrow but not widen.
 *
 * @packageDocumentation
 */
export { CapabilityManager } from "./capability/capability-manager.ts";
export type { CapabilityManagerOptions, GrantOptions } from "./capability/capability-manager.ts";
export { CapabilityToken } from "./capability/capability-token.ts";
export { CapabilityType } from "./capability/capability-type.ts";
export { BAKERY_CAVEATS } from "./caveat/bakery-caveats.ts";
export type {
  AskedField,
  CapabilityContext,
  Caveat,
  CaveatFacts,
  CaveatKind,
  CaveatRefusal,
  ContextOf,
  ContextOfKinds,
  FieldTypes,
  Fields,
  ResourceScope,
  Subject,
} from "./caveat/caveat-kind.ts";
export type { Clause } from "./caveat/clause.ts";
export { defineCaveat } from "./caveat/define-caveat.ts";
export type { CaveatDefinition } from "./caveat/define-caveat.ts";
export {
  CaveatError,
  DischargeError,
  MacaroonError,
  MacaroonFormatError,
  MintError,
  OptionError,
  RandomSourceError,
  RevocationError,
  SpentStoreError,
} from "./errors.ts";
export { formatToken, parseToken } from "./format/parse-token.ts";
export type { ParseOptions, TokenFormat } from "./format/parse-token.ts";
export { MACAROON_V1_BYTES_MAX } from "./format/v1-binary.ts";
export { MACAROON_JSON_CHARACTERS_MAX } from "./format/v2-json.ts";
export { CAVEATS_MAX, FIELD_BYTES_MAX, MACAROON_BYTES_MAX, MACAROON_CHARACTERS_MAX } from "./format/v2-binary.ts";
export type { CaveatParts, MacaroonParts, ThirdParty } from "./format/v2-binary.ts";
export type { FollowedChain, SealedCaveat } from "./token/follow-chain.ts";
export { TokenParts } from "./token/token-parts.ts";
export { Grant } from "./caveat/grant.ts";
export type { GrantRefusal } from "./caveat/grant.ts";
export type { PlacedCaveat, UnderstoodCaveats } from "./caveat/understood-caveats.ts";
export { explanationMermaid, explanationText } from "./explain/explanation-text.ts";
export type { CaveatOutcome, ExplainedCaveat, ExplainedPart, Explanation } from "./explain/explain.ts";
export { KEY_ID_LENGTH_MAX, keyIdOf } from "./token/identifier.ts";
export { Macaroon } from "./token/macaroon.ts";
export type {
  DecodedMacaroon,
  DecodedOk,
  MacaroonSummary,
  NotDecoded,
  ThirdPartyCaveat,
} from "./token/macaroon.ts";
export { MacaroonFactory } from "./token/macaroon-factory.ts";
export { ROOT_KEY_BYTES_MIN } from "./token/root-key.ts";
export type { Authenticity, MacaroonFactoryOptions } from "./token/macaroon-factory.ts";
export { MEMO_BYTES_MAX } from "./token/minting-notes.ts";
export type { MintingNotes } from "./token/minting-notes.ts";
export type { RandomBytes } from "./token/random.ts";
export type { DischargeHead, PublicBlock, PublicDemand, TokenHead } from "./public/block.ts";
export type { PublicContents } from "./public/contents.ts";
export { PUBLIC_BLOCKS_MAX, PUBLIC_TOKEN_BYTES_MAX } from "./public/limits.ts";
export { KEY_LOAD_SIGNATURES } from "./public/public-authority.ts";
export type { Issuers, PublicPresented, PublicTokenInput } from "./public/public-authority.ts";
export { dischargePublicly } from "./public/public-discharger.ts";
export type { PublicDischarged } from "./public/public-discharger.ts";
export { PublicToken } from "./public/public-token.ts";
export type { PublicMintOptions, PublicThirdParty, SealOptions } from "./public/public-token.ts";
export { PublicVerifier } from "./public/public-verifier.ts";
export { SealedToken } from "./public/sealed-token.ts";
export { VerificationBudget } from "./public/verification-budget.ts";
export type { VerificationBudgetOptions } from "./public/verification-budget.ts";
export { SPENT_FORGOTTEN_MAX, SpentTokensInLevel } from "./once/spent-tokens-in-level.ts";
export type { SpentChange, SpentDatabase, SpentKeys } from "./once/spent-tokens-in-level.ts";
export { SPENT_TOKENS_MAX, SpentTokensInMemory } from "./once/spent-tokens.ts";
export type { LeasedSpentTokens, SpentTokens } from "./once/spent-tokens.ts";
export { CaveatVerifier, createStandardVerifier } from "./caveat/verifier.ts";
export type { CaveatVerifierOptions, NotUnderstood } from "./caveat/verifier.ts";
export { DISCHARGES_MAX, DISCHARGE_DEPTH_MAX } from "./third-party/walk-discharges.ts";
export type { DischargeRefusal } from "./third-party/walk-discharges.ts";
export { Discharger } from "./third-party/discharger.ts";
export type { ConditionJudge, DischargeMade, DischargeRefused, Discharged, DischargerOptions } from "./third-party/discharger.ts";
export { dischargesNeeded } from "./third-party/discharges-needed.ts";
export { gatherDischarges } from "./third-party/gather-discharges.ts";
export { openSealedKey } from "./third-party/sealed-key.ts";
export { addThirdPartyCaveat } from "./third-party/third-party-caveat.ts";
export type { ThirdPartyCaveatOptions } from "./third-party/third-party-caveat.ts";
export type { AuthenticToken, Authority, Inauthentic, TokenTrace, TracedDemand, TracedPart } from "./verify/authority.ts";
export type { Authorized, RefusalReason, Unauthorized, Verdict } from "./verify/judge.ts";
export type { KeyOf, PresentedWith, SealedKeyOpener, TokenInput } from "./verify/macaroon-authenticator.ts";
export { REVOCATIONS_MAX, RevocationList } from "./verify/revocation.ts";
export type { Revocable, Revocations, Revoked } from "./verify/revocation.ts";
export { CACHED_TOKENS_MAX } from "./verify/token-cache.ts";
export { TokenVerifier } from "./verify/token-verifier.ts";
export type { Claim, Claimable, Lease, Reserved, TokenVerifierOptions } from "./verify/token-verifier.ts";
export { verifyToken } from "./verify/verify-token.ts";
export type { VerifyTokenOptions } from "./verify/verify-token.ts";

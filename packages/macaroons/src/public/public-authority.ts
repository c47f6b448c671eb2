import { concatBytes, equalBytes, toHex } from "@void-system/bytes";
import { type PublicKey, type VerifierRing, loadPublicKey, verifyChain } from "@void-system/crypto";
import type { Clause } from "../caveat/clause.ts";
import { OptionError } from "../errors.ts";
import { refuseNonList, refuseUnknown, shown } from "../options.ts";
import { DISCHARGES_MAX, type DischargeEdge, type DischargeGraph, THE_TOKEN, walkDischarges } from "../third-party/walk-discharges.ts";
import { nameOf } from "../token/name.ts";
import type { AuthenticToken, Authority, Inauthentic, TokenTrace, TracedDemand, TracedPart } from "../verify/authority.ts";
import type { PublicDemand } from "./block.ts";
import { caveatsOf } from "./contents.ts";
import { dischargeBinding, tokenBinding } from "./seal-binding.ts";
import { SealedToken } from "./sealed-token.ts";
import { VerificationBudget } from "./verification-budget.ts";

/** A public token as it comes: text, bytes, or decoded already. */
export type PublicTokenInput = string | Uint8Array | SealedToken;

/** Company of a public token. */
export interface PublicPresented {
  /** Discharges of third parties' caveats, sealed for the token, in any order. */
  readonly discharges?: readonly PublicTokenInput[] | undefined;
  /** Binding for which the token must have been sealed. @defaultValue none */
  readonly binding?: Uint8Array | undefined;
  /** Budgets that pay for the signatures: of the connection, and of the address. @defaultValue none */
  readonly budgets?: readonly VerificationBudget[] | undefined;
}

/** Keys of issuers: fixed ones, or a ring of `@void-system/crypto` whose keys rotate with overlap. */
export type Issuers = PublicKey | readonly PublicKey[] | VerifierRing<"ed25519">;

/** Price of loading a third party's key, in signatures: it is checked again for each discharge. */
export const KEY_LOAD_SIGNATURES = 13;

/** Authority over public tokens. Nobody mints with these keys. */
export function publicAuthority(issuers: Issuers): Authority<PublicPresented> {
  const accepted = acceptedBy(issuers);
  return {
    takesDischarges: true,
    checkCall,
    isWholeIn: ({ discharges, binding }) => discharges === undefined && binding === undefined,
    authenticate: (token, presented, timeMs) => authenticate(token, presented, timeMs, accepted),
    trace: (token, presented, timeMs) => trace(token, presented, timeMs, accepted),
  };
}

/** Returns the keys that are accepted at a time; `undefined` where the time is missing. */
type Accepted = (timeMs: unknown) => readonly PublicKey[] | undefined;

function acceptedBy(issuers: Issuers): Accepted {
  if (typeof issuers !== "object" || issuers === null) throw new OptionError("PublicVerifier", "loaded public keys, or a ring of them", shown(issuers));
  if ("accepted" in issuers) return (timeMs) => (typeof timeMs === "number" && !Number.isNaN(timeMs) ? issuers.accepted(timeMs) : undefined);
  const keys: readonly PublicKey[] = "keyId" in issuers ? [issuers] : [...issuers];
  // Throws now, rather than at the first token, for a key that was not loaded.
  verifyChain(new Uint8Array(), keys);
  return () => keys;
}

function checkCall(presented: PublicPresented): void {
  refuseUnknown("verify", presented, ["discharges", "binding", "budgets"]);
  const { discharges, binding, budgets }: { readonly [Name in keyof PublicPresented]?: unknown } = presented;
  if (discharges !== undefined) refuseNonList("verify", "discharges", discharges);
  if (binding !== undefined && !(binding instanceof Uint8Array)) throw new OptionError("verify", "a binding as bytes", shown(binding));
  if (budgets === undefined) return;
  refuseNonList("verify", "budgets", budgets);
  if (!presented.budgets?.every((budget) => budget instanceof VerificationBudget)) throw new OptionError("verify", "budgets of class VerificationBudget", "another value");
}

function authenticate(token: unknown, presented: PublicPresented, timeMs: unknown, accepted: Accepted): AuthenticToken | Inauthentic {
  const read = readAll(token, presented);
  if (typeof read === "string") return read;
  const { root, discharges } = read;
  const unpaid = refusalByBudgets(read, presented, timeMs);
  if (unpaid !== undefined) return unpaid;
  const verified = verifyRoot(root, presented, timeMs, accepted);
  if (typeof verified === "string") return verified;
  const good: AuthenticToken[] = [];
  const refusal = walkDischarges(graphOf(root, discharges, (discharge) => good.push(discharge)));
  if (refusal !== undefined) return refusal;
  const isStillAccepted = (nowMs: unknown): boolean => accepted(nowMs)?.some(({ keyId }) => keyId === verified.keyId) === true;
  return authenticOf(root, verified, good, isStillAccepted);
}

/** Chain whose signatures hold. */
interface VerifiedChain {
  readonly keyId: string;
  readonly links: readonly Uint8Array[];
}

function verifyRoot(root: SealedToken, { binding = new Uint8Array() }: PublicPresented, timeMs: unknown, accepted: Accepted): VerifiedChain | Inauthentic {
  const keys = accepted(timeMs);
  if (keys === undefined) return "incomplete-context";
  return root.contents.head.kind === "token" ? verified(root, keys, tokenBinding(binding)) : "malformed";
}

function verified(token: SealedToken, keys: readonly PublicKey[], binding: Uint8Array): VerifiedChain | Inauthentic {
  const verdict = verifyChain(token.toBytes(), keys, { binding });
  if (verdict.valid) return { keyId: verdict.issuer, links: verdict.names };
  return verdict.reason === "unknown-issuer" ? "unknown-key" : verdict.reason === "open" ? "malformed" : verdict.reason;
}

/** Reads everything within its limits; nothing is verified. */
function readAll(token: unknown, { discharges: given = [] }: PublicPresented): { readonly root: SealedToken; readonly discharges: readonly SealedToken[] } | "malformed" | "too-many-discharges" {
  const root = SealedToken.tryDecode(token);
  if (root === undefined) return "malformed";
  if (given.length > DISCHARGES_MAX) return "too-many-discharges";
  const discharges = given.flatMap((discharge) => SealedToken.tryDecode(discharge) ?? []);
  return discharges.length < given.length ? "malformed" : { root, discharges };
}

/** A signature a block and one for the seal; for a discharge, the third party's key besides. */
function refusalByBudgets({ root, discharges }: { readonly root: SealedToken; readonly discharges: readonly SealedToken[] }, { budgets = [] }: PublicPresented, timeMs: unknown): "over-budget" | "incomplete-context" | undefined {
  if (budgets.length === 0) return undefined;
  if (typeof timeMs !== "number") return "incomplete-context";
  const cost = discharges.reduce((sum, discharge) => sum + signaturesOf(discharge) + KEY_LOAD_SIGNATURES, signaturesOf(root));
  return VerificationBudget.take(budgets, cost, timeMs) ? undefined : "over-budget";
}

function signaturesOf({ contents: { blocks } }: SealedToken): number {
  return blocks.length + 1;
}

/** A third party's caveat in its place. */
interface PlacedDemand extends PublicDemand {
  readonly at: number;
}

function demandsOf({ contents }: SealedToken): readonly PlacedDemand[] {
  return caveatsOf(contents).flatMap((caveat, at) => ("condition" in caveat ? [{ ...caveat, at }] : []));
}

function graphOf(root: SealedToken, discharges: readonly SealedToken[], found: (discharge: AuthenticToken) => void): DischargeGraph<PlacedDemand> {
  const binding = dischargeBinding(root.name, root.toBytes());
  return {
    demands: demandsOf(root),
    count: discharges.length,
    // A token that is no discharge serves no caveat: no caveat's key has these letters.
    keyOfDischarge: (at) => keyOfDischarge(discharges[at]) ?? "none",
    keyOfDemand: ({ thirdParty, nonce, condition }) => keyOf(thirdParty, nonce, condition),
    follow: ({ thirdParty }, at) => {
      const discharge = discharges[at];
      const key = loaded(thirdParty);
      if (key === undefined) return "bad-sealed-key";
      const chain = discharge && verified(discharge, [key], binding);
      if (discharge === undefined || chain === undefined || typeof chain === "string") return "bad-discharge";
      found(authenticOf(discharge, chain, [], () => true));
      return demandsOf(discharge);
    },
  };
}

function keyOfDischarge(discharge: SealedToken | undefined): string | undefined {
  const head = discharge?.contents.head;
  return discharge === undefined || head?.kind !== "discharge" ? undefined : keyOf(discharge.contents.issuer, head.nonce, head.condition);
}

function keyOf(thirdParty: Uint8Array, nonce: Uint8Array, condition: string): string {
  return toHex(concatBytes([thirdParty, nonce])) + condition;
}

function loaded(thirdParty: Uint8Array): PublicKey | undefined {
  try {
    return loadPublicKey(thirdParty);
  } catch {
    // The one reason to throw here: the bytes are no honest key.
    return undefined;
  }
}

function authenticOf(token: SealedToken, { keyId, links }: VerifiedChain, discharges: readonly AuthenticToken[], isStillAccepted: (timeMs: unknown) => boolean): AuthenticToken {
  const { contents, name } = token;
  const clauses = caveatsOf(contents).filter((caveat): caveat is Clause => "text" in caveat);
  const mintedAtMs = contents.head.kind === "token" ? contents.head.mintedAtMs : undefined;
  return { name, keyId, mintedAtMs, links: links.map(nameOf), clauses, discharges, isStillAccepted };
}

function trace(token: unknown, presented: PublicPresented, timeMs: unknown, accepted: Accepted): TokenTrace | undefined {
  const root = SealedToken.tryDecode(token);
  if (root === undefined) return undefined;
  const given = presented.discharges ?? [];
  const discharges = given.slice(0, DISCHARGES_MAX).flatMap((discharge) => SealedToken.tryDecode(discharge) ?? []);
  const isMalformed = discharges.length < Math.min(given.length, DISCHARGES_MAX);
  const chain = given.length > DISCHARGES_MAX ? "too-many-discharges" : isMalformed ? "malformed" : verifyRoot(root, presented, timeMs, accepted);
  const byPlace = new Map<string, DischargeEdge<PlacedDemand>>();
  if (typeof chain !== "string") {
    walkDischarges(graphOf(root, discharges, () => undefined), (edge) => byPlace.set(`${edge.of} ${edge.demand.at}`, edge).set(`by ${edge.by}`, edge));
  }
  const { head, issuer } = root.contents;
  const keyId = accepted(timeMs)?.find((key) => equalBytes(key.toBytes(), issuer))?.keyId;
  return {
    keyId,
    link: typeof chain === "string" ? undefined : chain.links.slice(-1).map(nameOf)[0],
    mintedAtMs: head.kind === "token" ? head.mintedAtMs : undefined,
    memo: head.kind === "token" ? head.memo : undefined,
    refusal: typeof chain === "string" ? chain : undefined,
    parts: [root, ...discharges].map((part, at) => tracedPart(part, at - 1, byPlace)),
  };
}

function tracedPart({ name, contents }: SealedToken, part: number, edges: ReadonlyMap<string, DischargeEdge<PlacedDemand>>): TracedPart {
  const serving = edges.get(`by ${part}`);
  return {
    name,
    isUnused: part !== THE_TOKEN && (serving === undefined || serving.refusal !== undefined),
    caveats: caveatsOf(contents).map((caveat, at): Clause | TracedDemand => {
      if ("text" in caveat) return caveat;
      const edge = edges.get(`${part} ${at}`);
      const { thirdParty, nonce, location } = caveat;
      return { id: nameOf(nonce), thirdParty: location === "" ? toHex(thirdParty) : location, discharge: edge?.by, refusal: edge === undefined ? "unchecked" : edge.refusal };
    }),
  };
}

import type { Clause } from "../caveat/clause.ts";
import type { MacaroonParts } from "../format/v2-binary.ts";
import { DISCHARGES_MAX, type DischargeEdge, THE_TOKEN, walkDischarges } from "../third-party/walk-discharges.ts";
import { caveatText } from "../token/caveat-text.ts";
import type { FollowedChain, SealedCaveat } from "../token/follow-chain.ts";
import { readIdentifier } from "../token/identifier.ts";
import { nameOf } from "../token/name.ts";
import type { AuthenticToken, Authority, TokenTrace, TracedDemand, TracedPart } from "./authority.ts";
import { type MacaroonKeys, type PresentedWith, authenticateMacaroon, checkCall, clausesOf, follow, graphOf, readToken } from "./macaroon-authenticator.ts";

/** Authority over macaroons: recognises its own, and traces why. */
export function macaroonAuthority(keys: MacaroonKeys): Authority<PresentedWith> {
  return {
    takesDischarges: keys.openSealedKey !== undefined,
    checkCall: (presented) => checkCall(presented, keys),
    isWholeIn: ({ discharges }) => discharges === undefined,
    authenticate: (token, presented) => authenticateMacaroon<AuthenticToken>(token, presented, keys, (parts, chain, discharges, isStillAccepted) => new AuthenticMacaroon(parts, chain, discharges, isStillAccepted)),
    trace: (token, presented) => trace(token, presented, keys),
  };
}

/** Macaroon whose signature holds. Names are digests, made when they are asked. */
class AuthenticMacaroon implements AuthenticToken {
  readonly clauses: readonly Clause[];
  readonly discharges: readonly AuthenticToken[];
  readonly isStillAccepted: () => boolean;
  readonly #parts: MacaroonParts;
  readonly #tags: readonly Uint8Array[];

  constructor(parts: MacaroonParts, { tags }: FollowedChain, discharges: readonly AuthenticToken[], isStillAccepted: () => boolean) {
    this.#parts = parts;
    this.#tags = tags;
    this.clauses = clausesOf(parts);
    this.discharges = discharges;
    this.isStillAccepted = isStillAccepted;
  }

  get name(): string {
    return nameOf(this.#parts.identifier);
  }

  get keyId(): string | undefined {
    return readIdentifier(this.#parts.identifier)?.keyId;
  }

  get mintedAtMs(): number | undefined {
    return readIdentifier(this.#parts.identifier)?.mintedAtMs;
  }

  get links(): readonly string[] {
    // A discharge's own signature is that of its last link bound to the token: both revoke it.
    return [...new Set([...this.#tags, this.#parts.signature].map(nameOf))];
  }
}

function trace(token: unknown, presented: PresentedWith, keys: MacaroonKeys): TokenTrace | undefined {
  const parts = readToken(token);
  if (parts === undefined) return undefined;
  const { openSealedKey } = keys;
  const given = presented.discharges ?? [];
  const discharges = given.slice(0, DISCHARGES_MAX).flatMap((discharge) => readToken(discharge) ?? []);
  const followed = follow(parts, keys);
  const byPlace = new Map<string, Edge>();
  if (typeof followed !== "string" && openSealedKey !== undefined) {
    walkDischarges(graphOf(parts, followed, discharges, openSealedKey, []), (edge) => byPlace.set(placeOf(edge.of, edge.demand.at), edge).set(`by ${edge.by}`, edge));
  }
  const isMalformed = discharges.length < Math.min(given.length, DISCHARGES_MAX);
  const hasThirdParty = parts.caveats.some(({ thirdParty }) => thirdParty !== undefined);
  const refusal =
    typeof followed === "string" ? followed
    : openSealedKey === undefined ? (hasThirdParty ? "third-party-caveat" : undefined)
    : given.length > DISCHARGES_MAX ? "too-many-discharges"
    : isMalformed ? "malformed"
    : undefined;
  return {
    ...notesOf(parts),
    link: nameOf(parts.signature),
    refusal,
    parts: [parts, ...discharges].map((part, at) => tracedPart(part, at - 1, byPlace)),
  };
}

function notesOf({ identifier }: MacaroonParts): Pick<TokenTrace, "keyId" | "mintedAtMs" | "memo"> {
  const { keyId, mintedAtMs, memo } = readIdentifier(identifier) ?? {};
  return { keyId, mintedAtMs, memo };
}

type Edge = DischargeEdge<SealedCaveat>;

function placeOf(part: number, caveat: number): string {
  return `${part} ${caveat}`;
}

/** @param part - place among the discharges, or {@link THE_TOKEN}. */
function tracedPart({ caveats, identifier }: MacaroonParts, part: number, edges: ReadonlyMap<string, Edge>): TracedPart {
  const serving = edges.get(`by ${part}`);
  return {
    name: nameOf(identifier),
    isUnused: part !== THE_TOKEN && (serving === undefined || serving.refusal !== undefined),
    caveats: caveats.map((caveat, at): Clause | TracedDemand => {
      if (caveat.thirdParty === undefined) return { text: caveatText(caveat), behind: caveats.length - 1 - at };
      const edge = edges.get(placeOf(part, at));
      return { id: nameOf(caveat.id), thirdParty: caveat.thirdParty.location, discharge: edge?.by, refusal: edge === undefined ? "unchecked" : edge.refusal };
    }),
  };
}

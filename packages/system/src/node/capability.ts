/**
 * Capabilities of the key-value store: macaroons whose resources are paths, `/kv/KEY`, and whose operations are `read`
 * and `write`.
 */
import { toHex } from "@void-system/bytes";
import { type SecretKey, hmacSha256 } from "@void-system/crypto";
import type { Random } from "@void-system/effects";
import { CapabilityManager, Macaroon, MacaroonFactory, type RefusalReason, createStandardVerifier, keyIdOf } from "@void-system/macaroons";
import type { Access } from "../store/command.ts";
import type { Authority } from "./gateway.ts";
import { FACT_ID_BYTES } from "./peer-report.ts";

const ID_OF_ROOT_KEY = new TextEncoder().encode("void/root-key-id/1");

/** Operations that nodes know; `admin` stands for all. */
export const OPERATIONS = ["read", "write", "admin"] as const;

/** Limits of a token. */
export interface TokenLimits {
  /** Everything under this path: `/` for all, `/kv/` for all keys, `/kv/public` for keys below `public/`. */
  readonly resource?: string;
  /** `read`, `write`; `admin` stands for every one. */
  readonly operations?: readonly string[];
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAtMs?: number;
  /** For a single use inside a program, with an end; such a token is no password. */
  readonly once?: boolean;
}

/** Judges tokens, and mints them. */
export interface CapabilityAuthority extends Authority {
  /** A new token. @throws CaveatError of macaroons for limits of a form that none understands, and for `once` without an end. */
  mint(limits: TokenLimits): string;
}

/** The path of a key, as capabilities name it. */
function resourceOf(key: string): string {
  return `/kv/${key}`;
}

/** The caveats that keep to limits. */
export function caveatsOf({ resource, operations, expiresAtMs, once }: TokenLimits): readonly string[] {
  return [
    ...(resource === undefined ? [] : [`resource under ${resource}`]),
    ...(operations === undefined ? [] : [`operation in ${operations.join(",")}`]),
    ...(expiresAtMs === undefined ? [] : [`time < ${expiresAtMs}`]),
    ...(once ? ["once"] : []),
  ];
}

/** Returns a name for a root key, in hex: equal for equal keys, and of no use to whoever wants the key. */
export function rootKeyIdOf(rootKey: SecretKey<"hmac-sha256">): string {
  return rootKey.use((key) => toHex(hmacSha256(key, ID_OF_ROOT_KEY).subarray(0, FACT_ID_BYTES)));
}

/** The meaning of refusals, and what to do. Any other is said by its name alone. */
const MEANINGS: Partial<Readonly<Record<RefusalReason, string>>> = {
  expired: "its time is over; ask for a new one",
  "not-yet-valid": "its time has not begun",
  "unknown-key": "it is of another cluster; show this one a token of its own",
  "bad-signature": "it was changed, or made without this cluster's root key",
  malformed: "it is no token; copy the whole of it",
  "incomplete-context": "it has a caveat that no node can judge, such as user = NAME",
  "once-token-not-reusable": "it is for a single use inside a program, and no password",
};

/** The key id of tokens that were minted before keys had names. */
const NAMELESS_KEY_ID = "root";

/** The authority of everybody who has this root key; its tokens get their names of `random`. @param random the platform's unless given */
export function capabilityAuthority(rootKey: SecretKey<"hmac-sha256">, random?: Pick<Random, "bytes">): CapabilityAuthority {
  const made = (keyId: string): MacaroonFactory =>
    new MacaroonFactory(rootKey, { keyId, location: "void", ...(random && { random: (length: number) => random.bytes(length) }) });
  const factory = made(`k${rootKeyIdOf(rootKey)}`);
  const verifier = createStandardVerifier();
  const manager = new CapabilityManager(factory, verifier);
  const nameless = new CapabilityManager(made(NAMELESS_KEY_ID), verifier);
  return {
    mint: (limits) => {
      const caveats = caveatsOf(limits);
      // A token with a limit that nobody understands would permit nothing, and say so only where it is used.
      for (const caveat of caveats) verifier.check(caveat);
      return factory.mint(caveats).encode();
    },
    authenticate: (token, timeMs) => {
      const decoded = Macaroon.tryDecode(token);
      if (!decoded.ok) return refusal("malformed", undefined);
      const { macaroon } = decoded;
      const { name } = macaroon;
      const judge = keyIdOf(macaroon.identifier) === NAMELESS_KEY_ID ? nameless : manager;
      const verdict = judge.authorize(macaroon, { timeMs });
      if (!verdict.ok) return refusal(verdict.reason, name);
      const { grant } = verdict;
      const { expiresAtMs } = grant;
      return {
        ok: true,
        grant: {
          name,
          ...(expiresAtMs !== undefined && { expiresAtMs }),
          permits: (key: string, access: Access, nowMs: number) => grant.permits(resourceOf(key), access, nowMs),
        },
      };
    },
  };
}

function refusal(code: RefusalReason, name: string | undefined): ReturnType<Authority["authenticate"]> {
  const meaning = MEANINGS[code];
  return { ok: false, code, reason: `this token is refused (${code})${meaning === undefined ? "" : `: ${meaning}`}`, ...(name !== undefined && { name }) };
}

/** A token that permits `limits`. */
export function mintToken(rootKey: SecretKey<"hmac-sha256">, limits: TokenLimits): string {
  return capabilityAuthority(rootKey).mint(limits);
}

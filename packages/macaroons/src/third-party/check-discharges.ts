/**
 * Follows the graph of discharges from a root macaroon (Verify in Birgisson et al. 2014, §V), without recursion: each
 * discharge is followed once at most, so cycles end and the work is linear in the bytes.
 */
import { toHex } from "@void-system/bytes";
import type { Macaroon, SealedCaveat } from "../token/macaroon.ts";

/** Most discharges beside one token. */
export const DISCHARGES_MAX = 64;
/** Deepest nesting: a discharge of the token is at depth 1, the discharge of its caveat at 2. */
export const DISCHARGE_DEPTH_MAX = 32;

/** Reason to refuse the discharges beside a token. */
export type DischargeRefusal =
  /** More than {@link DISCHARGES_MAX}. */
  | "too-many-discharges"
  /** Nested deeper than {@link DISCHARGE_DEPTH_MAX}. */
  | "discharge-too-deep"
  /** A third party's caveat for which no discharge is left: each serves one caveat. */
  | "missing-discharge"
  /** A caveat whose sealed key does not open: whoever added it had no good key. */
  | "bad-sealed-key"
  /** A discharge of another key, changed, or not bound to this token. */
  | "bad-discharge"
  /** A discharge that no caveat asks for. */
  | "unused-discharge";

/** Opens the key of a discharge: `openSealedKey` of this package. */
export type SealedKeyOpener = (sealedKey: Uint8Array, tag: Uint8Array) => Uint8Array | undefined;

/**
 * Returns the first reason against the discharges, or `undefined` if they discharge every third party's caveat and
 * nothing else. Among discharges of one identifier, the first in the list serves the first caveat.
 *
 * @param root - an authentic macaroon; `sealed` are its third parties' caveats.
 */
export function refusalOfDischarges(
  root: Macaroon,
  sealed: readonly SealedCaveat[],
  discharges: readonly Macaroon[],
  open: SealedKeyOpener,
): DischargeRefusal | undefined {
  const waiting = new Map<string, Macaroon[]>();
  // From the last to the first, so that pop() takes the first.
  for (const discharge of discharges.toReversed()) {
    const key = toHex(discharge.identifier);
    const same = waiting.get(key);
    if (same === undefined) waiting.set(key, [discharge]);
    else same.push(discharge);
  }
  let left = discharges.length;
  let level = sealed;
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: SealedCaveat[] = [];
    for (const { id, sealedKey, tag } of level) {
      const discharge = waiting.get(toHex(id))?.pop();
      if (discharge === undefined) return "missing-discharge";
      if (depth > DISCHARGE_DEPTH_MAX) return "discharge-too-deep";
      const key = open(sealedKey, tag);
      if (key === undefined) return "bad-sealed-key";
      const nested = discharge.followChain(key, root);
      if (nested === undefined) return "bad-discharge";
      left -= 1;
      for (const caveat of nested) next.push(caveat);
    }
    level = next;
  }
  return left > 0 ? "unused-discharge" : undefined;
}

/**
 * Walks the graph of discharges from a root token (Verify in Birgisson et al. 2014, §V), without recursion: each discharge
 * is followed once at most, so cycles end and the work is linear in the bytes.
 */

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

/** Place of the token itself among the discharges. */
export const THE_TOKEN = -1;

/** Edge of the graph: a third party's caveat, and the discharge that serves it. */
export interface DischargeEdge<D> {
  /** Place of the discharge that has the caveat, or {@link THE_TOKEN}. */
  readonly of: number;
  /** The caveat. */
  readonly demand: D;
  /** Place of the discharge that serves it, if there is one. */
  readonly by: number | undefined;
  /** Reason against it. */
  readonly refusal: DischargeRefusal | undefined;
}

/** A graph of discharges, in either kind of token. */
export interface DischargeGraph<D> {
  /** Third parties' caveats of the token. */
  readonly demands: readonly D[];
  /** Number of discharges beside it. */
  readonly count: number;
  /** Returns what a discharge is for; equal for the caveats that it can serve. */
  keyOfDischarge(at: number): string;
  /** Returns what a caveat asks for. */
  keyOfDemand(demand: D): string;
  /** Returns the third parties' caveats of a good discharge of this caveat, or the reason against it. */
  follow(demand: D, at: number): readonly D[] | DischargeRefusal;
}

/**
 * Returns the first reason against the discharges, or `undefined` if they discharge every third party's caveat and nothing
 * else. Among discharges of one identifier, the first in the list serves the first caveat.
 *
 * @param visit - called with every edge; then the walk does not stop at the first reason.
 */
export function walkDischarges<D>(graph: DischargeGraph<D>, visit?: (edge: DischargeEdge<D>) => void): DischargeRefusal | undefined {
  const waiting = new Map<string, number[]>();
  // From the last to the first, so that pop() takes the first.
  for (let at = graph.count - 1; at >= 0; at -= 1) {
    const key = graph.keyOfDischarge(at);
    const same = waiting.get(key);
    if (same === undefined) waiting.set(key, [at]);
    else same.push(at);
  }
  let first: DischargeRefusal | undefined;
  let left = graph.count;
  let level = graph.demands.map((demand) => ({ of: THE_TOKEN, demand }));
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: { readonly of: number; readonly demand: D }[] = [];
    for (const { of, demand } of level) {
      const by = waiting.get(graph.keyOfDemand(demand))?.pop();
      const followed = by === undefined ? "missing-discharge" : depth > DISCHARGE_DEPTH_MAX ? "discharge-too-deep" : graph.follow(demand, by);
      const refusal = typeof followed === "string" ? followed : undefined;
      first ??= refusal;
      visit?.({ of, demand, by, refusal });
      if (first !== undefined && visit === undefined) return first;
      if (by === undefined || typeof followed === "string") continue;
      left -= 1;
      for (const nested of followed) next.push({ of: by, demand: nested });
    }
    level = next;
  }
  return first ?? (left > 0 ? "unused-discharge" : undefined);
}

/** The caveats that lnd and the Go bakery write, for verifiers of their tokens. */
import type { CapabilityContext, CaveatKind } from "./caveat-kind.ts";
import { normalizeIp } from "./ip-address.ts";

const TIME_BEFORE = /^time-before ((\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))$/u;
const IP_ADDRESS = /^ipaddr ([0-9a-fA-F:.]{2,45})$/u;

/**
 * Kinds `time-before TIME` (RFC 3339; parts of a millisecond are cut off) and `ipaddr ADDRESS`, which asks the context for
 * `address`. Give them to {@link createStandardVerifier}.
 *
 * @example
 * ```ts
 * import { BAKERY_CAVEATS, createStandardVerifier } from "@void-system/macaroons";
 * createStandardVerifier(BAKERY_CAVEATS).check("time-before 2030-01-01T00:00:00Z");
 * ```
 */
export const BAKERY_CAVEATS: readonly CaveatKind[] = [
  {
    form: "time-before TIME",
    parse: (text) => {
      const [, time = "", day = ""] = TIME_BEFORE.exec(text) ?? [];
      const expiresAtMs = Date.parse(time);
      // Date would take the 30th of February for a day in March.
      if (!Number.isFinite(expiresAtMs) || !isDay(day)) return undefined;
      const refuses = ({ timeMs }: CapabilityContext): "expired" | undefined => (timeMs < expiresAtMs ? undefined : "expired");
      return { refuses, asks: ["timeMs"], facts: { expiresAtMs } };
    },
  },
  {
    form: "ipaddr ADDRESS",
    parse: (text) => {
      const wanted = normalizeIp(IP_ADDRESS.exec(text)?.[1] ?? "");
      if (wanted === undefined) return undefined;
      const refuses = ({ address = "" }: CapabilityContext): "wrong-address" | undefined =>
        normalizeIp(address) === wanted ? undefined : "wrong-address";
      return { refuses, asks: ["address"] };
    },
  },
];

function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return Number.isFinite(at.getTime()) && at.toISOString().startsWith(day);
}

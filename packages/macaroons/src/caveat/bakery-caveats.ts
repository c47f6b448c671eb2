/** The caveats that lnd and the Go bakery write, for verifiers of their tokens. */
import type { CapabilityContext, CaveatKind } from "./caveat-kind.ts";
import { defineCaveat } from "./define-caveat.ts";
import { isInNetwork, parseIp } from "./ip-address.ts";
import { optionalFields } from "./optional-fields.ts";

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
export const BAKERY_CAVEATS: readonly CaveatKind<CapabilityContext>[] = /* @__PURE__ */ bakeryCaveats();

function bakeryCaveats(): readonly CaveatKind<CapabilityContext>[] {
  return [
    defineCaveat({
      form: "time-before TIME",
      parse: (text) => {
        const [, time = "", day = ""] = TIME_BEFORE.exec(text) ?? [];
        const expiresAtMs = Date.parse(time);
        // Date would take the 30th of February for a day in March.
        return Number.isFinite(expiresAtMs) && isDay(day) ? expiresAtMs : undefined;
      },
      asks: { timeMs: "number" },
      check: (expiresAtMs, { timeMs }) => timeMs < expiresAtMs,
      refusal: "expired",
      implies: (mine, other) => mine <= other,
      facts: (expiresAtMs) => ({ expiresAtMs }),
    }),
    optionalFields(
      defineCaveat({
        form: "ipaddr ADDRESS",
        parse: (text) => parseIp(IP_ADDRESS.exec(text)?.[1] ?? ""),
        asks: { address: "string" },
        check: (wanted, { address }) => isInNetwork(parseIp(address) ?? [], { bytes: wanted, bits: wanted.length * 8 }),
        refusal: "wrong-address",
        edgeOnly: true,
      }),
    ),
  ];
}

function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return Number.isFinite(at.getTime()) && at.toISOString().startsWith(day);
}

import { toHex } from "@void-system/bytes";
import { refuseNonList } from "../options.ts";
import type { Macaroon, ThirdPartyCaveat } from "../token/macaroon.ts";

/**
 * Returns the third parties' caveats, of a token and of the discharges at hand, that none of these discharges is for.
 * Empty: all are there. No key is needed, so nothing is verified.
 *
 * @example
 * ```ts
 * import { MacaroonFactory, addThirdPartyCaveat, dischargesNeeded } from "@void-system/macaroons";
 * const caveatKey = crypto.getRandomValues(new Uint8Array(32));
 * const token = addThirdPartyCaveat(new MacaroonFactory(new Uint8Array(32)).mint(), { caveatKey, id: "case 12" });
 * dischargesNeeded(token).length; // => 1
 * ```
 */
export function dischargesNeeded(token: Macaroon, discharges: readonly Macaroon[] = []): readonly ThirdPartyCaveat[] {
  refuseNonList("dischargesNeeded", "discharges", discharges);
  const unused = new Map<string, number>();
  for (const { identifier } of discharges) {
    const key = toHex(identifier);
    unused.set(key, (unused.get(key) ?? 0) + 1);
  }
  return [token, ...discharges].flatMap(({ thirdPartyCaveats }) =>
    thirdPartyCaveats.filter(({ id }) => {
      const key = toHex(id);
      const left = unused.get(key) ?? 0;
      unused.set(key, left - 1);
      return left <= 0;
    }),
  );
}

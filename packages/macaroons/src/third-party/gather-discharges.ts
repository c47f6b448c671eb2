import { equalBytes } from "@void-system/bytes";
import { DischargeError } from "../errors.ts";
import { shown } from "../options.ts";
import { Macaroon, type ThirdPartyCaveat } from "../token/macaroon.ts";
import { DISCHARGES_MAX } from "./walk-discharges.ts";

/**
 * Asks for the discharge of each third party's caveat, of the discharges too, and returns all of them bound to the
 * token: what the holder sends beside it. Narrow the token before, because the binding ends with every change of it.
 *
 * @throws {@link DischargeError} when more than 64 discharges are needed, or an answer is no discharge of its caveat; and
 * whatever `ask` throws.
 * @example
 * ```ts
 * import { Discharger, MacaroonFactory, gatherDischarges } from "@void-system/macaroons";
 * const auth = new Discharger(new Uint8Array(32).fill(9));
 * const token = auth.addCaveat(new MacaroonFactory(new Uint8Array(32).fill(7)).mint(), "user is ada");
 * const discharges = await gatherDischarges(token, async ({ id }) => {
 *   const answer = auth.discharge(id, () => ["time < 2000"]);
 *   if (!answer.ok) throw new Error(answer.reason);
 *   return answer.discharge;
 * });
 * discharges.length; // => 1
 * ```
 */
export async function gatherDischarges(
  token: Macaroon,
  ask: (caveat: ThirdPartyCaveat) => Macaroon | Promise<Macaroon>,
): Promise<readonly Macaroon[]> {
  const discharges: Macaroon[] = [];
  const needed = [...token.thirdPartyCaveats];
  // The list grows while it is walked: a discharge may need others.
  for (const caveat of needed) {
    if (discharges.length === DISCHARGES_MAX) throw new DischargeError(`at most ${DISCHARGES_MAX} discharges for a token`, "one more");
    const discharge: unknown = await ask(caveat);
    if (!(discharge instanceof Macaroon)) throw new DischargeError("a macaroon for each caveat", shown(discharge));
    if (!equalBytes(discharge.identifier, caveat.id)) throw new DischargeError("a discharge with the caveat's id", "another macaroon");
    discharges.push(discharge);
    needed.push(...discharge.thirdPartyCaveats);
  }
  return discharges.map((discharge) => discharge.bindTo(token));
}

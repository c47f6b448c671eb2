import { LinearTypeError } from "../../errors.ts";
import type { LinearMisuse } from "../../errors.ts";
import { capturesSites } from "../site.ts";

/**
 * Makes the error for a misuse.
 *
 * @param what - the refused use: a call, or a closed context.
 * @param ending - the way in which the resource ended, if it did.
 */
export function misuseError(misuse: LinearMisuse, what: string, ending = "closed"): LinearTypeError {
  const { resource, violation, firstUse, secondUse } = misuse;
  const at = (site: string | undefined): string => (site ? ` at ${site}` : "");
  const [when, advice] = {
    "used-after-end": [
      `only before it was ${ending}${at(firstUse)}`,
      `borrow it before with use()${capturesSites() ? "" : "; see captureSites(true)"}`,
    ],
    "ended-while-borrowed": ["after its borrows", "await what use() returned first"],
    "context-closed": ["in an open context", "open one"],
  }[violation];
  return new LinearTypeError(`expected ${resource} to be used ${when}, got ${what}${at(secondUse)}; ${advice}`, misuse);
}

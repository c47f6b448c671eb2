import { toHex } from "@void-system/bytes";
import { digest } from "@void-system/crypto";

/** Length of a name before it is written in hexadecimal: nobody finds two identifiers of one name. */
const NAME_BYTES = 16;

/** Returns a name that is safe to log: a digest, in hexadecimal. */
export function nameOf(bytes: Uint8Array): string {
  return toHex(digest(bytes).subarray(0, NAME_BYTES));
}

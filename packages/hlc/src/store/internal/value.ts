import { InvalidEntryError } from "../../errors.ts";
import { VALUE_BYTES_MAX } from "../limits.ts";

/**
 * Refuses a value that is not bytes, or too long.
 *
 * @throws {@link InvalidEntryError}
 */
export function checkValue(value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) {
    throw new InvalidEntryError("a value that is a Uint8Array (TextEncoder makes one of text)", value);
  }
  if (value.length > VALUE_BYTES_MAX) {
    throw new InvalidEntryError(`a value of at most ${VALUE_BYTES_MAX} bytes`, value);
  }
}

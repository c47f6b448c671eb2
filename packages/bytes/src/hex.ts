import { MalformedBytesError } from "./errors.ts";

const DIGITS: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * Returns bytes as lower-case hexadecimal, for people and for map keys.
 *
 * @example
 * ```ts
 * import { toHex } from "@void-system/bytes";
 * toHex(Uint8Array.of(1, 171)); // => "01ab"
 * ```
 */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

/**
 * Parses hexadecimal text with an even number of digits, in either case.
 *
 * @throws {@link MalformedBytesError} for any other text; `at` is the offending character.
 * @example
 * ```ts
 * import { fromHex } from "@void-system/bytes";
 * fromHex("01Ab"); // => Uint8Array.of(1, 171)
 * ```
 */
export function fromHex(text: string): Uint8Array {
  const wrong = text.search(/[^0-9a-fA-F]/);
  if (wrong >= 0) throw new MalformedBytesError("a hexadecimal digit", JSON.stringify(text[wrong]), wrong);
  if (text.length % 2 > 0) throw new MalformedBytesError("an even number of digits", `${text.length}`, text.length);
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(index * 2, index * 2 + 2), 16));
}

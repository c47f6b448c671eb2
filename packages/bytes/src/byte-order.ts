import { FieldRangeError } from "./errors.ts";

/** Order of the bytes of a number: the most significant first (network order), or the least significant first. */
export type ByteOrder = "big-endian" | "little-endian";

/** Returns true for little-endian. @throws {@link FieldRangeError} for another word, which JavaScript may give. */
export function isLittleEndian(order: ByteOrder): boolean {
  if (order !== "big-endian" && order !== "little-endian")
    throw new FieldRangeError("order", '"big-endian" or "little-endian"', String(order));
  return order === "little-endian";
}

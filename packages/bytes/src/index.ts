/**
 * Reads and writes binary fields, with every length checked before it is used.
 *
 * @packageDocumentation
 */
export type { ByteOrder } from "./byte-order.ts";
export { ByteReader } from "./byte-reader.ts";
export { ByteWriter } from "./byte-writer.ts";
export type { Codec, Decoded } from "./codec.ts";
export { concatBytes } from "./concat.ts";
export { crc32 } from "./crc32.ts";
export { decodeAll } from "./decode-all.ts";
export { equalBytes } from "./equal.ts";
export { BytesError, FieldRangeError, MalformedBytesError } from "./errors.ts";
export { fromHex, toHex } from "./hex.ts";

import { InvalidRegisterError } from "../errors.ts";

/** Converts values to bytes and back. Encoding a decoded value must give the same bytes again. */
export interface ValueCodec<T> {
  /** Encodes a value. */
  encode(value: T): Uint8Array;
  /** Decodes a value. Throws if the bytes have none. */
  decode(bytes: Uint8Array): T;
}

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Codec of values as JSON text in UTF-8, the default of registers.
 *
 * @example
 * ```ts
 * import { json } from "@void-system/hlc";
 *
 * json.decode(json.encode({ on: true })); // => { on: true }
 * ```
 */
export const json: ValueCodec<unknown> = {
  encode(value) {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) {
      throw new InvalidRegisterError("a value that JSON can hold, or a codec", value);
    }
    return encoder.encode(text);
  },
  decode(bytes) {
    return JSON.parse(decoder.decode(bytes));
  },
};

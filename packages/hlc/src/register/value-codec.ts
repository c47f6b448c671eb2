import { InvalidRegisterError } from "../errors.ts";

/** Values as bytes. Encoding a decoded value must give the same bytes again. */
export interface ValueCodec<T> {
  /** The bytes of a value. */
  encode(value: T): Uint8Array;
  /** The value of bytes; throws if they have none. */
  decode(bytes: Uint8Array): T;
}

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Values as JSON text in UTF-8: the codec a register uses when it is given none.
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

import type { Decoded } from "@void-system/effects";
import { ValueError, valueCodec } from "@void-system/values";
import { InvalidValueError } from "../errors.ts";
import { PAYLOAD_BYTES_MAX } from "../limits.ts";

/** Deepest nesting of a value. */
export const VALUE_DEPTH_MAX = 64;

const codec = /* @__PURE__ */ valueCodec({ bytes: PAYLOAD_BYTES_MAX, depth: VALUE_DEPTH_MAX, items: PAYLOAD_BYTES_MAX });

/**
 * Returns the payload of a value.
 *
 * @throws {@link InvalidValueError} if the value would not arrive as it is, is too deep, or too long.
 */
export function encodePayload(value: unknown): Uint8Array {
  try {
    return codec.encode(value);
  } catch (error) {
    if (error instanceof ValueError) throw new InvalidValueError(error.message, { cause: error });
    throw error;
  }
}

/** Returns the value of a payload that came from a peer. */
export function decodePayload(payload: Uint8Array): Decoded<unknown> {
  return codec.decode(payload);
}

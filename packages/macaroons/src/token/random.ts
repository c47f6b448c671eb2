/** Random bytes for nonces and keys, from the platform's generator or the caller's, with a check for the worst failures. */
import { equalBytes } from "@void-system/bytes";
import { RandomSourceError } from "../errors.ts";

/** Fills an array with bytes that nobody can guess. */
export type RandomBytes = (length: number) => Uint8Array;

/** The platform's cryptographic generator. */
export function platformRandom(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

/** The last value of each source. Two users of one broken source see each other's values here. */
const lastValues: WeakMap<object, Uint8Array> = /* @__PURE__ */ new WeakMap();

/**
 * Draws bytes that must not repeat. A source that is stuck is refused, because a nonce used twice under one key gives
 * away the keys that it seals, and two tokens of one name spend each other.
 *
 * @param source - the source's identity, where `random` is made for each call.
 * @throws {@link RandomSourceError} for zeros, for the value before once more, and for another length.
 */
export function drawFresh(random: RandomBytes, length: number, source: object = random): Uint8Array {
  const drawn: unknown = random(length);
  if (!(drawn instanceof Uint8Array) || drawn.length !== length) {
    throw new RandomSourceError(`${length} random bytes`, drawn instanceof Uint8Array ? `${drawn.length}` : typeof drawn);
  }
  // A copy: the source may use its buffer again.
  const value = new Uint8Array(drawn);
  if (value.every((byte) => byte === 0)) throw new RandomSourceError("random bytes", "zeros only");
  const last = lastValues.get(source);
  // Values of two lengths are equal if one begins with the other: a stuck source often repeats a single byte.
  const shared = Math.min(length, last?.length ?? 0);
  if (last !== undefined && equalBytes(value.subarray(0, shared), last.subarray(0, shared))) {
    throw new RandomSourceError("other bytes than the time before", "the same once more");
  }
  lastValues.set(source, value);
  return value;
}

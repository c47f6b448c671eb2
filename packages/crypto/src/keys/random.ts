import { isBytes, typeNameOf } from "../bytes.ts";
import { digest } from "../hash/digest.ts";
import { InvalidOptionError, InvalidRandomnessError } from "../errors.ts";

/**
 * Where randomness comes from, if not straight from the platform: the `random` of a World of `@void-system/effects`, which
 * in a simulation replays from the seed and in real life is the platform's. It is a source and not a seed, because each
 * key needs bytes of its own: whoever can guess what a source gives, or is given the same, has the secrets that are made
 * of it.
 *
 * @example
 * ```ts
 * import { generateKey, InvalidRandomnessError } from "@void-system/crypto";
 *
 * let refused: unknown;
 * try {
 *   generateKey("ed25519", { random: { bytes: (length) => new Uint8Array(length) } }); // never filled
 * } catch (error) {
 *   refused = error;
 * }
 * refused instanceof InvalidRandomnessError; // => true
 * ```
 */
export interface Random {
  /** `length` bytes that were never given before and that nobody can guess. Who asks overwrites them after use. */
  bytes(length: number): Uint8Array;
}

/** For everything that draws randomness. */
export interface RandomOptions {
  /** A World's randomness, and no other: see {@link Random}. @defaultValue the platform's cryptographic source */
  readonly random?: Random;
}

/** What stands at the beginning of every draw, however long: no secret is shorter. */
const BEGINNING_BYTES = 32;
/** Digest of how each source's last draw began: a source that stands still is found out at the second draw. */
const lastGiven: WeakMap<Random, Uint8Array> = /* @__PURE__ */ new WeakMap();

/**
 * Bytes for a secret, which belong to the caller alone. Of a source that was handed in, what can be told from here is
 * told: the wrong length, bytes that were not filled, and the same bytes as the time before.
 *
 * @throws {@link InvalidRandomnessError} for such bytes.
 * @throws {@link InvalidOptionError} for a `random` that is no source, such as a seed.
 */
export function randomBytes(length: number, { random }: RandomOptions = {}): Uint8Array {
  if (random === undefined) return globalThis.crypto.getRandomValues(new Uint8Array(length));
  if (typeof random?.bytes !== "function") throw new InvalidOptionError("a source of randomness", typeNameOf(random));
  const given = random.bytes(length);
  if (!isBytes(given)) throw new InvalidRandomnessError(length, typeNameOf(given));
  if (given.length !== length) throw new InvalidRandomnessError(length, `${given.length}`);
  const own = new Uint8Array(given);
  given.fill(0);
  if (own.every((byte) => byte === own[0])) throw new InvalidRandomnessError(length, "one byte again and again");
  const name = digest(own.subarray(0, BEGINNING_BYTES));
  if (lastGiven.get(random)?.every((byte, at) => byte === name[at]) === true) {
    own.fill(0);
    throw new InvalidRandomnessError(length, "the same bytes as the time before");
  }
  lastGiven.set(random, name);
  return own;
}

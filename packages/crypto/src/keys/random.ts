import { isBytes, typeNameOf } from "../bytes.ts";
import { digest } from "../hash/digest.ts";
import { requireMethod, requireOptions } from "../arguments.ts";
import { InvalidRandomnessError } from "../errors.ts";

/**
 * Source of randomness other than the platform's: the `random` of a World of `@void-system/effects`, which in a
 * simulation replays from the seed and in production is the platform's. It is a source and not a seed, because each key
 * needs bytes of its own. Anyone who can guess the bytes of a source, or gets the same bytes, has the secrets made from
 * it.
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
  /**
   * Returns `length` bytes that were never returned before and that nobody can guess. The caller overwrites them after
   * use.
   */
  bytes(length: number): Uint8Array;
}

/** Options of everything that draws randomness. */
export interface RandomOptions {
  /** A World's randomness, and no other: see {@link Random}. @defaultValue the platform's cryptographic source */
  readonly random?: Random;
}

/** Length of the part of a draw that is compared: no secret is shorter. */
const BEGINNING_BYTES = 32;
/**
 * Digest of the beginning of each source's last draw, by which a source that repeats itself is detected at the second
 * draw.
 */
const lastGiven: WeakMap<Random, Uint8Array> = /* @__PURE__ */ new WeakMap();

/**
 * Refuses unknown options, and a `random` that is not a source, such as a seed.
 *
 * @throws {@link InvalidOptionError}
 */
export function requireRandomOptions(options: RandomOptions): void {
  requireOptions(options, ["random"]);
  if (options.random !== undefined) requireMethod("a source of randomness", options.random, "bytes");
}

/**
 * Returns bytes for a secret, which belong to the caller alone. From a given source, it refuses what it can detect: the
 * wrong length, bytes that were not filled, and the same bytes as at the previous draw.
 *
 * @throws {@link InvalidRandomnessError} for such bytes.
 * @throws {@link InvalidOptionError} for unknown options, and a `random` that is not a source, such as a seed.
 */
export function randomBytes(length: number, options: RandomOptions = {}): Uint8Array {
  requireRandomOptions(options);
  const { random } = options;
  if (random === undefined) return globalThis.crypto.getRandomValues(new Uint8Array(length));
  const given = random.bytes(length);
  if (!isBytes(given)) throw new InvalidRandomnessError(length, typeNameOf(given));
  if (given.length !== length) throw new InvalidRandomnessError(length, `${given.length}`);
  const own = new Uint8Array(given);
  given.fill(0);
  if (own.every((byte) => byte === own[0])) throw new InvalidRandomnessError(length, "one byte repeated");
  const name = digest(own.subarray(0, BEGINNING_BYTES));
  if (lastGiven.get(random)?.every((byte, at) => byte === name[at]) === true) {
    own.fill(0);
    throw new InvalidRandomnessError(length, "the same bytes as at the previous draw");
  }
  lastGiven.set(random, name);
  return own;
}

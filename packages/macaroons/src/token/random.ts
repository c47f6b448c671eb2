/** Where chance comes from: the platform's generator, unless a caller hands in another. */

/** Fills an array with bytes that nobody can guess. */
export type RandomBytes = (length: number) => Uint8Array;

/** The platform's cryptographic generator. */
export function platformRandom(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

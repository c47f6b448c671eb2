import { uint } from "../../internal/bytes.ts";

/** Length of the key of {@link SipHash}, in bytes. */
export const HASH_KEY_BYTES = 16;

/** A keyed hash of 64 bits, read as two signed halves after each call of `update`. */
export interface PathHash {
  /** Upper half of the last hash. */
  readonly high: number;
  /** Lower half of the last hash. */
  readonly low: number;
  /** Hashes `bytes[start..end)`. */
  update(bytes: Uint8Array, start: number, end: number): void;
}

/**
 * SipHash-1-3 (Aumasson and Bernstein 2012; the variant of Rust's and Python's hash tables), in halves of 64-bit words,
 * because bigints would allocate. Who does not know the key cannot choose inputs whose hashes share a prefix.
 */
export class SipHash implements PathHash {
  readonly #key: Int32Array;
  high = 0;
  low = 0;

  /** @param key - 16 bytes, two little-endian words of 64 bits. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, HASH_KEY_BYTES);
    this.#key = Int32Array.from([0, 4, 8, 12], (offset) => view.getInt32(offset, true));
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    const key = this.#key;
    const [k0 = 0, k0High = 0, k1 = 0, k1High = 0] = [key[0], key[1], key[2], key[3]];
    let v0 = k0 ^ 0x70736575;
    let v0High = k0High ^ 0x736f6d65;
    let v1 = k1 ^ 0x6e646f6d;
    let v1High = k1High ^ 0x646f7261;
    let v2 = k0 ^ 0x6e657261;
    let v2High = k0High ^ 0x6c796765;
    let v3 = k1 ^ 0x79746573;
    let v3High = k1High ^ 0x74656462;
    const length = end - start;
    const words = length >>> 3;
    let at = start;
    // One round for each word, one for the last word, which has the length, and three that finish.
    for (let round = 0; round < words + 4; round++) {
      let word = 0;
      let wordHigh = 0;
      if (round < words) {
        word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
        wordHigh = (bytes[at + 4] ?? 0) | ((bytes[at + 5] ?? 0) << 8) | ((bytes[at + 6] ?? 0) << 16) | ((bytes[at + 7] ?? 0) << 24);
        at += 8;
      } else if (round === words) {
        for (let shift = 0; at < end; at++, shift += 8) {
          if (shift < 32) word |= (bytes[at] ?? 0) << shift;
          else wordHigh |= (bytes[at] ?? 0) << (shift - 32);
        }
        wordHigh |= length << 24;
      } else if (round === words + 1) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      v3High ^= wordHigh;

      let sum = (v0 + v1) | 0;
      v0High = (v0High + v1High + (sum >>> 0 < v0 >>> 0 ? 1 : 0)) | 0;
      v0 = sum;
      let turned = (v1 << 13) | (v1High >>> 19);
      v1High = ((v1High << 13) | (v1 >>> 19)) ^ v0High;
      v1 = turned ^ v0;
      turned = v0;
      v0 = v0High;
      v0High = turned;

      sum = (v2 + v3) | 0;
      v2High = (v2High + v3High + (sum >>> 0 < v2 >>> 0 ? 1 : 0)) | 0;
      v2 = sum;
      turned = (v3 << 16) | (v3High >>> 16);
      v3High = ((v3High << 16) | (v3 >>> 16)) ^ v2High;
      v3 = turned ^ v2;

      sum = (v0 + v3) | 0;
      v0High = (v0High + v3High + (sum >>> 0 < v0 >>> 0 ? 1 : 0)) | 0;
      v0 = sum;
      turned = (v3 << 21) | (v3High >>> 11);
      v3High = ((v3High << 21) | (v3 >>> 11)) ^ v0High;
      v3 = turned ^ v0;

      sum = (v2 + v1) | 0;
      v2High = (v2High + v1High + (sum >>> 0 < v2 >>> 0 ? 1 : 0)) | 0;
      v2 = sum;
      turned = (v1 << 17) | (v1High >>> 15);
      v1High = ((v1High << 17) | (v1 >>> 15)) ^ v2High;
      v1 = turned ^ v2;
      turned = v2;
      v2 = v2High;
      v2High = turned;

      v0 ^= word;
      v0High ^= wordHigh;
    }
    this.low = v0 ^ v1 ^ v2 ^ v3;
    this.high = v0High ^ v1High ^ v2High ^ v3High;
  }
}

/** Returns another key made from a key, for the second hash of keys whose first hashes are equal. */
export function secondKey(key: Uint8Array): Uint8Array {
  const hash = new SipHash(key);
  const made = new Uint8Array(HASH_KEY_BYTES);
  for (let half = 0; half < 2; half++) {
    hash.update(Uint8Array.of(half), 0, 1);
    uint(hash.high >>> 0, 4, made, half * 8);
    uint(hash.low >>> 0, 4, made, half * 8 + 4);
  }
  return made;
}

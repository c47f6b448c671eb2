import type { Point } from "@noble/ed25519";
import { honestKey } from "./point.ts";
import { loadedKey, type PublicKey } from "../keys/public-key.ts";

const points: WeakMap<PublicKey, Point> = new WeakMap();

/**
 * Loads and checks an Ed25519 public key, by the same checks on every platform. A key that is not in the prime-order
 * group is refused: node:crypto and noble disagree on signatures under such keys ("Taming the many EdDSAs", Chalkias et
 * al. 2020, §3), so replicas on different platforms could be split. Also refused are the identity, keys of small order
 * (for which anyone can sign) and encodings that are not canonical (RFC 8032 §5.1.3). Costs about 0.8 ms, so load a key
 * once.
 *
 * @throws {@link InvalidPublicKeyError} for anything but an honest key.
 * @example
 * ```ts
 * import { InvalidPublicKeyError, loadPublicKey } from "@void-system/crypto";
 *
 * let refused: unknown;
 * try {
 *   loadPublicKey(new Uint8Array(32)); // a point of order 4
 * } catch (error) {
 *   refused = error;
 * }
 * refused instanceof InvalidPublicKeyError; // => true
 * ```
 */
export function loadPublicKey(bytes: Uint8Array): PublicKey {
  const { own, point } = honestKey(bytes);
  const key = loadedKey("ed25519", own);
  points.set(key, point);
  return key;
}

/** Returns the point of a loaded key, or undefined for an object that only looks like one. */
export function pointOf(key: PublicKey): Point | undefined {
  return points.get(key);
}

import { Point } from "@noble/ed25519";
import { bytesToHex } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { brandKeyId, type KeyId } from "./brand.ts";
import { InvalidPublicKeyError } from "./errors.ts";

/** Length of an Ed25519 public key in bytes. */
export const PUBLIC_KEY_BYTES = 32;
/** Bytes of a key's hash that its id shows. 128 bits: finding two keys of one id takes about 2^64 tries. */
const KEY_ID_BYTES = 16;

/**
 * A public key that has passed {@link loadPublicKey}, the only way to get one.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
 *
 * const signer = ed25519.signer(generateKey("ed25519"));
 * const key = loadPublicKey(signer.publicKey);
 * key.keyId === signer.keyId; // => true
 * ```
 */
export interface PublicKey {
  /** The signature scheme it belongs to. */
  readonly algorithm: "ed25519";
  /** Name of the key, for logs. */
  readonly keyId: KeyId;
  /** A copy of the 32 bytes. */
  toBytes(): Uint8Array;
}

/** The one implementation of {@link PublicKey}. */
export class LoadedKey implements PublicKey {
  readonly algorithm = "ed25519";
  readonly keyId: KeyId;
  readonly #bytes: Uint8Array;
  readonly #point: Point;

  constructor(bytes: Uint8Array, point: Point) {
    this.keyId = keyIdOf(bytes);
    this.#bytes = bytes;
    this.#point = point;
  }

  /** The point of a loaded key, decoded once; undefined for an object that only looks like one. */
  static pointOf(key: PublicKey): Point | undefined {
    return #point in key ? key.#point : undefined;
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice();
  }
}

/**
 * Takes a public key in, once; on every platform by the same checks. A key that is not in the prime-order group is
 * refused: node:crypto and noble disagree on signatures under such keys ("Taming the many EdDSAs", Chalkias et al.
 * 2020, §3), so replicas on different platforms could be split. So are the identity, keys of small order (anyone can
 * sign for those) and encodings that are not canonical (RFC 8032 §5.1.3). Costs about 0.8 ms.
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
  if (bytes.length !== PUBLIC_KEY_BYTES) throw new InvalidPublicKeyError(`${bytes.length} bytes`);
  const own = Uint8Array.from(bytes);
  let point: Point;
  try {
    point = Point.fromBytes(own, false);
  } catch (cause) {
    throw new InvalidPublicKeyError("bytes that encode no point", { cause });
  }
  if (point.isSmallOrder()) throw new InvalidPublicKeyError("a point of small order");
  if (!point.isTorsionFree()) throw new InvalidPublicKeyError("a point with a torsion part");
  return new LoadedKey(own, point);
}

/** For a verifier, which answers `false` for a key that {@link loadPublicKey} refuses. */
export function tryLoadPublicKey(bytes: Uint8Array): PublicKey | undefined {
  try {
    return loadPublicKey(bytes);
  } catch (error) {
    if (error instanceof InvalidPublicKeyError) return undefined;
    throw error;
  }
}

/** The id of a public key's 32 bytes. */
export function keyIdOf(publicKey: Uint8Array): KeyId {
  return brandKeyId(bytesToHex(sha256(publicKey).subarray(0, KEY_ID_BYTES)));
}

import { Point } from "@noble/ed25519";
import { InvalidPublicKeyError } from "./errors.ts";

/** Length of an Ed25519 public key in bytes. */
export const PUBLIC_KEY_BYTES = 32;

/**
 * The point of an honest public key: canonical and in the prime-order group.
 *
 * @throws {@link InvalidPublicKeyError} for any other bytes.
 */
export function honestPoint(bytes: Uint8Array): Point {
  if (bytes.length !== PUBLIC_KEY_BYTES) throw refusal(`${bytes.length} bytes`);
  let point: Point;
  try {
    point = Point.fromBytes(bytes, false);
  } catch (cause) {
    throw refusal("bytes that encode no point", cause);
  }
  if (point.isSmallOrder()) throw refusal("a point of small order");
  if (!point.isTorsionFree()) throw refusal("a point with a torsion part");
  return point;
}

function refusal(got: string, cause?: unknown): InvalidPublicKeyError {
  return new InvalidPublicKeyError("32 canonical bytes of an Ed25519 public key in the prime-order group", got, {
    cause,
  });
}

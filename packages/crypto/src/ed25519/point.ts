import { Point } from "@noble/ed25519";
import { isBytes, typeNameOf } from "../bytes.ts";
import { InvalidPublicKeyError } from "../errors.ts";

/** Length of an Ed25519 public key in bytes. */
export const PUBLIC_KEY_BYTES = 32;

/** An honest public key. */
export interface HonestKey {
  /** A copy of its bytes. */
  readonly own: Uint8Array;
  /** The point that the bytes encode. */
  readonly point: Point;
}

/**
 * Checks that a public key is honest: canonical and in the prime-order group.
 *
 * @throws {@link InvalidPublicKeyError} for anything else.
 */
export function honestKey(bytes: Uint8Array): HonestKey {
  if (!isBytes(bytes)) throw refusal(typeof bytes === "string" ? `text (${DECODERS})` : typeNameOf(bytes));
  if (bytes.length !== PUBLIC_KEY_BYTES) throw refusal(`${bytes.length} bytes (${DECODERS})`);
  const own = new Uint8Array(bytes);
  let point: Point;
  try {
    point = Point.fromBytes(own, false);
  } catch (cause) {
    throw refusal("bytes that do not encode a point", cause);
  }
  if (point.isSmallOrder()) throw refusal("a point of small order");
  if (!point.isTorsionFree()) throw refusal("a point with a torsion part");
  return { own, point };
}

/** For keys in the forms in which other tools print them. */
const DECODERS = "publicKeyFromSpki reads DER, fromHex of @void-system/bytes reads hex";

function refusal(got: string, cause?: unknown): InvalidPublicKeyError {
  return new InvalidPublicKeyError("32 canonical bytes of an Ed25519 public key in the prime-order group", got, {
    cause,
  });
}

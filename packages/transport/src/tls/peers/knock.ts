import { concatBytes, equalBytes, fromHex, toHex } from "@void-system/bytes";
import { digest } from "@void-system/crypto/node";
import { ALPN } from "../connection/control.ts";

/** First bytes of a knock. */
const KNOCK: Uint8Array = new TextEncoder().encode("void-knock/1 ");
/** Context of what is signed. No other message of ours begins with it. */
const CONTEXT: Uint8Array = new TextEncoder().encode("void-link/knock\n");
const KEY_ID_BYTES = 16;
const SIGNATURE_BYTES = 64;
const KNOCK_BYTES: number = KNOCK.length + KEY_ID_BYTES + SIGNATURE_BYTES;

/** The parts of a knock. Nothing is verified. */
export interface KnockParts {
  /** Id of the key that is said to have made it. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** Returns the id of the key of a pin: the name that logs give to a key. */
export function keyIdOf(pin: string): string {
  return toHex(digest(fromHex(pin)).subarray(0, KEY_ID_BYTES));
}

/**
 * Returns the protocols that a dialer names in its ClientHello, in the form of RFC 7301: that of links, and a knock, by which the
 * listener knows a listed peer before it spends a handshake on the connection.
 *
 * @param pin of the dialer
 * @param listener pin of the listener
 * @param sign signs with the dialer's key
 */
export function knockingProtocols(pin: string, listener: string, sign: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const link = new TextEncoder().encode(ALPN);
  const knock = concatBytes([KNOCK, fromHex(keyIdOf(pin)), sign(knockMessage(listener))]);
  return concatBytes([Uint8Array.of(link.length), link, Uint8Array.of(knock.length), knock]);
}

/** Returns the protocols of a dialer that does not know the listener's key. */
export function plainProtocols(): Uint8Array {
  const link = new TextEncoder().encode(ALPN);
  return concatBytes([Uint8Array.of(link.length), link]);
}

/** Returns the bytes that a knock signs, for the listener of a pin: its knocks are of no use elsewhere. */
export function knockMessage(listener: string): Uint8Array {
  return concatBytes([CONTEXT, fromHex(listener)]);
}

/** Finds the knock among the protocols of a ClientHello. */
export function knockIn(protocols: readonly Uint8Array[]): KnockParts | undefined {
  const knock = protocols.find((name) => name.length === KNOCK_BYTES && equalBytes(name.subarray(0, KNOCK.length), KNOCK));
  if (knock === undefined) return undefined;
  const [keyId, signature] = [knock.subarray(KNOCK.length, -SIGNATURE_BYTES), knock.subarray(-SIGNATURE_BYTES)];
  return { keyId: toHex(keyId), signature };
}

/** The bytes of a peer record (docs/format.md). */
import { ByteWriter, decodeAll, fromHex, toHex } from "@void-system/bytes";
import { brandKeyId, type KeyId } from "../brand.ts";
import { isBytes, typeNameOf } from "../bytes.ts";
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import { InvalidOptionError } from "../errors.ts";

/** Statement on a node of a network. */
export interface PeerRecord {
  /** Name of the node, 1 to 64 characters of ASCII without spaces. */
  readonly name: string;
  /** Its Ed25519 key, 32 bytes. */
  readonly key: Uint8Array;
  /** Addresses where it is dialed, the best first: at most 4 of at most 128 characters. None if it only dials. */
  readonly addresses: readonly string[];
  /** Name of its network, 1 to 64 characters. */
  readonly network: string;
  /** Time until which the record is valid, in whole milliseconds since 1970. */
  readonly expiresMs: number;
}

/** A decoded record, in which nothing is verified. */
export interface DecodedRecord {
  readonly record: PeerRecord;
  /** Id of the key that is said to have signed. Undefined for an unsigned record. */
  readonly issuer: KeyId | undefined;
  /** All bytes in front of the signature. */
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** Longest record, in bytes. */
export const PEER_RECORD_BYTES_MAX = 1_024;

const VERSION = 1;
const [UNSIGNED, SIGNED] = [0, 1];
const NAME_LENGTH_MAX = 64;
const ADDRESSES_MAX = 4;
const ADDRESS_LENGTH_MAX = 128;
const KEY_ID_BYTES = 16;
const TEXT = /^[!-~]+$/;
/** Begins what is signed. No other message of ours begins with it. */
const CONTEXT: Uint8Array = new TextEncoder().encode("void-crypto/peer-record/1\n");

/** Returns the bytes that the signature covers. */
export function signedBytes(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CONTEXT.length + body.length);
  bytes.set(CONTEXT);
  bytes.set(body, CONTEXT.length);
  return bytes;
}

/**
 * Encodes a record up to its signature.
 *
 * @throws {@link InvalidOptionError} for a field that no record can hold.
 */
export function encodePeerRecord({ name, key, addresses, network, expiresMs }: PeerRecord, issuer: KeyId | undefined): Uint8Array {
  requireText("name", name, NAME_LENGTH_MAX);
  requireText("network", network, NAME_LENGTH_MAX);
  if (!isBytes(key) || key.length !== PUBLIC_KEY_BYTES) throw new InvalidOptionError(`a key of ${PUBLIC_KEY_BYTES} bytes`, typeNameOf(key));
  if (!Array.isArray(addresses) || addresses.length > ADDRESSES_MAX)
    throw new InvalidOptionError(`an array of at most ${ADDRESSES_MAX} addresses`, Array.isArray(addresses) ? `${addresses.length}` : typeNameOf(addresses));
  for (const address of addresses) requireText("address", address, ADDRESS_LENGTH_MAX);
  if (!Number.isSafeInteger(expiresMs) || expiresMs < 0) throw new InvalidOptionError("expiresMs in whole milliseconds", String(expiresMs));
  const writer = new ByteWriter(256).u8(VERSION).ascii(name).raw(key).u8(addresses.length);
  for (const address of addresses) writer.ascii(address);
  writer.ascii(network).u53(expiresMs);
  if (issuer === undefined) return writer.u8(UNSIGNED).finish();
  return writer.u8(SIGNED).raw(fromHex(issuer)).finish();
}

/** Decodes a record, or returns the reason for which the bytes are none. */
export function decodePeerRecord(bytes: Uint8Array): DecodedRecord | string {
  if (bytes.length > PEER_RECORD_BYTES_MAX) return `${bytes.length} bytes`;
  const decoded = decodeAll(bytes, (reader): DecodedRecord => {
    const text = (lengthMax: number): string => {
      const read = reader.ascii(lengthMax);
      return TEXT.test(read) ? read : reader.fail("visible characters", JSON.stringify(read));
    };
    const version = reader.u8();
    if (version !== VERSION) reader.fail(`version ${VERSION}`, `version ${version}`);
    const name = text(NAME_LENGTH_MAX);
    const key = reader.raw(PUBLIC_KEY_BYTES);
    const count = reader.u8();
    if (count > ADDRESSES_MAX) reader.fail(`at most ${ADDRESSES_MAX} addresses`, `${count}`);
    const addresses = Array.from({ length: count }, () => text(ADDRESS_LENGTH_MAX));
    const record = { name, key, addresses, network: text(NAME_LENGTH_MAX), expiresMs: reader.u53() };
    const flag = reader.u8();
    if (flag > SIGNED) reader.fail("a flag of 0 or 1", `${flag}`);
    const issuer = flag === SIGNED ? brandKeyId(toHex(reader.raw(KEY_ID_BYTES))) : undefined;
    const body = bytes.slice(0, reader.position);
    return { record, issuer, body, signature: reader.raw(flag === SIGNED ? SIGNATURE_BYTES : 0) };
  });
  return decoded.ok ? decoded.value : decoded.reason;
}

function requireText(what: string, given: unknown, lengthMax: number): void {
  if (typeof given !== "string" || given.length > lengthMax || !TEXT.test(given))
    throw new InvalidOptionError(`${what} of 1 to ${lengthMax} visible characters of ASCII`, typeof given === "string" ? JSON.stringify(given.slice(0, 80)) : typeNameOf(given));
}

import { isBytes, typeNameOf } from "../bytes.ts";
import { requireObject } from "../arguments.ts";
import { ed25519 } from "../ed25519/ed25519.ts";
import { InvalidOptionError } from "../errors.ts";
import type { KeyId } from "../brand.ts";
import type { PublicKey } from "../keys/public-key.ts";
import type { Signer } from "../keys/signature.ts";
import { decodePeerRecord, encodePeerRecord, type PeerRecord, signedBytes } from "./record-format.ts";

/**
 * Returns the record of a node as an issuer of its network states it: its name, key and addresses, until a time. Others may pass
 * the record on.
 *
 * @throws {@link InvalidOptionError} for a field that no record can hold.
 * @throws {@link SecretDestroyedError} if the issuer's key was destroyed.
 * @example
 * ```ts
 * import { ed25519, generateKey, peerRecordReader, signPeerRecord } from "@void-system/crypto";
 *
 * const [issuer, node] = [ed25519.signer(generateKey("ed25519")), ed25519.signer(generateKey("ed25519"))];
 * const fields = { name: "a", key: node.publicKey, addresses: ["10.0.0.1:7000"], network: "shop", expiresMs: 2_000 };
 * const record = signPeerRecord(issuer, fields);
 *
 * const read = peerRecordReader({ network: "shop", issuers: [ed25519.loadPublicKey(issuer.publicKey)] });
 * const verdict = read(record, 1_000);
 * verdict.valid && verdict.record.addresses; // => ["10.0.0.1:7000"]
 * read(record, 3_000); // => { valid: false, reason: "expired", detail: "expected a record that is valid at 3000, got one until 2000" }
 * ```
 */
export function signPeerRecord(issuer: Signer, record: PeerRecord): Uint8Array {
  const body = encodePeerRecord(record, issuer.keyId);
  const signature = issuer.sign(signedBytes(body));
  const bytes = new Uint8Array(body.length + signature.length);
  bytes.set(body);
  bytes.set(signature, body.length);
  return bytes;
}

/**
 * Returns a record that nobody has signed. Only readers of an `open` network take it.
 *
 * @throws {@link InvalidOptionError} for a field that no record can hold.
 */
export function unsignedPeerRecord(record: PeerRecord): Uint8Array {
  return encodePeerRecord(record, undefined);
}

/** Trust of a {@link peerRecordReader}. */
export interface PeerRecordTrust {
  /** Name of the network. Records of others are refused. */
  readonly network: string;
  /** Keys whose signatures count. @defaultValue none */
  readonly issuers?: readonly PublicKey[];
  /** Takes records that nobody has signed, too: everyone who reaches the network may join it. @defaultValue false */
  readonly open?: boolean;
}

/** Reason for which a record is refused. */
export type PeerRecordRefusal = "malformed" | "another-network" | "expired" | "unsigned" | "unknown-issuer" | "bad-signature";

/** Result of reading a record. */
export type PeerRecordVerdict =
  | {
      readonly valid: true;
      /** Contents of the record. */
      readonly record: PeerRecord;
    }
  | {
      readonly valid: false;
      /** Stable name of the reason. */
      readonly reason: PeerRecordRefusal;
      /** The reason for people. */
      readonly detail: string;
    };

/**
 * Returns a function that reads and verifies records of one network. Hostile bytes get a verdict, never an exception. A record costs
 * one signature.
 *
 * @throws {@link InvalidOptionError} for an option of a wrong kind, and for a network that takes no record at all.
 */
export function peerRecordReader(trust: PeerRecordTrust): (bytes: Uint8Array, nowMs: number) => PeerRecordVerdict {
  requireObject("options as an object", trust);
  const { network, issuers = [], open = false } = trust;
  if (typeof network !== "string") throw new InvalidOptionError("the name of a network", typeNameOf(network));
  if (!Array.isArray(issuers)) throw new InvalidOptionError("issuers as an array of public keys", typeNameOf(issuers));
  if (open !== true && issuers.length === 0) throw new InvalidOptionError("an issuer, or `open: true`", "neither");
  const keys = new Map<KeyId, PublicKey>(issuers.map((key) => [requireKeyId(key), key]));
  return (bytes, nowMs) => read(bytes, nowMs, network, keys, open === true);
}

function read(bytes: Uint8Array, nowMs: number, network: string, keys: ReadonlyMap<KeyId, PublicKey>, isOpen: boolean): PeerRecordVerdict {
  if (!isBytes(bytes)) return refused("malformed", `expected a record, got ${typeNameOf(bytes)}`);
  const decoded = decodePeerRecord(bytes);
  if (typeof decoded === "string") return refused("malformed", `expected a record, got ${decoded}`);
  const { record, issuer, body, signature } = decoded;
  if (record.network !== network) return refused("another-network", `expected a record of ${network}, got one of ${record.network}`);
  if (!(nowMs < record.expiresMs)) return refused("expired", `expected a record that is valid at ${nowMs}, got one until ${record.expiresMs}`);
  if (issuer === undefined) return isOpen ? { valid: true, record } : refused("unsigned", "expected a signed record, got one that is not");
  const key = keys.get(issuer);
  if (key === undefined) return refused("unknown-issuer", `expected an issuer of ${network}, got ${issuer}`);
  if (!ed25519.verify(signedBytes(body), signature, key)) return refused("bad-signature", `expected the signature of ${issuer}`);
  return { valid: true, record };
}

function refused(reason: PeerRecordRefusal, detail: string): PeerRecordVerdict {
  return { valid: false, reason, detail };
}

function requireKeyId(key: PublicKey): KeyId {
  requireObject("a key that loadPublicKey has returned", key);
  if (key.algorithm !== "ed25519") throw new InvalidOptionError("an Ed25519 key that loadPublicKey has returned", `one for ${String(key.algorithm)}`);
  return key.keyId;
}

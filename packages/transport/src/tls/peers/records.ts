import { toHex } from "@void-system/bytes";
import { CryptoError, loadPublicKey, PEER_RECORD_BYTES_MAX, peerRecordReader, type PeerRecordVerdict } from "@void-system/crypto";
import { OptionError } from "../../errors.ts";
import { requireFunction, requireOptions } from "../../options.ts";
import type { Hello } from "../connection/hello.ts";

/** Trust in nodes that are not listed, by their records. The network of the records is the cluster. */
export interface TlsRecords {
  /** This node's own record, of its name and key: see `signPeerRecord` of `@void-system/crypto`. */
  readonly own: Uint8Array;
  /** Ed25519 keys whose signatures count, 32 bytes each. @defaultValue none */
  readonly issuers?: readonly Uint8Array[];
  /** Takes records that nobody has signed, too: everyone who reaches this node may link with it. @defaultValue false */
  readonly open?: boolean;
  /** Returns the time by which records expire, in milliseconds since 1970. @defaultValue Date.now */
  readonly nowMs?: () => number;
}

/** The records of a network: this node's own, and a reader of others. */
export class Records {
  readonly #read: (bytes: Uint8Array, nowMs: number) => PeerRecordVerdict;
  readonly #nowMs: () => number;
  readonly #self: string;
  readonly #ownPin: string;
  #own: Uint8Array;

  /** @throws {@link OptionError} for an option that cannot work, and for a record that is not this node's. */
  constructor(records: TlsRecords, self: string, ownPin: string, cluster: string) {
    requireOptions("records", records, ["own", "issuers", "open", "nowMs"]);
    const { own, issuers = [], open = false, nowMs = Date.now } = records;
    requireFunction("records.nowMs", nowMs);
    if (!Array.isArray(issuers)) throw new OptionError("records.issuers", "an array of keys", issuers);
    if (typeof open !== "boolean") throw new OptionError("records.open", "true or false", open);
    if (!open && issuers.length === 0) throw new OptionError("records.issuers", "at least one key, unless the network is open", issuers);
    this.#read = peerRecordReader({ network: cluster, issuers: Array.from(issuers, issuerKey), open });
    this.#nowMs = nowMs;
    this.#self = self;
    this.#ownPin = ownPin;
    this.#own = this.#checkOwn(own);
  }

  /** This node's own record. */
  get own(): Uint8Array {
    return this.#own;
  }

  /** Replaces this node's own record. @throws {@link OptionError} for one that is not this node's. */
  renew(own: Uint8Array): void {
    this.#own = this.#checkOwn(own);
  }

  /** Returns true if a hello shows a valid record of its name, and of the key that TLS has proven. */
  accept({ id, record }: Hello, pin: string): boolean {
    const verdict = record && this.#read(record, this.#nowMs());
    return verdict?.valid === true && verdict.record.name === id && toHex(verdict.record.key) === pin;
  }

  #checkOwn(own: Uint8Array): Uint8Array {
    if (!(own instanceof Uint8Array) || own.length > PEER_RECORD_BYTES_MAX) throw new OptionError("records.own", "a record of signPeerRecord", own);
    const verdict = this.#read(own, this.#nowMs());
    if (!verdict.valid) throw new OptionError("records.own", `a record that others take (${verdict.detail})`, own);
    if (verdict.record.name !== this.#self || toHex(verdict.record.key) !== this.#ownPin)
      throw new OptionError("records.own", "the record of this node's name and key", verdict.record.name);
    return own.slice();
  }
}

function issuerKey(bytes: unknown, index: number) {
  if (!(bytes instanceof Uint8Array)) throw new OptionError(`records.issuers[${index}]`, "an Ed25519 public key of 32 bytes", bytes);
  try {
    return loadPublicKey(bytes);
  } catch (cause) {
    if (cause instanceof CryptoError) throw new OptionError(`records.issuers[${index}]`, "an Ed25519 public key of 32 bytes", bytes);
    throw cause;
  }
}

import { compareBytes, concat, readUint, uint } from "../../internal/bytes.ts";
import { encodeTimestamp, decodeTimestamp } from "../../timestamp/timestamp-format.ts";
import type { HLCTimestamp } from "../../timestamp/timestamp.ts";
import { HASH_KEY_BYTES } from "./sip-hash.ts";

/** First bytes of a snapshot: its kind. */
export const SNAPSHOT_MAGIC: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x56, 0x48, 0x53);
/** Version of snapshots. */
const VERSION = 3;
const COUNT_BYTES = 6;

/** The state of a store besides its entries. */
export interface Header {
  /** Time of the latest write. */
  readonly newest: HLCTimestamp | undefined;
  /** Key of the hash by which entries have their places. */
  readonly hashKey: Uint8Array;
  /** Number of entries. */
  readonly entries: number;
  /** Length of their records. */
  readonly bytes: number;
}

/** `magic | u8 version | hash key | u48 entries | u48 bytes | u8 stamp length | stamp`; without a latest write, the length 0. */
export function encodeHeader({ newest, hashKey, entries, bytes }: Header): Uint8Array {
  const stamp = newest ? encodeTimestamp(newest) : [];
  return concat([SNAPSHOT_MAGIC, [VERSION], hashKey, uint(entries, COUNT_BYTES), uint(bytes, COUNT_BYTES), [stamp.length], stamp]);
}

/** Decodes a header. Throws for any other bytes, and names the version of those of other versions. */
export function decodeHeader(bytes: Uint8Array): Header {
  if (compareBytes(bytes.subarray(0, SNAPSHOT_MAGIC.length), SNAPSHOT_MAGIC) !== 0) throw new RangeError("the first chunk is no header");
  let at = SNAPSHOT_MAGIC.length;
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length));
  const version = readUint(take(1));
  if (version !== VERSION) throw new RangeError(`the snapshot has version ${version}, this is version ${VERSION}: take another, or replay the log`);
  const hashKey = new Uint8Array(take(HASH_KEY_BYTES));
  const entries = readUint(take(COUNT_BYTES));
  const length = readUint(take(COUNT_BYTES));
  const stampBytes = readUint(take(1));
  const newest = stampBytes > 0 ? decodeTimestamp(take(stampBytes)) : undefined;
  if (at !== bytes.length) throw new RangeError("the header has another length");
  return { newest, hashKey, entries, bytes: length };
}

/**
 * Recovery of a log from its folder: the newest checkpoint, the records after it, and the position of the next record.
 */
import fs from "node:fs";
import { join } from "node:path";
import { LogDamagedError, LogVersionError } from "../errors.ts";
import { readCheckpoint } from "./checkpoint-file.ts";
import { createFileNow, createFolderNow, syncDirectoryNow } from "./files.ts";
import type { Recovered } from "../world.ts";
import {
  BIRTH_MARK,
  findBatch,
  readBatch,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentFirst,
  segmentName,
} from "./log-format.ts";

/** A segment of the log, kept until a checkpoint replaces all of its records. */
export interface Segment {
  readonly path: string;
  readonly first: number;
  readonly salt: number;
  /** Number of sound bytes. */
  bytes: number;
  /** Position of its last record, or `first - 1` when it has none. */
  last: number;
}

/** A torn tail that was cut. It was being written when the process ended. */
interface Cut {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Contents of a log's folder. */
export interface FoundLog {
  readonly fresh: boolean;
  readonly checkpoint: Recovered["checkpoint"];
  readonly records: readonly Uint8Array[];
  /** Oldest first. */
  readonly segments: readonly Segment[];
  /** Position of the last record, or of the checkpoint if that is later. */
  readonly last: number;
  readonly cut: Cut | undefined;
}

const BIRTH_NAME = "born";

/**
 * Reads a log's folder, and makes everything that it returns durable, including records that an earlier process had
 * written but not synced. Errors of the file system pass through.
 *
 * @throws {@link LogDamagedError} when a file differs from what was written, {@link LogVersionError} when another version
 * wrote it.
 */
export function recoverLog(folder: string): FoundLog {
  createFolderNow(folder);
  const names = fs.readdirSync(folder);
  const fresh = markBirth(folder, names);
  const checkpoint = readCheckpoint(folder);
  const upTo = checkpoint?.upTo ?? 0;
  const firsts = names.flatMap((name) => segmentFirst(name) ?? []).sort((one, other) => one - other);
  const segments: Segment[] = [];
  const records: Uint8Array[] = [];
  let cut: Cut | undefined;
  let last = 0;
  for (const [index, first] of firsts.entries()) {
    const path = join(folder, segmentName(first));
    const next = firsts[index + 1];
    // All of its records are in the checkpoint, and a crash prevented its removal.
    if (next !== undefined && next <= upTo + 1) {
      fs.rmSync(path);
      continue;
    }
    const expected = segments.length === 0 ? first : last + 1;
    if (segments.length === 0 ? first > upTo + 1 : first !== expected) {
      throw new LogDamagedError(
        path,
        0,
        `expected the segment of record ${segments.length === 0 ? upTo + 1 : expected} first, but it is missing`
      );
    }
    const found = readSegment(path, first, next === undefined);
    cut = found.cut;
    if (!found.segment) continue;
    segments.push(found.segment);
    for (const record of found.records.slice(Math.max(0, upTo + 1 - first))) records.push(record);
    last = found.segment.last;
  }
  if (upTo > last && segments.length > 0) {
    // The checkpoint is ahead of every record, so the records are obsolete, and keeping them would leave a gap.
    for (const segment of segments.splice(0)) fs.rmSync(segment.path);
  }
  syncDirectoryNow(folder);
  return { fresh, checkpoint, records, segments, last: Math.max(last, upTo), cut };
}

/** Returns true for a new log. The birth mark and its folder are durable before anything else is written. */
function markBirth(folder: string, names: readonly string[]): boolean {
  const path = join(folder, BIRTH_NAME);
  if (!names.includes(BIRTH_NAME)) {
    createFileNow(path, Buffer.from(BIRTH_MARK, "latin1"));
    syncDirectoryNow(folder);
    // Records or a checkpoint without a mark mean that the mark was removed. That does not make the log new.
    return !names.some((name) => segmentFirst(name) !== undefined || name === "checkpoint");
  }
  const mark = fs.readFileSync(path, "latin1");
  if (mark === BIRTH_MARK) return false;
  // A crash interrupted the writing of the mark. The log could be called fresh, but calling it not fresh is always safe.
  if (!BIRTH_MARK.startsWith(mark)) throw new LogVersionError(path, JSON.stringify(mark.slice(0, 32)));
  createFileNow(path, Buffer.from(BIRTH_MARK, "latin1"));
  return false;
}

interface ReadSegment {
  readonly segment: Segment | undefined;
  readonly records: readonly Uint8Array[];
  readonly cut: Cut | undefined;
}

function readSegment(path: string, first: number, isLast: boolean): ReadSegment {
  const bytes = fs.readFileSync(path);
  const header = readSegmentHeader(bytes);
  if (!header || header.first !== first) {
    // A header is synced before its first batch is written, so only a last segment without batches may lack one.
    if (!isLast || bytes.length > SEGMENT_HEADER_BYTES)
      throw new LogDamagedError(path, 0, `expected the header of the segment of record ${first}, got other bytes`);
    fs.rmSync(path);
    return { segment: undefined, records: [], cut: { file: path, offset: 0, bytes: bytes.length } };
  }
  const records: Uint8Array[] = [];
  let at = SEGMENT_HEADER_BYTES;
  while (at < bytes.length) {
    const batch = readBatch(bytes, at, header.salt);
    if (!batch) break;
    if (batch.first !== first + records.length) {
      throw new LogDamagedError(
        path,
        at,
        `expected the batch of record ${first + records.length}, got that of ${batch.first}`
      );
    }
    for (const record of batch.records) records.push(record);
    at = batch.end;
  }
  const segment: Segment = { path, first, salt: header.salt, bytes: at, last: first + records.length - 1 };
  if (at < bytes.length) {
    if (!isLast) throw new LogDamagedError(path, at, "a batch of records is damaged, and later segments follow");
    // A batch is written only once the batch before it is durable, so only the last one can be torn.
    const later = findBatch(bytes, at, header.salt);
    if (later !== undefined)
      throw new LogDamagedError(path, at, `a batch of records is damaged, and a sound one follows at byte ${later}`);
  }
  if (isLast) settle(path, at);
  return {
    segment,
    records,
    cut: at < bytes.length ? { file: path, offset: at, bytes: bytes.length - at } : undefined,
  };
}

/**
 * Cuts a torn tail and syncs the file. An earlier process may have written without a sync, and records that were read
 * must not disappear later.
 */
function settle(path: string, bytes: number): void {
  const fd = fs.openSync(path, "r+");
  try {
    fs.ftruncateSync(fd, bytes);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

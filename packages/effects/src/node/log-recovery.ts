/**
 * What a folder holds when a log is opened: the newest checkpoint, the records after it, and where to go on.
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

/** A segment that the log goes on with, or keeps until a checkpoint replaces it. */
export interface Segment {
  readonly path: string;
  readonly first: number;
  readonly salt: number;
  /** Sound bytes in it. */
  bytes: number;
  /** Its last record's position; `first - 1` when it has none. */
  last: number;
}

/** What was cut from the end of a log: it had been on its way to the disk when the process ended. */
interface Cut {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

/** What was found. */
export interface FoundLog {
  readonly fresh: boolean;
  readonly checkpoint: Recovered["checkpoint"];
  readonly records: readonly Uint8Array[];
  /** Oldest first. */
  readonly segments: readonly Segment[];
  /** The last position, of a record or of the checkpoint. */
  readonly last: number;
  readonly cut: Cut | undefined;
}

const BIRTH_NAME = "born";

/**
 * Reads a log's folder, and makes sure that everything it answers is durable: also what an earlier life had written and
 * not yet synced.
 *
 * @throws {@link LogDamagedError}, {@link LogVersionError}, or what the file system throws.
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
    // All its records are in the checkpoint: it was about to be removed.
    if (next !== undefined && next <= upTo + 1) {
      fs.rmSync(path);
      continue;
    }
    const expected = segments.length === 0 ? first : last + 1;
    if (segments.length === 0 ? first > upTo + 1 : first !== expected) {
      throw new LogDamagedError(
        path,
        0,
        `expected the segment of record ${segments.length === 0 ? upTo + 1 : expected}; one before it is missing`
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
    // The checkpoint is ahead of every record: what is left of them says nothing, and positions may not have a gap.
    for (const segment of segments.splice(0)) fs.rmSync(segment.path);
  }
  syncDirectoryNow(folder);
  return { fresh, checkpoint, records, segments, last: Math.max(last, upTo), cut };
}

/** True the first time: then the mark is durable, in a durable folder, before anything else is. */
function markBirth(folder: string, names: readonly string[]): boolean {
  const path = join(folder, BIRTH_NAME);
  if (!names.includes(BIRTH_NAME)) {
    createFileNow(path, Buffer.from(BIRTH_MARK, "latin1"));
    syncDirectoryNow(folder);
    // Records or a checkpoint without a mark: somebody removed it. That does not make the log new.
    return !names.some((name) => segmentFirst(name) !== undefined || name === "checkpoint");
  }
  const mark = fs.readFileSync(path, "latin1");
  if (mark === BIRTH_MARK) return false;
  // A crash cut the first life off while it wrote the mark: nothing was said then, but nothing is gained by saying so.
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
    // A header is synced before anything follows it: only a last segment without a batch may lack one.
    if (!isLast || bytes.length > SEGMENT_HEADER_BYTES)
      throw new LogDamagedError(path, 0, "it has no segment's header, or another one's");
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
    if (!isLast) throw new LogDamagedError(path, at, "a batch of records is not sound, and later segments follow");
    // A batch is written only when the one before it is durable: so only the last one can be torn.
    const later = findBatch(bytes, at, header.salt);
    if (later !== undefined)
      throw new LogDamagedError(path, at, `a batch of records is not sound, and a sound one follows at byte ${later}`);
  }
  if (isLast) settle(path, at);
  return {
    segment,
    records,
    cut: at < bytes.length ? { file: path, offset: at, bytes: bytes.length - at } : undefined,
  };
}

/** Cuts what is torn, and syncs what an earlier life may have written without: what is read must not go away again. */
function settle(path: string, bytes: number): void {
  const fd = fs.openSync(path, "r+");
  try {
    fs.ftruncateSync(fd, bytes);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * A checkpoint on disk: a head, chunks with checksums, and a tail. See docs/format.md.
 */
import { ByteReader, ByteWriter, concatBytes, decodeAll, equalBytes } from "@void-system/bytes";
import fs from "node:fs";
import { join } from "node:path";
import { type Lsn, lsn } from "../brand.ts";
import type { Recovered } from "../world.ts";
import { LogDamagedError, RecordTooLargeError } from "../errors.ts";
import { checksum } from "./checksum.ts";
import { syncDirectory, writeWhole } from "./files.ts";

/** Size of the largest chunk of a checkpoint, in bytes. */
export const CHUNK_BYTES_MAX: number = 64 * 1024 * 1024;

const NAME = "checkpoint";
const TEMPORARY_NAME = "checkpoint.new";
const MAGIC = /* @__PURE__ */ new TextEncoder().encode("VOIDCKP1");
/** Size of the head: magic 8, position 8, CRC 4. */
const HEAD_BYTES = 20;
/** Size of a chunk's head: length 4, CRC 4. */
const CHUNK_HEAD_BYTES = 8;
/** Size of the tail: marker 4, CRC 4, chunks 4, bytes of all chunks 8, position 8. */
const TAIL_BYTES = 28;
const TAIL_MARKER = 0xffffffff;
const GATHER_BYTES = 1024 * 1024;

/**
 * Writes a checkpoint beside the old one, makes it durable, and then replaces the old one by a rename. The chunks are read
 * one by one, at the pace of the disk.
 */
export function writeCheckpoint(
  folder: string,
  upTo: Lsn,
  chunks: Iterable<Uint8Array>,
  done: (failure?: Error) => void
): void {
  const path = join(folder, TEMPORARY_NAME);
  fs.open(path, "w", 0o600, (failure, fd) => {
    if (failure) {
      done(failure);
      return;
    }
    const finish = (cause?: Error): void => {
      fs.close(fd, (closing) => {
        const wrong = cause ?? closing;
        if (wrong) done(wrong);
        else replace(folder, done);
      });
    };
    writeParts(fd, parts(upTo, chunks), (cause) => {
      if (cause) finish(cause);
      else fs.fsync(fd, (syncing) => finish(syncing ?? undefined));
    });
  });
}

function replace(folder: string, done: (failure?: Error) => void): void {
  fs.rename(join(folder, TEMPORARY_NAME), join(folder, NAME), (failure) => {
    if (failure) done(failure);
    else syncDirectory(folder, done);
  });
}

function writeParts(fd: number, bytes: Iterator<Uint8Array>, done: (failure?: Error) => void): void {
  let next: IteratorResult<Uint8Array>;
  try {
    next = bytes.next();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  if (next.done) {
    done();
    return;
  }
  writeWhole(fd, next.value, null, (failure) => {
    if (failure) done(failure);
    else writeParts(fd, bytes, done);
  });
}

/** Yields the bytes of a checkpoint in pieces of about `GATHER_BYTES`, so that small chunks do not cost a write each. */
export function* parts(upTo: Lsn, chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const head = new ByteWriter(HEAD_BYTES, "little-endian").raw(MAGIC).u53(upTo);
  let gathered: Uint8Array[] = [head.u32(checksum(head.view())).finish()];
  let bytes = HEAD_BYTES;
  let count = 0;
  let total = 0;
  for (const chunk of chunks) {
    if (chunk.length > CHUNK_BYTES_MAX)
      throw new RecordTooLargeError("chunk of a checkpoint", CHUNK_BYTES_MAX, chunk.length);
    const chunkHead = new ByteWriter(CHUNK_HEAD_BYTES, "little-endian").u32(chunk.length).u32(checksum(chunk, count)); // bound to its number, so that swapped chunks are detected
    gathered.push(chunkHead.finish(), chunk);
    bytes += CHUNK_HEAD_BYTES + chunk.length;
    count += 1;
    total += chunk.length;
    if (bytes < GATHER_BYTES) continue;
    yield concatBytes(gathered);
    gathered = [];
    bytes = 0;
  }
  gathered.push(tailOf({ count, total, upTo }));
  yield concatBytes(gathered);
}

/**
 * Returns the checkpoint of a folder after checking all of it. Its chunks are read from the file again on iteration. A
 * checkpoint that was never finished is removed.
 *
 * @throws {@link LogDamagedError} when the file differs from what was written.
 */
export function readCheckpoint(folder: string): Recovered["checkpoint"] {
  fs.rmSync(join(folder, TEMPORARY_NAME), { force: true });
  const path = join(folder, NAME);
  if (!fs.existsSync(path)) return undefined;
  const reading = chunksOf(path);
  let step = reading.next();
  while (!step.done) step = reading.next();
  return { upTo: step.value, chunks: { [Symbol.iterator]: () => chunksOf(path) } };
}

/** Yields the chunks and returns the position. Throws at the first damage. */
function* chunksOf(path: string): Generator<Uint8Array, Lsn> {
  const fd = fs.openSync(path, "r");
  try {
    const { size } = fs.fstatSync(fd);
    const upTo = readHead(readAt(fd, path, 0, HEAD_BYTES, size));
    if (upTo === undefined) throw new LogDamagedError(path, 0, "expected the head of a checkpoint, got other bytes");
    let at = HEAD_BYTES;
    let count = 0;
    let total = 0;
    for (;;) {
      const chunkHead = new ByteReader(readAt(fd, path, at, CHUNK_HEAD_BYTES, size), "little-endian");
      const length = chunkHead.u32();
      if (length === TAIL_MARKER) break;
      if (length > CHUNK_BYTES_MAX)
        throw new LogDamagedError(path, at, `expected chunk ${count} of at most ${CHUNK_BYTES_MAX} bytes, got ${length}`);
      const chunk = readAt(fd, path, at + CHUNK_HEAD_BYTES, length, size);
      if (checksum(chunk, count) !== chunkHead.u32())
        throw new LogDamagedError(path, at, `chunk ${count} does not match its checksum`);
      yield chunk;
      at += CHUNK_HEAD_BYTES + length;
      count += 1;
      total += length;
    }
    const tail = readAt(fd, path, at, TAIL_BYTES, size);
    if (size !== at + TAIL_BYTES || !equalBytes(tail, tailOf({ count, total, upTo })))
      throw new LogDamagedError(path, at, "the tail does not match the chunks before it");
    return lsn(upTo);
  } finally {
    fs.closeSync(fd);
  }
}

/** Returns the position up to which a checkpoint replaces the records, or undefined for bytes that are no valid head. */
function readHead(bytes: Uint8Array): number | undefined {
  const decoded = decodeAll(
    bytes,
    (reader) => {
      if (!equalBytes(reader.rawView(MAGIC.length), MAGIC)) reader.fail("a checkpoint's mark", "other bytes", 0);
      const upTo = reader.u53();
      const expected = checksum(bytes.subarray(0, reader.position));
      if (reader.u32() !== expected) reader.fail("the checksum of the head", "another");
      return upTo;
    },
    "little-endian"
  );
  return decoded.ok ? decoded.value : undefined;
}

/** The values that a checkpoint's tail repeats. */
interface Totals {
  readonly count: number;
  readonly total: number;
  readonly upTo: number;
}

function tailOf({ count, total, upTo }: Totals): Uint8Array {
  const end = new ByteWriter(TAIL_BYTES - 8, "little-endian").u32(count).u53(total).u53(upTo).finish();
  return new ByteWriter(TAIL_BYTES, "little-endian").u32(TAIL_MARKER).u32(checksum(end)).raw(end).finish();
}

function readAt(fd: number, path: string, at: number, length: number, size: number): Uint8Array {
  if (at + length > size) throw new LogDamagedError(path, at, `expected ${length} bytes, but the file ends at ${size}`);
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let got = 0;
  while (got < length) {
    const read = fs.readSync(fd, bytes, got, length - got, at + got);
    if (read === 0) throw new LogDamagedError(path, at + got, "the file ends here");
    got += read;
  }
  return bytes;
}

/**
 * A checkpoint on disk: chunks, each with its checksum, between a head and a tail. See docs/format.md.
 */
import fs from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Lsn, lsn } from "../brand.ts";
import type { Recovered } from "../world.ts";
import { LogDamagedError, RecordTooLargeError } from "../errors.ts";
import { syncDirectory, writeWhole } from "./files.ts";

/** Largest chunk of a checkpoint, in bytes. */
export const CHUNK_BYTES_MAX: number = 64 * 1024 * 1024;

const NAME = "checkpoint";
const TEMPORARY_NAME = "checkpoint.new";
const MAGIC = "VOIDCKP1";
/** Magic 8, position 8, CRC 4. */
const HEAD_BYTES = 20;
/** Length 4, CRC 4. */
const CHUNK_HEAD_BYTES = 8;
/** Marker 4, CRC 4, chunks 4, bytes of all chunks 8, position 8. */
const TAIL_BYTES = 28;
const TAIL_MARKER = 0xffffffff;
const GATHER_BYTES = 1024 * 1024;

/**
 * Writes a checkpoint beside the old one, makes it durable, and puts it in its place. The chunks are read one after the
 * other, as the disk takes them.
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

function writeParts(fd: number, bytes: Iterator<Buffer>, done: (failure?: Error) => void): void {
  let next: IteratorResult<Buffer>;
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

/** A checkpoint's bytes, gathered into pieces of a good size for writing. */
export function* parts(upTo: Lsn, chunks: Iterable<Uint8Array>): Generator<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 0, "latin1");
  head.writeBigUInt64LE(BigInt(upTo), 8);
  head.writeUInt32LE(crc32(head.subarray(0, 16)), 16);
  let gathered: Uint8Array[] = [head];
  let bytes = HEAD_BYTES;
  let count = 0;
  let total = 0;
  for (const chunk of chunks) {
    if (chunk.length > CHUNK_BYTES_MAX)
      throw new RecordTooLargeError("chunk of a checkpoint", CHUNK_BYTES_MAX, chunk.length);
    const chunkHead = Buffer.alloc(CHUNK_HEAD_BYTES);
    chunkHead.writeUInt32LE(chunk.length, 0);
    chunkHead.writeUInt32LE(checksum(chunk, count), 4);
    gathered.push(chunkHead, chunk);
    bytes += CHUNK_HEAD_BYTES + chunk.length;
    count += 1;
    total += chunk.length;
    if (bytes < GATHER_BYTES) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    bytes = 0;
  }
  const tail = Buffer.alloc(TAIL_BYTES);
  tail.writeUInt32LE(TAIL_MARKER, 0);
  tail.writeUInt32LE(count, 8);
  tail.writeBigUInt64LE(BigInt(total), 12);
  tail.writeBigUInt64LE(BigInt(upTo), 20);
  tail.writeUInt32LE(crc32(tail.subarray(8)), 4);
  gathered.push(tail);
  yield Buffer.concat(gathered);
}

/**
 * The checkpoint of a folder, checked from head to tail; its chunks are read again when they are asked for. Removes one
 * that was never finished.
 *
 * @throws {@link LogDamagedError} when it is not what was written.
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

/** Yields the chunks, returns the position; throws at the first byte that is wrong. */
function* chunksOf(path: string): Generator<Uint8Array, Lsn> {
  const fd = fs.openSync(path, "r");
  try {
    const { size } = fs.fstatSync(fd);
    const head = readAt(fd, path, 0, HEAD_BYTES, size);
    if (head.toString("latin1", 0, 8) !== MAGIC || crc32(head.subarray(0, 16)) !== head.readUInt32LE(16)) {
      throw new LogDamagedError(path, 0, "it has no checkpoint's head");
    }
    const upTo = head.readBigUInt64LE(8);
    let at = HEAD_BYTES;
    let count = 0;
    let total = 0;
    for (;;) {
      const chunkHead = readAt(fd, path, at, CHUNK_HEAD_BYTES, size);
      const length = chunkHead.readUInt32LE(0);
      if (length === TAIL_MARKER) break;
      if (length > CHUNK_BYTES_MAX)
        throw new LogDamagedError(path, at, `chunk ${count} says that it has ${length} bytes`);
      const chunk = readAt(fd, path, at + CHUNK_HEAD_BYTES, length, size);
      if (checksum(chunk, count) !== chunkHead.readUInt32LE(4))
        throw new LogDamagedError(path, at, `chunk ${count} has another checksum`);
      yield chunk;
      at += CHUNK_HEAD_BYTES + length;
      count += 1;
      total += length;
    }
    const tail = readAt(fd, path, at, TAIL_BYTES, size);
    const sound =
      crc32(tail.subarray(8)) === tail.readUInt32LE(4) &&
      tail.readUInt32LE(8) === count &&
      size === at + TAIL_BYTES &&
      tail.readBigUInt64LE(12) === BigInt(total) &&
      tail.readBigUInt64LE(20) === upTo;
    if (!sound) throw new LogDamagedError(path, at, "its tail does not fit what stands before it");
    return lsn(Number(upTo));
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Begins with the chunk's number, so that chunks cannot change places. Empty bytes are answered here: zlib takes some
 * of them for none.
 */
function checksum(chunk: Uint8Array, index: number): number {
  return chunk.length === 0 ? index : crc32(chunk, index);
}

function readAt(fd: number, path: string, at: number, length: number, size: number): Buffer {
  if (at + length > size) throw new LogDamagedError(path, at, `it ends after ${size} bytes`);
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const read = fs.readSync(fd, bytes, got, length - got, at + got);
    if (read === 0) throw new LogDamagedError(path, at + got, "it ends there");
    got += read;
  }
  return bytes;
}

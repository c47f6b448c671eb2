/**
 * Files that only their owner can open (mode 0600).
 */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { typeNameOf } from "../../bytes.ts";
import {
  CryptoError,
  InvalidOptionError,
  KeyFileAccessError,
  KeyFileExistsError,
  KeyFileFormatError,
  KeyFileModeError,
} from "../../errors.ts";

const OTHERS = 0o077;
/** Windows has no such modes. There, the folder's access list has to protect the file. */
const HAS_MODES = process.platform !== "win32";

/** Handling of symbolic links by {@link readPrivate}. A file that is replaced by renaming must not be one. */
export type Links = "followed" | "refused";

/**
 * Writes a new file and returns when it is on the disk. If that fails, nothing is left behind. A crash may leave a part of it: for
 * drafts, which get their name when they are whole.
 */
export function writeNew(path: string, content: Uint8Array): void {
  let isOurs = false;
  try {
    const file = fs.openSync(path, "wx", 0o600);
    isOurs = true;
    try {
      fs.writeFileSync(file, content);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    syncFolder(path);
  } catch (cause) {
    if (!isOurs && isErrno(cause, "EEXIST")) throw new KeyFileExistsError(path, { cause });
    if (isOurs) fs.rmSync(path, { force: true });
    throw cause instanceof CryptoError ? cause : new KeyFileAccessError(path, "write", cause);
  }
}

/** Reads a file of at most `bytesMax` that only its owner can open. The caller zeroes the result. */
export function readPrivate(path: string, bytesMax: number, links: Links = "followed"): Buffer {
  let file: number | undefined;
  try {
    const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
    // Non-blocking, so that a pipe put in the file's place does not hang the program.
    file = fs.openSync(path, O_RDONLY | O_NONBLOCK | (links === "refused" ? O_NOFOLLOW : 0));
    const stat = fs.fstatSync(file);
    refuseUnlessPrivate(path, stat);
    if (stat.size > bytesMax) throw new KeyFileFormatError(path, `at most ${bytesMax} bytes`, `${stat.size}`);
    const content = Buffer.alloc(stat.size);
    return content.subarray(0, fs.readSync(file, content, 0, content.length, 0));
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause;
    if (isErrno(cause, "ELOOP")) throw new KeyFileFormatError(path, "a regular file", "a symbolic link");
    throw new KeyFileAccessError(path, "read", cause);
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

/** Refuses a file that {@link readPrivate} would refuse, by its mode and kind. */
export function refuseUnlessPrivate(path: string, stat: fs.Stats): void {
  if (stat.isSymbolicLink()) throw new KeyFileFormatError(path, "a regular file", "a symbolic link");
  if (!stat.isFile()) throw new KeyFileFormatError(path, "a key", "something that is not a regular file");
  if (HAS_MODES && (stat.mode & OTHERS) !== 0) throw new KeyFileModeError(path, stat.mode & 0o777);
}

/** Makes the name of a new file durable by syncing its folder. (Not on Windows, where folders cannot be opened.) */
export function syncFolder(path: string): void {
  if (!HAS_MODES) return;
  let folder: number | undefined;
  try {
    folder = fs.openSync(dirname(path), "r");
    fs.fsyncSync(folder);
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  } finally {
    if (folder !== undefined) fs.closeSync(folder);
  }
}

/** Refuses a path that is not a string. @throws {@link InvalidOptionError} */
export function requirePath(path: string): void {
  if (typeof path !== "string" || path === "") throw new InvalidOptionError("a path as a string", path === "" ? "an empty one" : typeNameOf(path));
}

/** Returns true for an error of the file system with the given code. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

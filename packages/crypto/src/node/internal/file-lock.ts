import * as crypto from "node:crypto";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { KeyFileAccessError, KeyFileConflictError, KeyFileFormatError, KeyFileModeError } from "../../errors.ts";
import { isErrno, readPrivate, writeNew } from "./private-file.ts";

/** Maximum length of a lock file, in bytes. A real one has some 200. */
const LOCK_BYTES_MAX = 1_024;
/** Maximum of attempts to take a lock that disappears meanwhile. */
const TRIES_MAX = 8;
const LINE = /^(\S+) (\S+) (\S+) (\d{1,10}) (\S+) ([0-9a-f]{16})\n$/;

/** The process that holds a lock, as the lock file names it: docs/format.md. */
interface Holder {
  readonly host: string;
  /** Boot id of the machine, or "-" where it is not available. */
  readonly boot: string;
  /** Namespace of the process id, or "-". */
  readonly namespace: string;
  readonly pid: number;
  /** Start time of the process, or "-". */
  readonly start: string;
  /** Unique to this lock. */
  readonly nonce: string;
}

/**
 * Keeps other writers from the file `path` until the returned function is called. A lock whose process is gone is taken
 * over. A lock of another machine or container never is, because its process cannot be checked from here.
 *
 * @throws {@link KeyFileConflictError} if another process holds the lock.
 * @throws {@link KeyFileAccessError} if the file system refuses.
 */
export function lockFile(path: string): () => void {
  return take(path, `${path}.lock`);
}

function take(path: string, lock: string): () => void {
  const nonce = crypto.randomBytes(8).toString("hex");
  const { host, boot, namespace, pid, start } = thisProcess(nonce);
  // The link makes a lock appear together with its content, so none is ever half written.
  const draft = `${path}.${nonce}.new`;
  writeNew(draft, Buffer.from(`${[host, boot, namespace, pid, start, nonce].join(" ")}\n`));
  try {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      if (linked(path, draft, lock)) return () => remove(path, lock);
      clear(path, lock);
    }
  } finally {
    remove(path, draft);
  }
  throw new KeyFileConflictError(path, "one that other processes are writing");
}

/** Returns true if the lock is ours now. */
function linked(path: string, draft: string, lock: string): boolean {
  try {
    fs.linkSync(draft, lock);
    return true;
  } catch (cause) {
    if (isErrno(cause, "EEXIST")) return false;
    // The holder of the lock cleans up, and took our draft for one left by a crash.
    if (isErrno(cause, "ENOENT")) throw new KeyFileConflictError(path, "one that another process is writing");
    throw new KeyFileAccessError(path, "link", cause);
  }
}

/**
 * Removes a lock whose process is gone. Allowed only while holding the lock on that very lock, whose name is never
 * reused, so that a lock taken by another process meanwhile is not removed instead.
 */
function clear(path: string, lock: string): void {
  const seen = contentOf(path, lock);
  if (seen === undefined) return;
  const [, host, boot, namespace, pid, start, nonce] = LINE.exec(seen) ?? [];
  if (
    !host ||
    !boot ||
    !namespace ||
    !start ||
    !nonce ||
    !isGone({ host, boot, namespace, pid: Number(pid), start, nonce })
  )
    throw new KeyFileConflictError(
      path,
      `one that ${nonce === undefined ? "another process" : `process ${pid} of ${host}`} is writing (if not, remove ${lock})`
    );
  const release = take(path, `${lock}.${nonce}`);
  try {
    if (contentOf(path, lock) === seen) remove(path, lock);
  } finally {
    release();
  }
}

/** Reads a lock file; undefined if it no longer exists. */
function contentOf(path: string, lock: string): string | undefined {
  try {
    return readPrivate(lock, LOCK_BYTES_MAX, "refused").toString("latin1");
  } catch (error) {
    if (error instanceof KeyFileAccessError && isErrno(error.cause, "ENOENT")) return undefined;
    if (error instanceof KeyFileFormatError || error instanceof KeyFileModeError)
      throw new KeyFileConflictError(path, `something that is no lock at ${lock} (if no process is writing, remove ${lock})`);
    throw error;
  }
}

function remove(path: string, file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  }
}

/** Returns true only if the process is certainly gone. In doubt, a lock is left alone. */
function isGone({ host, boot, namespace, pid, start, nonce }: Holder): boolean {
  const own = thisProcess(nonce);
  if (host !== own.host) return false;
  if (boot !== own.boot) return boot !== UNKNOWN && own.boot !== UNKNOWN; // the machine was rebooted since
  if (namespace !== own.namespace) return false;
  const startNow = startOf(pid); // unknown for a process that is gone, and for one that is hidden
  if (start !== UNKNOWN && startNow !== UNKNOWN) return startNow !== start;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isErrno(error, "ESRCH");
  }
}

const UNKNOWN = "-";

function thisProcess(nonce: string): Holder {
  return {
    host: encodeURIComponent(hostname()) || UNKNOWN,
    boot: orUnknown(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()),
    namespace: orUnknown(() => fs.readlinkSync("/proc/self/ns/pid")),
    pid: process.pid,
    start: startOf(process.pid),
    nonce,
  };
}

/**
 * Returns a process's start time in clock ticks since boot, from field 22 of /proc (Linux). The name in field 2 may
 * hold anything.
 */
function startOf(pid: number): string {
  return orUnknown(() => {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? UNKNOWN;
  });
}

function orUnknown(ask: () => string): string {
  try {
    return ask() || UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

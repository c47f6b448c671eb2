import * as crypto from "node:crypto";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { KeyFileAccessError, KeyFileConflictError } from "../../errors.ts";
import { isErrno, readPrivate, writeNew } from "./private-file.ts";

/** Most bytes that a lock file may have; ours have some 200. */
const LOCK_BYTES_MAX = 1_024;
/** How often a lock is tried for that goes away meanwhile. */
const TRIES_MAX = 8;
const LINE = /^(\S+) (\S+) (\S+) (\d{1,10}) (\S+) ([0-9a-f]{16})\n$/;

/** The process that has a lock, as the lock file names it: docs/format.md. */
interface Holder {
  readonly host: string;
  /** Of the machine's start, or "-" where that cannot be had. */
  readonly boot: string;
  /** In which the process has its number, or "-". */
  readonly namespace: string;
  readonly pid: number;
  /** When the process was started, or "-". */
  readonly start: string;
  /** Of this lock alone: no other ever has the same. */
  readonly nonce: string;
}

/**
 * Keeps other writers from the file `path` until the function that is returned is called. A lock whose process is gone
 * is taken over; one of another machine or container never is, as nobody here can know.
 *
 * @throws {@link KeyFileConflictError} when somebody has the lock.
 * @throws {@link KeyFileAccessError} if the file system refuses.
 */
export function lockFile(path: string): () => void {
  return take(path, `${path}.lock`);
}

function take(path: string, lock: string): () => void {
  const nonce = crypto.randomBytes(8).toString("hex");
  const { host, boot, namespace, pid, start } = thisProcess(nonce);
  // A lock appears together with what it says, by a link: none is ever half written.
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
  throw new KeyFileConflictError(path, "one that others are writing");
}

/** Whether the lock is ours now. */
function linked(path: string, draft: string, lock: string): boolean {
  try {
    fs.linkSync(draft, lock);
    return true;
  } catch (cause) {
    if (isErrno(cause, "EEXIST")) return false;
    // Whoever has the lock cleans up: that took our draft for one that a crash had left.
    if (isErrno(cause, "ENOENT")) throw new KeyFileConflictError(path, "one that somebody else is writing");
    throw new KeyFileAccessError(path, "write", cause);
  }
}

/**
 * Removes a lock whose process is gone. Only who holds the lock on that very lock may, whose name is never used again: so
 * a lock that somebody has taken meanwhile is not removed in its place.
 */
function clear(path: string, lock: string): void {
  const seen = contentOf(lock);
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
      `one that ${nonce === undefined ? "somebody" : `process ${pid} of ${host}`} is writing (if not, remove ${lock})`
    );
  const release = take(path, `${lock}.${nonce}`);
  try {
    if (contentOf(lock) === seen) remove(path, lock);
  } finally {
    release();
  }
}

/** Undefined if there is no such file any more. */
function contentOf(lock: string): string | undefined {
  try {
    return readPrivate(lock, LOCK_BYTES_MAX, "refused").toString("latin1");
  } catch (error) {
    if (error instanceof KeyFileAccessError && isErrno(error.cause, "ENOENT")) return undefined;
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

/** Only what is certain: where it is not, a lock is left alone. */
function isGone({ host, boot, namespace, pid, start, nonce }: Holder): boolean {
  const own = thisProcess(nonce);
  if (host !== own.host) return false;
  if (boot !== own.boot) return boot !== UNKNOWN && own.boot !== UNKNOWN; // the machine was started anew since
  if (namespace !== own.namespace) return false;
  const startNow = startOf(pid); // unknown of a process that is gone, and of one that is hidden
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
    boot: told(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()),
    namespace: told(() => fs.readlinkSync("/proc/self/ns/pid")),
    pid: process.pid,
    start: startOf(process.pid),
    nonce,
  };
}

/** In clock ticks since the machine's start, where /proc tells (Linux): field 22; the name in field 2 may hold anything. */
function startOf(pid: number): string {
  return told(() => {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? UNKNOWN;
  });
}

function told(ask: () => string): string {
  try {
    return ask() || UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

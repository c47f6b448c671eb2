/**
 * A lock on a folder: a file that names the only process that may use the folder.
 */
import fs from "node:fs";
import { join } from "node:path";
import { DiskLockedError } from "../errors.ts";

const NAME = "lock";

/** Lock files that this thread holds. */
const held = new Set<string>();

/**
 * Locks a folder for this process, and returns a function that unlocks it. The lock of a process that no longer runs is
 * taken over. If its process id now belongs to another process, the start time reveals that.
 *
 * @throws {@link DiskLockedError} when the folder is locked.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { DiskLockedError, lockFolder } from "@void-system/effects/node";
 *
 * const folder = mkdtempSync(join(tmpdir(), "void-"));
 * const unlock = lockFolder(folder);
 * let refusal: unknown;
 * try {
 *   lockFolder(folder);
 * } catch (error) {
 *   refusal = error;
 * }
 * refusal instanceof DiskLockedError; // => true
 * unlock();
 * lockFolder(folder)();
 * ```
 */
export function lockFolder(folder: string): () => void {
  const path = join(fs.realpathSync(folder), NAME);
  if (held.has(path)) throw new DiskLockedError(path, process.pid);
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  // A link makes the name appear together with the content, so a lock file is never half written.
  const draft = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  fs.writeFileSync(draft, mine, { mode: 0o600, flag: "wx" });
  try {
    if (!tryLink(draft, path)) {
      removeStale(path, draft);
      if (!tryLink(draft, path)) throw new DiskLockedError(path, holder(fs.readFileSync(path, "utf8")).pid);
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
  held.add(path);
  return () => {
    if (held.delete(path)) fs.rmSync(path, { force: true });
  };
}

function tryLink(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of a dead process. If another process has replaced it meanwhile, puts that lock back. */
function removeStale(path: string, draft: string): void {
  const seen = fs.readFileSync(path, "utf8");
  const { pid, start } = holder(seen);
  if (isRunning(pid, start)) throw new DiskLockedError(path, pid);
  const aside = `${draft}.stale`;
  try {
    fs.renameSync(path, aside);
    if (fs.readFileSync(aside, "utf8") !== seen) tryLink(aside, path);
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function holder(content: string): { readonly pid: number; readonly start: string } {
  const [pid = "", start = ""] = content.trim().split(" ");
  return { pid: Number(pid), start };
}

function isRunning(pid: number, start: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const startNow = startOf(pid);
  if (startNow !== "" && start !== "") return startNow === start;
  // Without start times: in a container a restarted node often gets its old process id again, so its own id means dead.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Without permission to signal it, the process exists.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Returns the start of a process as boot id and clock ticks since boot, or an empty string without /proc. */
function startOf(pid: number): string {
  try {
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22. The second field, the name in parentheses, may contain spaces.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? "" : `${boot}/${ticks}`;
  } catch {
    return "";
  }
}

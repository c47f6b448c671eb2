/**
 * One process at a time: a file that names the process that has a folder open.
 */
import fs from "node:fs";
import { join } from "node:path";
import { DiskLockedError } from "../errors.ts";

const NAME = "lock";

/** Folders that this thread has open. */
const held = new Set<string>();

/**
 * Takes a folder for this process, and returns how to give it back. A lock left by a process that is gone is taken
 * over: one whose number now belongs to another process is recognised by the time at which that one was started.
 *
 * @throws {@link DiskLockedError} when somebody has it.
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
  // The name appears together with the content, by a link: no lock is ever half written.
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

/** Moves a dead process's lock away; if in that moment somebody else had replaced it, puts theirs back. */
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
  // Where start times cannot be had: in a container a restarted node often gets its old number again.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted to ask: so there is somebody.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** When a process was started: boot id and clock ticks since boot, where /proc tells (Linux); else empty. */
function startOf(pid: number): string {
  try {
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22; the second field, the name in parentheses, may contain anything.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? "" : `${boot}/${ticks}`;
  } catch {
    return "";
  }
}

/**
 * Durable logs in a folder, each in one of its own.
 */
import { join, resolve } from "node:path";
import { EffectsError, InvalidLogNameError, NameTakenError } from "../errors.ts";
import { isLogName } from "../portable/memory-disk.ts";
import type { Disk, Logger, Recovered } from "../world.ts";
import { DirectoryLog, SEGMENT_BYTES_MAX } from "./directory-log.ts";
import { DiskPathError } from "../errors.ts";
import { createFolderNow } from "./files.ts";
import { lockFolder } from "./folder-lock.ts";
import { recoverLog } from "./log-recovery.ts";

/** Settings of a {@link DirectoryDisk}. */
export interface DirectoryDiskOptions {
  /** Told of torn tails that were cut: the event `torn-tail-cut` with file, offset and bytes. @defaultValue nobody */
  readonly logger?: Logger;
  /** A segment that is larger gets no further batch. @defaultValue 16 MiB */
  readonly segmentBytesMax?: number;
}

/** A disk in a folder, until it is closed. */
export interface DirectoryDisk extends Disk {
  /**
   * Ends this life of the disk: what is under way finishes, none of its callbacks runs any more, and what was appended
   * and not synced is forgotten. `closed` is told when another process may open the folder.
   */
  close(closed?: () => void): void;
}

/**
 * The disk of a real node: each log is a folder in `path`. Folders and files are created private (0700, 0600). The
 * folder
 * is locked with the first `open`, until `close`, or the end of the process.
 *
 * What `open` may answer instead of a log: {@link DiskLockedError} (another process has the folder),
 * {@link LogDamagedError} (bytes in the middle are not what was written), {@link LogVersionError},
 * {@link DiskPathError} (no permission, no space, a file in the way), `NameTakenError` (that log is open already),
 * `InvalidLogNameError`.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import type { Recovered } from "@void-system/effects";
 * import { directoryDisk } from "@void-system/effects/node";
 *
 * const folder = mkdtempSync(join(tmpdir(), "void-"));
 * const open = (disk: ReturnType<typeof directoryDisk>) => new Promise<Recovered>((resolve, reject) => {
 *   disk.open("votes", (opened) => (opened instanceof Error ? reject(opened) : resolve(opened)));
 * });
 * const first = directoryDisk(folder);
 * const { log, fresh } = await open(first);
 * fresh; // => true
 * log.append(Uint8Array.of(1, 2, 3));
 * await new Promise<void>((resolve, reject) => log.sync((failure) => (failure ? reject(failure) : resolve())));
 * await new Promise<void>((resolve) => first.close(resolve));
 *
 * const second = directoryDisk(folder);
 * const again = await open(second);
 * again.fresh; // => false
 * [...again.records].map((record) => [...record]); // => [[1, 2, 3]]
 * second.close();
 * ```
 */
export function directoryDisk(path: string, options: DirectoryDiskOptions = {}): DirectoryDisk {
  return new Folder(resolve(path), options);
}

class Folder implements DirectoryDisk {
  readonly #path: string;
  readonly #options: DirectoryDiskOptions;
  readonly #logs = new Map<string, DirectoryLog>();
  #unlock: (() => void) | undefined;
  readonly #waiting: (() => void)[] = [];
  #closing = 0;
  #closed = false;

  constructor(path: string, options: DirectoryDiskOptions) {
    this.#path = path;
    this.#options = options;
  }

  open(name: string, done: (opened: Recovered | Error) => void): void {
    setImmediate(() => {
      if (!this.#closed) done(this.#open(name));
    });
  }

  close(closed: () => void = () => undefined): void {
    this.#waiting.push(closed);
    if (this.#closed) {
      if (this.#closing === 0) setImmediate(() => this.#finish());
      return;
    }
    this.#closed = true;
    this.#closing = this.#logs.size;
    if (this.#closing === 0) setImmediate(() => this.#finish());
    for (const log of this.#logs.values()) {
      log.close(() => {
        this.#closing -= 1;
        if (this.#closing === 0) this.#finish();
      });
    }
  }

  /** The folder is free only when nothing of this life can write there any more. */
  #finish(): void {
    this.#unlock?.();
    this.#unlock = undefined;
    for (const closed of this.#waiting.splice(0)) closed();
  }

  #open(name: string): Recovered | Error {
    if (!isLogName(name)) return new InvalidLogNameError(name);
    if (this.#logs.has(name)) return new NameTakenError("log", name);
    const folder = join(this.#path, name);
    try {
      createFolderNow(this.#path);
      this.#unlock ??= lockFolder(this.#path);
      const found = recoverLog(folder);
      if (found.cut) this.#options.logger?.log("warn", "torn-tail-cut", { ...found.cut });
      const log = new DirectoryLog(folder, found, this.#options.segmentBytesMax ?? SEGMENT_BYTES_MAX);
      this.#logs.set(name, log);
      return {
        log,
        fresh: found.fresh,
        records: found.records,
        ...(found.checkpoint && { checkpoint: found.checkpoint }),
      };
    } catch (error) {
      return error instanceof EffectsError ? error : new DiskPathError("open the log in", folder, error);
    }
  }
}

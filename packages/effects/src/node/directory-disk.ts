/**
 * Durable logs and blob stores in a folder, each in a folder of its own.
 */
import { join, resolve } from "node:path";
import { EffectsError, InvalidLogNameError, NameTakenError } from "../errors.ts";
import { isLogName } from "../portable/memory-disk.ts";
import type { Disk, Logger, OpenedBlobs, Recovered } from "../world.ts";
import { DirectoryBlobs } from "./directory-blobs.ts";
import { DirectoryLog, SEGMENT_BYTES_MAX } from "./directory-log.ts";
import { DiskPathError } from "../errors.ts";
import { createFolderNow } from "./files.ts";
import { lockFolder } from "./folder-lock.ts";
import { recoverLog } from "./log-recovery.ts";

/** End of the name of a blob store's folder. No log has a name with a dot. */
const BLOBS = ".blobs";

/** Settings of a {@link DirectoryDisk}. */
export interface DirectoryDiskOptions {
  /** Receives the event `torn-tail-cut` with file, offset and bytes for each torn tail. @defaultValue none */
  readonly logger?: Logger;
  /** Size from which a segment gets no further batch. @defaultValue 16 MiB */
  readonly segmentBytesMax?: number;
}

/** A disk in a folder, until it is closed. */
export interface DirectoryDisk extends Disk {
  /**
   * Closes the disk. Writes in flight finish, callbacks no longer run, and records that were not synced are dropped.
   * `closed` is called once another process may open the folder.
   */
  close(closed?: () => void): void;
}

/**
 * Makes the disk of a real node: each log and each blob store is a folder in `path`. Folders and files are private (modes 0700 and 0600). The
 * first of them to open locks `path` until `close` or the end of the process.
 *
 * `open` and `openBlobs` report these errors:
 *
 * - {@link DiskLockedError}: another process has the folder open.
 * - {@link LogDamagedError}: bytes before the tail differ from what was written.
 * - {@link LogVersionError}: another version of this package wrote the log.
 * - {@link DiskPathError}: the file system refused, for example for lack of permission or space.
 * - `NameTakenError`: the log or blob store is open already.
 * - `InvalidLogNameError`: the name is not valid.
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
  readonly #blobs = new Map<string, DirectoryBlobs>();
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

  openBlobs(name: string, done: (opened: OpenedBlobs | Error) => void): void {
    setImmediate(() => {
      if (!this.#closed) done(this.#openBlobs(name));
    });
  }

  close(closed: () => void = () => undefined): void {
    this.#waiting.push(closed);
    if (this.#closed) {
      if (this.#closing === 0) setImmediate(() => this.#finish());
      return;
    }
    this.#closed = true;
    const open = [...this.#logs.values(), ...this.#blobs.values()];
    this.#closing = open.length;
    if (this.#closing === 0) setImmediate(() => this.#finish());
    for (const each of open) {
      each.close(() => {
        this.#closing -= 1;
        if (this.#closing === 0) this.#finish();
      });
    }
  }

  /** Unlocks the folder. It must run only when this disk can no longer write there. */
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
      this.#lock();
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

  #openBlobs(name: string): OpenedBlobs | Error {
    if (!isLogName(name)) return new InvalidLogNameError(name);
    if (this.#blobs.has(name)) return new NameTakenError("blob store", name);
    const folder = join(this.#path, `${name}${BLOBS}`);
    try {
      this.#lock();
      const blobs = new DirectoryBlobs(folder);
      this.#blobs.set(name, blobs);
      return { blobs, addresses: blobs.addresses };
    } catch (error) {
      return error instanceof EffectsError ? error : new DiskPathError("open the blobs in", folder, error);
    }
  }

  #lock(): void {
    createFolderNow(this.#path);
    this.#unlock ??= lockFolder(this.#path);
  }
}

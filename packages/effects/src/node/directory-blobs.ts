/**
 * A blob store in a folder: each blob is a file, named by its address. See docs/format.md.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { type BlobAddress, blobAddress } from "../brand.ts";
import { BlobDamagedError, BlobMissingError, DiskPathError } from "../errors.ts";
import { BLOB_BYTES_MAX, checkedBlob } from "../portable/blob-address.ts";
import type { BlobStore } from "../world.ts";
import { createFolderNow, syncDirectory, syncDirectoryNow, writeWhole } from "./files.ts";

/** Number of blobs that are written side by side, before one sync of their folder. */
const PUTS_AT_ONCE_MAX = 16;
const TEMPORARY = ".new";
const FILE_NAME = /^[0-9a-f]{64}$/;

/** A call that changes the store. */
type Change =
  | { readonly type: "put"; readonly address: BlobAddress; readonly bytes: Uint8Array; readonly done: (stored: BlobAddress | Error) => void }
  | { readonly type: "drop"; readonly addresses: readonly BlobAddress[]; readonly done: (failure?: Error) => void };
type Put = Extract<Change, { readonly type: "put" }>;

/** A {@link BlobStore} on files. */
export class DirectoryBlobs implements BlobStore {
  readonly #folder: string;
  /** Addresses of durable files that no read has found damaged. */
  readonly #stored: Set<BlobAddress>;
  /** Changes that have not begun, oldest first. */
  readonly #queue: Change[] = [];
  #isBusy = false;
  #closed: (() => void) | undefined;

  /** Opens the folder, and makes the blobs durable that an earlier process had written but whose names it had not synced. */
  constructor(folder: string) {
    this.#folder = folder;
    createFolderNow(folder);
    const names = fs.readdirSync(folder);
    for (const name of names) if (name.endsWith(TEMPORARY)) fs.rmSync(join(folder, name));
    this.#stored = new Set(names.filter((name) => FILE_NAME.test(name)).map(blobAddress));
    syncDirectoryNow(folder);
  }

  /** Addresses of all blobs, in ascending order. */
  get addresses(): readonly BlobAddress[] {
    return [...this.#stored].sort();
  }

  put(bytes: Uint8Array, done: (stored: BlobAddress | Error) => void): void {
    const address = addressOf(checkedBlob(bytes));
    this.#add({ type: "put", address, bytes, done });
  }

  get(address: BlobAddress, done: (found: Uint8Array | Error) => void): void {
    const path = this.#pathOf(address);
    readFile(path, BLOB_BYTES_MAX, (failure, bytes) => {
      if (this.#closed) return;
      if (bytes && addressOf(bytes) === address) {
        done(bytes);
        return;
      }
      if (failure && codeOf(failure) !== "ENOENT") {
        done(new DiskPathError("read", path, failure));
        return;
      }
      // The next put of these bytes writes them again.
      this.#stored.delete(address);
      done(failure ? new BlobMissingError(this.#folder, address) : new BlobDamagedError(this.#folder, address));
    });
  }

  drop(addresses: Iterable<BlobAddress>, done: (failure?: Error) => void): void {
    // Checked here: what a queued drop throws later would reach nobody, and would stop the queue.
    this.#add({ type: "drop", addresses: [...addresses].map(blobAddress), done });
  }

  /** Closes the store. No earlier callback runs afterwards. `closed` is called once no write is in flight. */
  close(closed: () => void): void {
    this.#closed = closed;
    if (!this.#isBusy) setImmediate(closed);
  }

  // ── one group of puts or one drop at a time ──

  #add(change: Change): void {
    if (this.#closed) return;
    this.#queue.push(change);
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    const [first] = this.#queue;
    this.#isBusy = first !== undefined;
    if (!first) return;
    if (first.type === "drop") {
      this.#queue.shift();
      this.#drop(first.addresses, (failure) => this.#end(() => first.done(failure)));
      return;
    }
    const puts: Put[] = [];
    for (let put = first; puts.length < PUTS_AT_ONCE_MAX; ) {
      puts.push(put);
      this.#queue.shift();
      const [after] = this.#queue;
      if (after?.type !== "put") break;
      put = after;
    }
    this.#putAll(puts);
  }

  #end(answer: () => void): void {
    if (this.#closed) {
      this.#isBusy = false;
      this.#closed();
      return;
    }
    // The next write begins before the callbacks run, so that the disk does not idle.
    this.#next();
    answer();
  }

  #putAll(puts: readonly Put[]): void {
    const failures = new Map<BlobAddress, Error>();
    const missing = new Map(puts.filter(({ address }) => !this.#stored.has(address)).map(({ address, bytes }) => [address, bytes]));
    const finish = (): void => {
      for (const address of missing.keys()) if (!failures.has(address)) this.#stored.add(address);
      this.#end(() => {
        for (const { address, done } of puts) if (!this.#closed) done(failures.get(address) ?? address);
      });
    };
    if (missing.size === 0) {
      setImmediate(finish);
      return;
    }
    let writing = missing.size;
    for (const [address, bytes] of missing) {
      this.#write(address, bytes, (failure) => {
        if (failure) failures.set(address, failure);
        writing -= 1;
        if (writing > 0) return;
        syncDirectory(this.#folder, (naming) => {
          if (naming) for (const key of missing.keys()) failures.set(key, new DiskPathError("sync", this.#folder, naming));
          finish();
        });
      });
    }
  }

  /** Writes and syncs the file under a temporary name, so that under its address there is never a part of it. */
  #write(address: BlobAddress, bytes: Uint8Array, done: (failure?: Error) => void): void {
    const path = this.#pathOf(address);
    const temporary = `${path}${TEMPORARY}`;
    const failed = (cause: Error): void => fs.unlink(temporary, () => done(new DiskPathError("write", path, cause)));
    fs.open(temporary, "w", 0o600, (opening, fd) => {
      if (opening) {
        failed(opening);
        return;
      }
      writeWhole(fd, bytes, 0, (writing) => {
        const close = (cause: Error | null | undefined): void =>
          fs.close(fd, (closing) => {
            const wrong = cause ?? closing;
            if (wrong) failed(wrong);
            else fs.rename(temporary, path, (renaming) => (renaming ? failed(renaming) : done()));
          });
        if (writing) close(writing);
        else fs.fsync(fd, close);
      });
    });
  }

  #drop(addresses: readonly BlobAddress[], done: (failure?: Error) => void): void {
    const removeNext = (at: number): void => {
      const address = addresses[at];
      if (address === undefined) {
        syncDirectory(this.#folder, (naming) => done(naming && new DiskPathError("sync", this.#folder, naming)));
        return;
      }
      const path = this.#pathOf(address);
      fs.unlink(path, (failure) => {
        if (failure && codeOf(failure) !== "ENOENT") {
          done(new DiskPathError("remove", path, failure));
          return;
        }
        this.#stored.delete(address);
        removeNext(at + 1);
      });
    };
    removeNext(0);
  }

  #pathOf(address: BlobAddress): string {
    return join(this.#folder, blobAddress(address));
  }
}

/** Does the same as `addressOfBlob`, by the platform's own SHA-256. */
function addressOf(bytes: Uint8Array): BlobAddress {
  return blobAddress(createHash("sha256").update(bytes).digest("hex"));
}

/** Reads a whole file, or returns no bytes for one that is larger than `bytesMax`. */
function readFile(path: string, bytesMax: number, done: (failure: Error | null, bytes?: Uint8Array) => void): void {
  fs.stat(path, (failure, stats) => {
    if (failure) done(failure);
    else if (stats.size > bytesMax) done(null);
    else fs.readFile(path, (reading, file) => done(reading, reading ? undefined : new Uint8Array(file.buffer, file.byteOffset, file.length)));
  });
}

function codeOf(failure: Error): unknown {
  return "code" in failure ? failure.code : undefined;
}

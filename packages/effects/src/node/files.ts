/**
 * Complete and durable writes to files and folders.
 */
import fs from "node:fs";
import { dirname } from "node:path";

/** Writes all of `bytes`, in as many calls as needed. A null `position` is the file's own position. */
export function writeWhole(
  fd: number,
  bytes: Uint8Array,
  position: number | null,
  done: (failure?: Error) => void
): void {
  fs.write(fd, bytes, 0, bytes.length, position, (failure, written) => {
    if (failure) done(failure);
    else if (written === bytes.length) done();
    else writeWhole(fd, bytes.subarray(written), position === null ? null : position + written, done);
  });
}

/** Makes the names in a folder durable, after a file was created, renamed or removed there. */
export function syncDirectory(folder: string, done: (failure?: Error) => void): void {
  fs.open(folder, "r", (failure, fd) => {
    if (failure) {
      done(failure);
      return;
    }
    fs.fsync(fd, (syncing) => fs.close(fd, (closing) => done(syncing ?? closing ?? undefined)));
  });
}

/** Does the same as {@link syncDirectory}, synchronously, while a log opens. */
export function syncDirectoryNow(folder: string): void {
  const fd = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Creates a file with durable content. Its name is durable once the caller has synced the folder. */
export function createFileNow(path: string, bytes: Uint8Array): void {
  const fd = fs.openSync(path, "w", 0o600);
  try {
    let at = 0;
    while (at < bytes.length) at += fs.writeSync(fd, bytes, at);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Creates a private folder durably, with its missing parents. */
export function createFolderNow(path: string): void {
  const first = fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) syncDirectoryNow(dirname(folder));
}

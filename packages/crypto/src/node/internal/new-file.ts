import * as crypto from "node:crypto";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { CryptoError, KeyFileAccessError, KeyFileExistsError } from "../../errors.ts";
import { isErrno, syncFolder, writeNew } from "./private-file.ts";

const DRAFT = /^\.[0-9a-f]{16}\.new$/;

/**
 * Creates a file that only its owner can open (mode 0600), and returns when it is on the disk. A reader, at any time and after
 * any crash, finds the whole file or none: a draft beside it is written and synced, and then gets the name by a link, which
 * fails if the name is taken.
 *
 * @throws {@link KeyFileExistsError} if something has the name.
 * @throws {@link KeyFileAccessError} if the file system refuses.
 */
export function createFile(path: string, content: Uint8Array): void {
  try {
    refuseIfThere(path);
    const draft = `${path}.${crypto.randomBytes(8).toString("hex")}.new`;
    writeNew(draft, content);
    try {
      link(draft, path);
    } finally {
      fs.rmSync(draft, { force: true });
    }
  } catch (cause) {
    throw cause instanceof CryptoError ? cause : new KeyFileAccessError(path, "write", cause);
  }
  try {
    syncFolder(path);
  } catch (cause) {
    fs.rmSync(path, { force: true }); // nobody may rely on a name that a crash could take back
    throw cause;
  }
  removeDrafts(path);
}

/**
 * Removes the draft that is the same file as `path`: the second name of a key, left by a writer that was killed between its link
 * and the removal. What cannot be removed stays, such as in a folder that may be read only.
 */
export function removeTwins(path: string): void {
  try {
    const place = fs.realpathSync(path); // the draft is beside the file, not beside a link to it
    const own = fs.lstatSync(place, { bigint: true });
    if (own.nlink < 2n) return;
    removeDrafts(place, (draft) => {
      const { dev, ino } = fs.lstatSync(draft, { bigint: true });
      return dev === own.dev && ino === own.ino;
    });
  } catch {
    // A link to nothing, or the file is gone.
  }
}

/** Other drafts stay: if the name is a ring's, they are those of its writers. */
function refuseIfThere(path: string, cause?: unknown): void {
  if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  removeTwins(path);
  throw new KeyFileExistsError(path, { cause });
}

function link(draft: string, path: string): void {
  try {
    fs.linkSync(draft, path);
  } catch (cause) {
    // Without a draft, another writer has got the name first, and has removed what it took for leftovers.
    if (isErrno(cause, "EEXIST") || isErrno(cause, "ENOENT")) refuseIfThere(path, cause);
    throw new KeyFileAccessError(path, "link", cause);
  }
}

/**
 * Removes the drafts of writers that crashed: secrets that nobody uses. Once the name is taken, every draft is one, because it
 * can no longer get the name. What cannot be removed stays: the file itself is sound.
 */
function removeDrafts(path: string, isLeft: (draft: string) => boolean = () => true): void {
  const name = basename(path);
  for (const other of namesBeside(path)) {
    if (!other.startsWith(name) || !DRAFT.test(other.slice(name.length))) continue;
    const draft = join(dirname(path), other);
    try {
      if (isLeft(draft)) fs.rmSync(draft, { force: true });
    } catch {
      // Such as a folder of that name.
    }
  }
}

function namesBeside(path: string): readonly string[] {
  try {
    return fs.readdirSync(dirname(path));
  } catch {
    return []; // the folder may be written to and not be read
  }
}

import * as crypto from "node:crypto";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { KeyFileAccessError, KeyFileConflictError } from "../../errors.ts";
import { lockFile } from "./file-lock.ts";
import { readPrivate, refuseUnlessPrivate, syncFolder, writeNew } from "./private-file.ts";

const LEFT = /^\.(?:[0-9a-f]{16}\.new|lock(?:\.[0-9a-f]{16})+)$/;

/** The new content of a file, and a check of the old one. */
export interface Replacement {
  readonly content: Uint8Array;
  /** Maximum length of the old file, in bytes. */
  readonly bytesMax: number;
  /** Returns true if the new content succeeds the old one; `undefined` stands for no file. */
  follows(old: Uint8Array | undefined): boolean;
}

/**
 * Replaces a file that only its owner can open (mode 0600), or creates it. A reader of `path`, at any time and after
 * any crash, finds the old content or the new. Writers are let in one at a time, and only with content that succeeds
 * the present one.
 *
 * @param path in the form that {@link placeOf} returns
 * @throws {@link KeyFileConflictError} if it does not succeed the present content, or another process is writing.
 */
export function replaceFile(path: string, { content, bytesMax, follows }: Replacement): void {
  const there = statOfLink(path);
  if (there !== undefined) refuseUnlessPrivate(path, there);
  const release = lockFile(path);
  try {
    removeLeft(path);
    const old = statOfLink(path) && readPrivate(path, bytesMax, "refused");
    const isNext = follows(old);
    old?.fill(0);
    if (!isNext) throw new KeyFileConflictError(path, old === undefined ? "no file" : "another content");
    put(path, content);
  } finally {
    release();
  }
}

function put(path: string, content: Uint8Array): void {
  const next = `${path}.${crypto.randomBytes(8).toString("hex")}.new`; // in the same folder: a rename cannot cross disks
  writeNew(next, content);
  try {
    fs.renameSync(next, path);
  } catch (cause) {
    fs.rmSync(next, { force: true });
    throw new KeyFileAccessError(path, "write", cause);
  }
  syncFolder(path);
}

/** Returns the canonical path of a file, whichever path of its folder was given. */
export function placeOf(path: string): string {
  try {
    return join(fs.realpathSync(dirname(path)), basename(path));
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  }
}

/**
 * Removes leftovers of crashed writers: secrets that would never be retired, and locks on locks that are gone. Only the
 * holder of the lock may call it. It may remove another writer's draft of a lock, and that writer then knows that it
 * came too late.
 */
function removeLeft(path: string): void {
  const name = basename(path);
  try {
    for (const entry of fs.readdirSync(dirname(path), { withFileTypes: true })) {
      const between = entry.name.startsWith(`${name}.`) ? entry.name.slice(name.length) : "";
      if (LEFT.test(between) && !entry.isDirectory()) fs.rmSync(join(dirname(path), entry.name), { force: true });
    }
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  }
}

/** Returns the status of the name itself, not of a link's target; undefined if nothing is there. */
function statOfLink(path: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  }
}

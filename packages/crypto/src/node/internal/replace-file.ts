import * as crypto from "node:crypto";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { KeyFileAccessError, KeyFileConflictError } from "../../errors.ts";
import { lockFile } from "./file-lock.ts";
import { readPrivate, refuseUnlessPrivate, syncFolder, writeNew } from "./private-file.ts";

const LEFT = /^\.(?:[0-9a-f]{16}\.new|lock(?:\.[0-9a-f]{16})+)$/;

/** What is to be put in a file's place, and what may be there before. */
export interface Replacement {
  readonly content: Uint8Array;
  /** Most bytes that the file may have. */
  readonly bytesMax: number;
  /** Whether the new content goes on from the old one; `undefined` for no file. */
  follows(old: Uint8Array | undefined): boolean;
}

/**
 * Replaces a file that only its owner can open (mode 0600), or makes it: whoever reads `path`, at any time and after any
 * crash, finds the old content or the new. Of several writers one is let in at a time, and only with what follows from
 * what is there then.
 *
 * @param path in the form that {@link placeOf} gives
 * @throws {@link KeyFileConflictError} if it does not follow, or somebody else is writing.
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

/** One name for one place, however the folder was called. */
export function placeOf(path: string): string {
  try {
    return join(fs.realpathSync(dirname(path)), basename(path));
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  }
}

/**
 * What crashed writers left: secrets that nobody would ever retire, and locks on locks that are gone. For who has the
 * lock: another's draft of one may be among it, which then knows that it came too late.
 */
function removeLeft(path: string): void {
  const name = basename(path);
  try {
    for (const other of fs.readdirSync(dirname(path))) {
      const between = other.startsWith(`${name}.`) ? other.slice(name.length) : "";
      if (LEFT.test(between)) fs.rmSync(join(dirname(path), other), { force: true });
    }
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  }
}

/** Of the name itself, not of what a link points to; undefined if there is nothing. */
function statOfLink(path: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new KeyFileAccessError(path, "write", cause);
  }
}

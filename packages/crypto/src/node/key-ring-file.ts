import * as crypto from "node:crypto";
import { constantTimeEqual, typeNameOf } from "../bytes.ts";
import { InvalidOptionError, InvalidPublicKeyError, KeyFileFormatError, KeyFileVersionError } from "../errors.ts";
import { KeyRing, type RingKey, type StoredKey } from "../keys/key-ring.ts";
import { importKey, secretKeyBytes } from "../keys/secret-key.ts";
import type { SignatureAlgorithm } from "../keys/algorithm.ts";
import type { SignatureScheme } from "../keys/signature.ts";
import { KEY_RING_KEYS_MAX, requireScheme } from "../keys/verifier-ring.ts";
import { nativeDigest } from "./internal/native-hash.ts";
import { checkOf } from "./internal/file-check.ts";
import { readPrivate, requirePath } from "./internal/private-file.ts";
import { placeOf, replaceFile } from "./internal/replace-file.ts";

/** Maximum length of a key ring file, in bytes. Eight hybrid keys take 23 kB. */
export const KEY_RING_FILE_BYTES_MAX = 32_768;

const NAME = "void-key-ring";
const VERSION = `${NAME}-2`;
/** Without a check, and read as well. */
const OLD_VERSION = `${NAME}-1`;
const HEAD = /^(void-key-ring-\d{1,9}) ([a-z0-9+-]{1,40})$/;
const CHECK = /^check ([A-Za-z0-9_-]{22})$/;
const KEY = /^(secret|public) (0|[1-9]\d{0,15}) (0|[1-9]\d{0,15}) (-|[1-9]\d{0,15}) ([A-Za-z0-9_-]{43,2700})$/;

const digest: (bytes: Uint8Array) => Uint8Array = /* @__PURE__ */ nativeDigest(crypto);
/** Digests of the files that each ring was last read from or written to, by path. */
const known: WeakMap<object, Map<string, Uint8Array>> = new WeakMap();

/**
 * Writes a key ring to a file that only its owner can open (mode 0600), and returns when it is on the disk. An existing
 * file is replaced in one step, so that a crash leaves the old ring or the new one. It is replaced only if it holds
 * what this ring was read from or last wrote there. So if two programs rotate one file at once, one is refused, and
 * should read the ring again and rotate that one. The programs must run on one machine: see `docs/format.md`.
 *
 * @throws InvalidOptionError for a path that is not a string, or what is no ring.
 * @throws KeyFileConflictError if the file at `path` is another ring, has changed or is gone, or is being written by
 * another process at this moment.
 * @throws SecretDestroyedError if the ring was destroyed: the file keeps its secrets.
 * @throws KeyFileModeError if users other than the owner may open the file at `path`.
 * @throws KeyFileFormatError if `path` is a symbolic link, or not a regular file.
 * @throws KeyFileAccessError if the file system refuses.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { createKeyRing, ed25519, generateKey } from "@void-system/crypto";
 * import { readKeyRing, writeKeyRing } from "@void-system/crypto/node";
 *
 * const path = join(mkdtempSync(join(tmpdir(), "keys-")), "issuer.ring");
 * writeKeyRing(path, createKeyRing(ed25519, generateKey("ed25519"), { fromMs: 0, overlapMs: 1_000 }));
 *
 * using ring = readKeyRing(path, ed25519); // some day later
 * ring.rotate(generateKey("ed25519"), { fromMs: 90_000, overlapMs: 1_000 });
 * writeKeyRing(path, ring); // on the disk before it signs
 * readKeyRing(path, ed25519).keys.length; // => 2
 * ```
 */
export function writeKeyRing<A extends SignatureAlgorithm>(path: string, ring: KeyRing<A>): void {
  requirePath(path);
  if (!(ring instanceof KeyRing)) throw new InvalidOptionError("a KeyRing", typeNameOf(ring));
  const lines = ring.keys.map(encodeKey);
  const text = [`${VERSION} ${ring.scheme.algorithm}`, ...lines, ""].join("\n");
  const content = Buffer.from(`${text}check ${checkOf(text)}\n`);
  try {
    const place = placeOf(path);
    const left = known.get(ring)?.get(place);
    replaceFile(place, {
      content,
      bytesMax: KEY_RING_FILE_BYTES_MAX,
      follows: (old) => (old === undefined || left === undefined ? old === left : constantTimeEqual(digest(old), left)),
    });
    remember(ring, place, content);
  } finally {
    content.fill(0);
  }
}

/**
 * Reads a key ring that {@link writeKeyRing} wrote. A file that was damaged since is refused, unless a version of this package
 * wrote it that wrote no check.
 *
 * @throws InvalidOptionError for a path that is not a string, or what is no scheme.
 * @throws KeyFileModeError if users other than the owner may open the file.
 * @throws KeyFileFormatError if the file does not hold a ring of the scheme's keys, or is a symbolic link.
 * @throws KeyFileVersionError if its format has another version.
 * @throws KeyFileAccessError if the file is missing, or the file system refuses.
 */
export function readKeyRing<A extends SignatureAlgorithm>(path: string, scheme: SignatureScheme<A>): KeyRing<A> {
  requirePath(path);
  requireScheme(scheme);
  const content = readPrivate(path, KEY_RING_FILE_BYTES_MAX, "refused");
  try {
    const ring = decodeRing(path, content.toString("latin1"), scheme);
    remember(ring, placeOf(path), content);
    return ring;
  } finally {
    content.fill(0);
  }
}

function remember(ring: object, place: string, content: Uint8Array): void {
  const places = known.get(ring) ?? new Map<string, Uint8Array>();
  known.set(ring, places.set(place, digest(content)));
}

function encodeKey<A extends SignatureAlgorithm>(key: RingKey<A>): string {
  const until = key.notAfterMs === Infinity ? "-" : String(key.notAfterMs);
  const times = `${key.signsFromMs} ${key.notBeforeMs} ${until}`;
  if (key.secret === undefined) return `public ${times} ${base64url(key.publicKey)}`;
  return `secret ${times} ${key.secret.use(base64url)}`;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

/** Returns the ring in the text of a ring file. `path` is for messages. */
export function decodeRing<A extends SignatureAlgorithm>(path: string, text: string, scheme: SignatureScheme<A>): KeyRing<A> {
  const { algorithm } = scheme;
  const expected = `a key ring of ${algorithm} ("${VERSION}")`;
  const [head = "", ...lines] = text.split("\n");
  const [, version, named] = HEAD.exec(head) ?? [];
  if (version === undefined)
    throw new KeyFileFormatError(path, expected, text === "" ? "an empty file" : "another kind of file");
  if (version !== VERSION && version !== OLD_VERSION) throw new KeyFileVersionError(path, VERSION, version);
  if (named !== algorithm) throw new KeyFileFormatError(path, expected, `one of ${named}`);
  const last = lines.pop();
  if (version === VERSION) {
    const [, check] = CHECK.exec(lines.pop() ?? "") ?? [];
    if (check === undefined) throw new KeyFileFormatError(path, expected, "no check at its end");
    if (check !== checkOf(text.slice(0, text.lastIndexOf("check ")))) throw new KeyFileFormatError(path, expected, "a ring that does not fit its check: it was damaged");
  }
  if (last !== "" || lines.length < 1 || lines.length > KEY_RING_KEYS_MAX) {
    throw new KeyFileFormatError(path, expected, `${lines.length} lines of keys, or an end in the middle of one`);
  }
  const keys: StoredKey<A>[] = [];
  try {
    for (const [index, line] of lines.entries()) {
      const key = decodeKey(line, scheme);
      if (key === undefined) throw new KeyFileFormatError(path, expected, `a line ${index + 2} that is not a key`);
      keys.push(key);
    }
    return new KeyRing(scheme, keys);
  } catch (error) {
    for (const { half } of keys) if (!(half instanceof Uint8Array)) half.destroy();
    if (!(error instanceof InvalidOptionError || error instanceof InvalidPublicKeyError)) throw error;
    throw new KeyFileFormatError(path, expected, `keys that do not form a ring (${error.message})`);
  }
}

function decodeKey<A extends SignatureAlgorithm>(line: string, scheme: SignatureScheme<A>): StoredKey<A> | undefined {
  const [, kind, from, notBefore, notAfter, text] = KEY.exec(line) ?? [];
  if (kind === undefined || text === undefined) return undefined;
  const bytes = Buffer.from(text, "base64url");
  try {
    const length = kind === "secret" ? secretKeyBytes(scheme.algorithm) : scheme.publicKeyBytes;
    if (bytes.length !== length || bytes.toString("base64url") !== text) return undefined;
    const times = [Number(from), Number(notBefore), notAfter === "-" ? Infinity : Number(notAfter)] as const;
    if (!times.every((time) => time === Infinity || Number.isSafeInteger(time))) return undefined;
    const [signsFromMs, notBeforeMs, notAfterMs] = times;
    const half = kind === "secret" ? importKey(scheme.algorithm, bytes) : Uint8Array.from(bytes);
    return { half, signsFromMs, notBeforeMs, notAfterMs };
  } finally {
    bytes.fill(0);
  }
}

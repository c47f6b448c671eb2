import * as crypto from "node:crypto";
import { CryptoError, KeyFileFormatError, KeyFileVersionError } from "../errors.ts";
import type { KeyAlgorithm } from "../keys/algorithm.ts";
import { importKey, SECRET_KEY_BYTES, secretKeyBytes, type SecretKey } from "../keys/secret-key.ts";
import { PKCS8_PREFIX, privateKeyObject } from "./der.ts";
import { requireMethod } from "../arguments.ts";
import { checkOf } from "./internal/file-check.ts";
import { createFile, removeTwins } from "./internal/new-file.ts";
import { readPrivate, requirePath } from "./internal/private-file.ts";

/**
 * Maximum length of a key file, in bytes. A real one has fewer than 200, and a file of another kind is not read whole.
 */
export const KEY_FILE_BYTES_MAX = 4_096;

const PEM_BEGIN = "-----BEGIN PRIVATE KEY-----";
const PEM_END = "-----END PRIVATE KEY-----";
const LINE_NAME = "void-key";
/** Tab, line feed, carriage return, space. */
const WHITE_SPACE: ReadonlySet<number> = new Set([9, 10, 13, 32]);
const LINE_VERSION = `${LINE_NAME}-2`;
/** Without a check, and read as well. */
const OLD_LINE_VERSION = `${LINE_NAME}-1`;
const LINE = /^((void-key-\d{1,9}) ([a-z0-9+-]{1,40}) ([A-Za-z0-9_-]{43,86}))(?: ([A-Za-z0-9_-]{22}))?\n$/;

/**
 * Writes a key to a new file that only its owner can open (mode 0600), and returns when it is on the disk. A crash leaves the
 * whole file or none. The file system must have hard links. An Ed25519 key becomes PKCS#8 PEM, which OpenSSL reads, followed by its public half, by which a reader
 * notices damage. Every other key becomes one line of text with a check: see `docs/format.md`.
 *
 * @throws InvalidOptionError for a path that is not a string, or what is no key.
 * @throws KeyFileExistsError if a file exists at `path`: a key is never overwritten.
 * @throws KeyFileAccessError if the file system refuses.
 * @throws SecretDestroyedError if the key was destroyed.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { generateKey } from "@void-system/crypto";
 * import { ed25519, readKeyFile, writeKeyFile } from "@void-system/crypto/node";
 *
 * const path = join(mkdtempSync(join(tmpdir(), "keys-")), "node0.key");
 * const key = generateKey("ed25519");
 * writeKeyFile(path, key);
 * const again = readKeyFile(path, "ed25519");
 * ed25519.signer(again).keyId === ed25519.signer(key).keyId; // => true
 * ```
 */
export function writeKeyFile(path: string, key: SecretKey): void {
  requirePath(path);
  requireMethod("a secret key", key, "use");
  const content = encode(key);
  try {
    createFile(path, content);
  } finally {
    content.fill(0);
  }
}

/**
 * Reads a key written by writeKeyFile or by `openssl genpkey -algorithm ed25519`. A file that was damaged since writeKeyFile wrote
 * it is refused, apart from white space at the end of an Ed25519 key. One of openssl, or of a version of this package that wrote no public half and no check, is read as it is: there,
 * damage may give another key. `openssl pkey -in node.key -pubout >> node.key` adds the public half. If a crash of writeKeyFile
 * left a second name of the file, that is removed.
 *
 * @throws InvalidOptionError for a path that is not a string, or an unknown algorithm.
 * @throws KeyFileModeError if users other than the owner may open the file.
 * @throws KeyFileFormatError if the file does not hold a key of `algorithm`.
 * @throws KeyFileVersionError if its format has another version.
 * @throws KeyFileAccessError if the file is missing, or the file system refuses.
 */
export function readKeyFile<const A extends KeyAlgorithm>(path: string, algorithm: A): SecretKey<A> {
  requirePath(path);
  secretKeyBytes(algorithm); // refuses an unknown one before the file is touched
  const content = readPrivate(path, KEY_FILE_BYTES_MAX);
  try {
    const key = decodeKey(path, content, algorithm);
    removeTwins(path);
    return key;
  } finally {
    content.fill(0);
  }
}

/** Returns the key in the content of a key file. `path` is for messages. */
export function decodeKey<const A extends KeyAlgorithm>(path: string, content: Buffer, algorithm: A): SecretKey<A> {
  const secret = algorithm === "ed25519" ? fromPem(path, content) : fromLine(path, content, algorithm);
  try {
    return importKey(algorithm, secret);
  } finally {
    secret.fill(0);
  }
}

/**
 * Returns the key as PKCS#8 PEM, as node:tls and OpenSSL accept it. A string cannot be zeroed: pass it on, do not keep
 * it.
 *
 * @throws SecretDestroyedError if the key was destroyed.
 */
export function privateKeyPem(key: SecretKey<"ed25519">): string {
  return privateKeyObject(crypto, key).export({ type: "pkcs8", format: "pem" }).toString();
}

function encode(key: SecretKey): Buffer {
  if (isFor(key, "ed25519")) return Buffer.from(pemOf(privateKeyObject(crypto, key)));
  secretKeyBytes(key.algorithm); // no reader would take another one
  return key.use((bytes) => {
    const line = `${LINE_VERSION} ${key.algorithm} ${Buffer.from(bytes).toString("base64url")}`;
    return Buffer.from(`${line} ${checkOf(line)}\n`);
  });
}

/** Returns the text of an Ed25519 key file: both halves as PEM. */
function pemOf(key: crypto.KeyObject): string {
  const privateHalf = key.export({ type: "pkcs8", format: "pem" });
  return `${privateHalf.toString()}${crypto.createPublicKey(key).export({ type: "spki", format: "pem" }).toString()}`;
}

function isFor<A extends KeyAlgorithm>(key: SecretKey, algorithm: A): key is SecretKey<A> {
  return key.algorithm === algorithm;
}

function fromPem(path: string, content: Buffer): Uint8Array {
  const expected = "an Ed25519 private key as PKCS#8 PEM";
  if (!content.subarray(0, PEM_BEGIN.length).equals(Buffer.from(PEM_BEGIN))) {
    throw new KeyFileFormatError(path, expected, content.length === 0 ? "an empty file" : "another kind of file");
  }
  let der: Buffer;
  try {
    const key = crypto.createPrivateKey({ key: content, format: "pem", type: "pkcs8" });
    if (key.asymmetricKeyType !== "ed25519") {
      throw new KeyFileFormatError(path, expected, `a key of type ${key.asymmetricKeyType ?? "unknown"}`);
    }
    // OpenSSL reads the first key and silently ignores the rest, which must be the public half of that key, or nothing.
    if (!isAlone(content) && withoutEnd(content).toString("latin1").replaceAll("\r\n", "\n") !== pemOf(key).trimEnd()) {
      throw new KeyFileFormatError(path, expected, "one with something after it that is not its public half, or damaged");
    }
    der = key.export({ type: "pkcs8", format: "der" });
  } catch (cause) {
    // OpenSSL's own message says where its decoder stopped, which does not help: the file is damaged.
    throw cause instanceof CryptoError ? cause : new KeyFileFormatError(path, expected, "damaged PEM");
  }
  try {
    if (der.length !== PKCS8_PREFIX.length + SECRET_KEY_BYTES)
      throw new KeyFileFormatError(path, expected, "another encoding");
    return Uint8Array.from(der.subarray(PKCS8_PREFIX.length));
  } finally {
    der.fill(0);
  }
}

/** Returns true if nothing but white space follows the private half. */
function isAlone(content: Buffer): boolean {
  const end = content.indexOf(PEM_END);
  return end < 0 || content.subarray(end + PEM_END.length).every((byte) => WHITE_SPACE.has(byte));
}

/** Returns the content without the white space at its end. */
function withoutEnd(content: Buffer): Buffer {
  return content.subarray(0, content.findLastIndex((byte) => !WHITE_SPACE.has(byte)) + 1);
}

function fromLine(path: string, content: Buffer, algorithm: KeyAlgorithm): Uint8Array {
  const expected = `one line "${LINE_VERSION} ${algorithm} <${secretKeyBytes(algorithm)} bytes as base64url> <check>"`;
  const [, line = "", version, named, secret, check] = LINE.exec(content.toString("latin1")) ?? [];
  if (version === undefined || named === undefined || secret === undefined) {
    throw new KeyFileFormatError(path, expected, content.length === 0 ? "an empty file" : "another kind of file");
  }
  if (version !== LINE_VERSION && version !== OLD_LINE_VERSION) throw new KeyFileVersionError(path, LINE_VERSION, version);
  const isIntact = version === OLD_LINE_VERSION ? check === undefined : check === checkOf(line);
  if (!isIntact) throw new KeyFileFormatError(path, expected, "a line that does not fit its check: it was damaged");
  if (named !== algorithm) throw new KeyFileFormatError(path, expected, `a key for ${named}`);
  const bytes = Buffer.from(secret, "base64url");
  if (bytes.length !== secretKeyBytes(algorithm)) throw new KeyFileFormatError(path, expected, `${bytes.length} bytes`);
  if (bytes.toString("base64url") !== secret)
    throw new KeyFileFormatError(path, expected, "base64url that is not canonical");
  return bytes;
}

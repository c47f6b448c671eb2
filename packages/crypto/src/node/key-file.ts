import * as crypto from "node:crypto";
import { CryptoError, KeyFileFormatError, KeyFileVersionError } from "../errors.ts";
import type { KeyAlgorithm } from "../keys/algorithm.ts";
import { importKey, SECRET_KEY_BYTES, secretKeyBytes, type SecretKey } from "../keys/secret-key.ts";
import { PKCS8_PREFIX, privateKeyObject } from "./der.ts";
import { readPrivate, writeNew } from "./internal/private-file.ts";

/**
 * Maximum length of a key file, in bytes. A real one has fewer than 200, and a file of another kind is not read whole.
 */
export const KEY_FILE_BYTES_MAX = 4_096;

const PEM_BEGIN = "-----BEGIN PRIVATE KEY-----";
const PEM_END = "-----END PRIVATE KEY-----";
const LINE_NAME = "void-key";
/** Tab, line feed, carriage return, space. */
const WHITE_SPACE: ReadonlySet<number> = new Set([9, 10, 13, 32]);
const LINE_VERSION = `${LINE_NAME}-1`;
const LINE = /^(void-key-\d{1,9}) ([a-z0-9+-]{1,40}) ([A-Za-z0-9_-]{43,86})\n$/;

/**
 * Writes a key to a new file that only its owner can open (mode 0600), and returns when it is on the disk. An Ed25519
 * key becomes PKCS#8 PEM, which OpenSSL reads. Every other key becomes one line of text: see `docs/format.md`.
 *
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
  const content = encode(key);
  try {
    writeNew(path, content);
  } finally {
    content.fill(0);
  }
}

/**
 * Reads a key written by writeKeyFile or by `openssl genpkey -algorithm ed25519`.
 *
 * @throws KeyFileModeError if users other than the owner may open the file.
 * @throws KeyFileFormatError if the file does not hold a key of `algorithm`.
 * @throws KeyFileVersionError if its format has another version.
 * @throws KeyFileAccessError if the file is missing, or the file system refuses.
 */
export function readKeyFile<const A extends KeyAlgorithm>(path: string, algorithm: A): SecretKey<A> {
  const content = readPrivate(path, KEY_FILE_BYTES_MAX);
  try {
    const secret = algorithm === "ed25519" ? fromPem(path, content) : fromLine(path, content, algorithm);
    try {
      return importKey(algorithm, secret);
    } finally {
      secret.fill(0);
    }
  } finally {
    content.fill(0);
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
  if (isFor(key, "ed25519")) return Buffer.from(privateKeyPem(key));
  return key.use((bytes) =>
    Buffer.from(`${LINE_VERSION} ${key.algorithm} ${Buffer.from(bytes).toString("base64url")}\n`)
  );
}

function isFor<A extends KeyAlgorithm>(key: SecretKey, algorithm: A): key is SecretKey<A> {
  return key.algorithm === algorithm;
}

function fromPem(path: string, content: Buffer): Uint8Array {
  const expected = "an Ed25519 private key as PKCS#8 PEM";
  if (!content.subarray(0, PEM_BEGIN.length).equals(Buffer.from(PEM_BEGIN))) {
    throw new KeyFileFormatError(path, expected, content.length === 0 ? "an empty file" : "another kind of file");
  }
  const end = content.indexOf(PEM_END);
  // OpenSSL reads the first key and silently ignores the rest, which could be a second key that nobody knows of.
  if (end >= 0 && content.subarray(end + PEM_END.length).some((byte) => !WHITE_SPACE.has(byte)))
    throw new KeyFileFormatError(path, expected, "a key with something after it");
  let der: Buffer;
  try {
    const key = crypto.createPrivateKey({ key: content, format: "pem", type: "pkcs8" });
    if (key.asymmetricKeyType !== "ed25519") {
      throw new KeyFileFormatError(path, expected, `a key of type ${key.asymmetricKeyType ?? "unknown"}`);
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

function fromLine(path: string, content: Buffer, algorithm: KeyAlgorithm): Uint8Array {
  const expected = `one line "${LINE_VERSION} ${algorithm} <${secretKeyBytes(algorithm)} bytes as base64url>"`;
  const [, version, named, secret] = LINE.exec(content.toString("latin1")) ?? [];
  if (version === undefined || named === undefined || secret === undefined) {
    throw new KeyFileFormatError(path, expected, content.length === 0 ? "an empty file" : "another kind of file");
  }
  if (version !== LINE_VERSION) throw new KeyFileVersionError(path, LINE_VERSION, version);
  if (named !== algorithm) throw new KeyFileFormatError(path, expected, `a key for ${named}`);
  const bytes = Buffer.from(secret, "base64url");
  if (bytes.length !== secretKeyBytes(algorithm)) throw new KeyFileFormatError(path, expected, `${bytes.length} bytes`);
  if (bytes.toString("base64url") !== secret)
    throw new KeyFileFormatError(path, expected, "base64url that is not canonical");
  return bytes;
}

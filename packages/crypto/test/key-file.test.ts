import { createPublicKey, generateKeyPairSync } from "node:crypto";
import fs, { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  generateKey,
  importKey,
  KeyFileAccessError,
  KeyFileExistsError,
  KeyFileFormatError,
  KeyFileModeError,
  KeyFileVersionError,
  type KeyAlgorithm,
} from "../src/index.ts";
import { ed25519, privateKeyPem, publicKeyFromSpki, readKeyFile, spkiOf, writeKeyFile } from "../src/node/index.ts";

const folder = mkdtempSync(join(tmpdir(), "void-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function fresh(content?: string | Uint8Array, mode = 0o600): string {
  count += 1;
  const path = join(folder, `${count}.key`);
  if (content !== undefined) writeFileSync(path, content, { mode });
  if (content !== undefined) chmodSync(path, mode);
  return path;
}

// Frozen: docs/format.md. The PEM is what `openssl pkey` prints for the seed of 32 bytes 0x07.
const PEM = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
-----END PRIVATE KEY-----
`;
const LINE = "void-key-1 hmac-sha256 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\n";

test.each([
  ["ed25519", PEM],
  ["hmac-sha256", LINE],
] as const)("the format of %s is frozen", (algorithm, content) => {
  const path = fresh();
  writeKeyFile(path, importKey(algorithm, new Uint8Array(32).fill(7)));
  expect(readFileSync(path, "latin1")).toBe(content);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readKeyFile(fresh(content), algorithm).use((bytes) => bytes.slice())).toEqual(new Uint8Array(32).fill(7));
});

test.each(["ml-dsa-65", "ml-dsa-65+ed25519", "x-wing", "shared-secret"] as const)(
  "keys of %s are written as a line",
  (algorithm) => {
    const path = fresh();
    const key = generateKey(algorithm);
    writeKeyFile(path, key);
    expect(readKeyFile(path, algorithm).use((bytes) => bytes.slice())).toEqual(key.use((bytes) => bytes.slice()));
    expect(() => readKeyFile(path, "hmac-sha256")).toThrow(KeyFileFormatError);
  }
);

// Frozen: a key made by `openssl genpkey -algorithm ed25519` of OpenSSL 3.0.19, and its text from `openssl pkey -text_pub`.
const OPENSSL_PEM = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEILbKT9e2W9xcHqEhinZiD69JDFK7cGZZswl+VFI+26co
-----END PRIVATE KEY-----
`;
const OPENSSL_PUBLIC = "afd44a3361ed3103aa92ad190e1eddae617f5eb4cabba410b9b6822d1eb95804";

test("keys of openssl are read, and written in the same form", () => {
  const key = readKeyFile(fresh(OPENSSL_PEM), "ed25519");
  expect(Buffer.from(ed25519.signer(key).publicKey).toString("hex")).toBe(OPENSSL_PUBLIC);
  const path = fresh();
  writeKeyFile(path, key);
  expect(readFileSync(path, "latin1")).toBe(OPENSSL_PEM);
});

test("a key file is never overwritten", () => {
  const path = fresh("precious");
  expect(() => writeKeyFile(path, generateKey("ed25519"))).toThrow(KeyFileExistsError);
  expect(readFileSync(path, "latin1")).toBe("precious");
});

test.each([
  ["fsyncSync", 1],
  ["closeSync", 1],
  ["fsyncSync", 2], // of the folder
] as const)("a key that may not be on the disk is not left there: %s fails, call %i", (name, failing) => {
  const path = fresh();
  const [key, real] = [generateKey("ed25519"), fs[name]];
  let calls = 0;
  fs[name] = (file) => {
    real(file);
    if ((calls += 1) === failing) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
  };
  syncBuiltinESMExports();
  try {
    expect(() => writeKeyFile(path, key)).toThrow(KeyFileAccessError);
  } finally {
    fs[name] = real;
    syncBuiltinESMExports();
  }
  writeKeyFile(path, key); // nothing is in its way
});

test.each([0o640, 0o604, 0o660, 0o644, 0o610, 0o601])("mode %o is refused, with advice", (mode) => {
  const path = fresh(PEM, mode);
  expect(() => readKeyFile(path, "ed25519")).toThrow(KeyFileModeError);
  expect(() => readKeyFile(path, "ed25519")).toThrow(`chmod 600 ${path}`);
});

test("white space after a key, and line ends of Windows, are accepted", () => {
  for (const content of [`${PEM}\n\n`, PEM.trimEnd(), PEM.replaceAll("\n", "\r\n")])
    expect(readKeyFile(fresh(content), "ed25519").use((bytes) => bytes.slice())).toEqual(new Uint8Array(32).fill(7));
});

test("a key file that is a dangling link is not written through it", () => {
  const link = join(folder, "dangling.key");
  symlinkSync(join(folder, "elsewhere"), link);
  expect(() => writeKeyFile(link, generateKey("ed25519"))).toThrow(KeyFileExistsError);
  expect(() => statSync(join(folder, "elsewhere"))).toThrow(/ENOENT/);
});

test("a narrower mode is accepted", () => {
  expect(readKeyFile(fresh(PEM, 0o400), "ed25519").algorithm).toBe("ed25519");
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ type: "pkcs8", format: "pem" });
const x25519 = generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" });
const encrypted = generateKeyPairSync("ed25519", {
  privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const malformed: readonly (readonly [string, KeyAlgorithm, string])[] = [
  ["empty", "ed25519", ""],
  ["empty", "hmac-sha256", ""],
  ["the other kind", "ed25519", LINE],
  ["the other kind", "hmac-sha256", PEM],
  ["truncated", "ed25519", PEM.slice(0, 80)],
  ["flipped", "ed25519", PEM.replace("MC4C", "MC5C")],
  ["an RSA key", "ed25519", String(rsa)],
  ["an X25519 key", "ed25519", String(x25519)],
  ["a public key", "ed25519", encrypted.publicKey],
  ["an encrypted key", "ed25519", encrypted.privateKey],
  ["text before", "ed25519", `x\n${PEM}`],
  ["too long", "ed25519", PEM.padEnd(5_000, "\n")],
  ["a second key after it", "ed25519", PEM + PEM],
  ["text after", "ed25519", `${PEM}x`],
  ["an end that is not one", "ed25519", PEM.replace("-----END", "----END")],
  ["without its newline", "hmac-sha256", LINE.trimEnd()],
  ["two lines", "hmac-sha256", LINE + LINE],
  ["a short secret", "hmac-sha256", LINE.replace("BwcH", "")],
  ["not canonical", "hmac-sha256", LINE.replace("Bwc\n", "Bwd\n")],
  ["another algorithm", "hmac-sha256", LINE.replace("hmac-sha256", "hmac-sha512")],
  ["binary", "hmac-sha256", "\0\u00ff\u0001"],
];
test.each(malformed)("refused: %s for %s", (_name, algorithm, content) => {
  const path = fresh(content);
  expect(() => readKeyFile(path, algorithm)).toThrow(KeyFileFormatError);
  expect(() => readKeyFile(path, algorithm)).not.toThrow("BwcHBw");
});

test("another version is refused as such", () => {
  expect(() => readKeyFile(fresh(LINE.replace("key-1", "key-2")), "hmac-sha256")).toThrow(KeyFileVersionError);
});

test("a refusal by the file system is reported with its reason", () => {
  expect(() => readKeyFile(join(folder, "none"), "ed25519")).toThrow(KeyFileAccessError);
  expect(() => writeKeyFile(join(folder, "none", "a.key"), generateKey("ed25519"))).toThrow(
    /ENOENT.*check that the folder exists/
  );
  const directory = join(folder, "directory");
  mkdirSync(directory, { mode: 0o700 });
  expect(() => readKeyFile(directory, "ed25519")).toThrow(KeyFileFormatError);
  expect(() => readKeyFile("/dev/null", "ed25519")).toThrow(KeyFileFormatError);
});

test("keys have the form that TLS expects", () => {
  const key = generateKey("ed25519");
  const { publicKey } = ed25519.signer(key);
  const theirs = createPublicKey(privateKeyPem(key)).export({ type: "spki", format: "der" });
  expect(Buffer.from(spkiOf(publicKey)).equals(theirs)).toBe(true);
  expect(publicKeyFromSpki(theirs)).toEqual(publicKey);
  expect(publicKeyFromSpki(theirs.subarray(1))).toBeUndefined();
  expect(publicKeyFromSpki(createPublicKey(x25519).export({ type: "spki", format: "der" }))).toBeUndefined();
});

import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import fs, { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import {
  CryptoError,
  generateKey,
  importKey,
  KeyFileAccessError,
  KeyFileExistsError,
  KeyFileFormatError,
  KeyFileModeError,
  KeyFileVersionError,
  type KeyAlgorithm,
} from "../src/index.ts";
import { decodeKey } from "../src/node/key-file.ts";
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

// Frozen: docs/format.md. The PEM is what `openssl pkey`, and then `openssl pkey -pubout`, print for the seed of 32 bytes 0x07.
const OLD_PEM = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
-----END PRIVATE KEY-----
`;
const PEM = `${OLD_PEM}-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=
-----END PUBLIC KEY-----
`;
const OLD_LINE = "void-key-1 hmac-sha256 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\n";
const LINE = "void-key-2 hmac-sha256 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc vWipeteT9JRb9g25UA6bVA\n";

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

test.each([
  ["ed25519", OLD_PEM],
  ["hmac-sha256", OLD_LINE],
] as const)("a file of %s without a public half or a check is read", (algorithm, content) => {
  expect(readKeyFile(fresh(content), algorithm).use((bytes) => bytes.slice())).toEqual(new Uint8Array(32).fill(7));
});

test.each([
  ["ed25519", PEM],
  ["hmac-sha256", LINE],
] as const)("a file of %s with one changed byte is refused, whatever byte it is", (algorithm, content) => {
  const taken: string[] = [];
  for (let at = 0; at < content.length; at += 1) {
    for (const flip of [1, 32]) {
      const damaged = Buffer.from(content, "latin1");
      damaged[at]! ^= flip;
      try {
        decodeKey("node.key", damaged, algorithm);
        taken.push(JSON.stringify(content.slice(at)));
      } catch (error) {
        expect(error).toBeInstanceOf(CryptoError);
      }
    }
  }
  expect(taken).toEqual([]);
});

test("the line feed at the end of an Ed25519 key may become a tab, a carriage return or a space, and nothing else", () => {
  const taken = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => {
    const changed = Buffer.from(PEM, "latin1").fill(byte, PEM.length - 1);
    try {
      return decodeKey("node.key", changed, "ed25519").algorithm === "ed25519";
    } catch (error) {
      expect(error).toBeInstanceOf(KeyFileFormatError);
      return false;
    }
  });
  expect(taken).toEqual([9, 10, 13, 32]);
});

test("a public half that is another key's is refused", () => {
  const other = fresh();
  writeKeyFile(other, generateKey("ed25519"));
  const content = OLD_PEM + readFileSync(other, "latin1").split("-----END PRIVATE KEY-----\n")[1]!;
  expect(() => readKeyFile(fresh(content), "ed25519")).toThrow(/not its public half, or damaged/);
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

test("keys of openssl are read, and written in the same form, with the public half that openssl would add", () => {
  const key = readKeyFile(fresh(OPENSSL_PEM), "ed25519");
  const { publicKey } = ed25519.signer(key);
  expect(Buffer.from(publicKey).toString("hex")).toBe(OPENSSL_PUBLIC);
  const path = fresh();
  writeKeyFile(path, key);
  const pubout = createPublicKey(OPENSSL_PEM).export({ type: "spki", format: "pem" }).toString();
  expect(readFileSync(path, "latin1")).toBe(OPENSSL_PEM + pubout);
  expect(createPublicKey(createPrivateKey(readFileSync(path, "latin1"))).export({ type: "spki", format: "pem" })).toBe(pubout);
});

/** Runs a write of a key in a process that is killed just before the nth call of a function of node:fs. */
function killedBefore(call: string, nth: number, path: string, bundle: string): string | null {
  const patch = `import{syncBuiltinESMExports}from"node:module";import fs from"node:fs";let n=0;const real=fs.${call};
    fs.${call}=(...a)=>{if(++n===${nth})process.kill(process.pid,"SIGKILL");return real(...a)};syncBuiltinESMExports();`;
  const write = `import{generateKey,writeKeyFile}from${JSON.stringify(bundle)};writeKeyFile(process.argv[1],generateKey("ed25519"))`;
  const args = ["--import", `data:text/javascript,${encodeURIComponent(patch)}`, "--input-type=module", "-e", write, path];
  return spawnSync(process.execPath, args).signal;
}

test("a crash before any call leaves the whole key or none, and the next writer gets in", async () => {
  const bundle = join(folder, "key-file.mjs");
  const contents = 'export { generateKey } from "./src/index.ts"; export { writeKeyFile } from "./src/node/index.ts";';
  const resolveDir = fileURLToPath(new URL("..", import.meta.url));
  await build({ stdin: { contents, resolveDir, loader: "ts" }, bundle: true, format: "esm", platform: "node", conditions: ["void-source"], outfile: bundle, logLevel: "silent" });
  const calls = [["linkSync", 1], ["rmSync", 1]] as const;
  for (const [call, nth] of calls) {
    const own = mkdtempSync(join(folder, "crash-"));
    const path = join(own, "node.key");
    expect(killedBefore(call, nth, path, bundle), call).toBe("SIGKILL");
    expect(readdirSync(own).length).toBeGreaterThan(0); // a draft is left
    if (readdirSync(own).includes("node.key")) {
      expect(readKeyFile(path, "ed25519").algorithm).toBe("ed25519");
    } else {
      writeKeyFile(path, generateKey("ed25519"));
    }
    expect(readdirSync(own)).toEqual(["node.key"]); // no secret is left beside it
  }
});

test.each([
  ["a reader", (path: string) => void readKeyFile(path, "ed25519")],
  ["a reader through a symbolic link", (path: string) => {
    symlinkSync(path, `${path}.link`);
    readKeyFile(`${path}.link`, "ed25519");
  }],
  ["a writer", (path: string) => expect(() => writeKeyFile(path, generateKey("ed25519"))).toThrow(KeyFileExistsError)],
])("the second name of a key, left by a crash, is removed by %s; the drafts and backups of others stay", (_name, use) => {
  const path = fresh(PEM);
  const [twin, backup, draft] = [`${path}.0123456789abcdef.new`, `${path}.backup`, `${path}.fedcba9876543210.new`] as const;
  linkSync(path, twin);
  linkSync(path, backup);
  writeFileSync(draft, "another writer's");
  mkdirSync(`${path}.0000000000000000.new`); // comes first, and cannot be removed
  use(path);
  expect([twin, backup, draft].map((file) => existsSync(file))).toEqual([false, true, true]);
});

test("a folder named like a draft does not keep other drafts from being removed", () => {
  const path = fresh();
  mkdirSync(`${path}.0000000000000000.new`);
  writeFileSync(`${path}.0123456789abcdef.new`, "left by a crash");
  writeKeyFile(path, generateKey("ed25519"));
  expect(existsSync(`${path}.0123456789abcdef.new`)).toBe(false);
});

test("of two writers that meet one gets the name, and the other is refused", () => {
  const path = fresh();
  const real = fs.linkSync;
  fs.linkSync = (draft, to) => {
    fs.linkSync = real;
    syncBuiltinESMExports();
    writeKeyFile(path, importKey("ed25519", new Uint8Array(32).fill(7))); // the other one is faster, and removes our draft
    real(draft, to);
  };
  syncBuiltinESMExports();
  expect(() => writeKeyFile(path, generateKey("ed25519"))).toThrow(KeyFileExistsError);
  expect(readFileSync(path, "latin1")).toBe(PEM);
});

test("a key file is never overwritten", () => {
  const path = fresh("precious");
  expect(() => writeKeyFile(path, generateKey("ed25519"))).toThrow(KeyFileExistsError);
  expect(readFileSync(path, "latin1")).toBe("precious");
});

test.each([
  ["fsyncSync", 1],
  ["closeSync", 1],
  ["fsyncSync", 2], // of the folder, for the draft
  ["fsyncSync", 3], // and for the key
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
  ["without its newline", "hmac-sha256", OLD_LINE.trimEnd()],
  ["two lines", "hmac-sha256", OLD_LINE + OLD_LINE],
  ["a short secret", "hmac-sha256", OLD_LINE.replace("BwcH", "")],
  ["not canonical", "hmac-sha256", OLD_LINE.replace("Bwc\n", "Bwd\n")],
  ["a check in a file that has none", "hmac-sha256", LINE.replace("key-2", "key-1")],
  ["without its check", "hmac-sha256", OLD_LINE.replace("key-1", "key-2")],
  ["another algorithm", "hmac-sha256", OLD_LINE.replace("hmac-sha256", "hmac-sha512")],
  ["binary", "hmac-sha256", "\0\u00ff\u0001"],
];
test.each(malformed)("refused: %s for %s", (_name, algorithm, content) => {
  const path = fresh(content);
  expect(() => readKeyFile(path, algorithm)).toThrow(KeyFileFormatError);
  expect(() => readKeyFile(path, algorithm)).not.toThrow("BwcHBw");
});

test("another version is refused as such", () => {
  expect(() => readKeyFile(fresh(LINE.replace("key-2", "key-3")), "hmac-sha256")).toThrow(KeyFileVersionError);
});

test("a full disk is said to be full", () => {
  const real = fs.writeFileSync;
  fs.writeFileSync = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  syncBuiltinESMExports();
  try {
    expect(() => writeKeyFile(fresh(), generateKey("ed25519"))).toThrow(/ENOSPC.*make room on the disk/);
  } finally {
    fs.writeFileSync = real;
    syncBuiltinESMExports();
  }
});

test("a file system without hard links is said to have none", () => {
  const real = fs.linkSync;
  fs.linkSync = () => {
    throw Object.assign(new Error("EPERM: operation not permitted, link"), { code: "EPERM" });
  };
  syncBuiltinESMExports();
  const path = fresh();
  try {
    expect(() => writeKeyFile(path, generateKey("ed25519"))).toThrow(/could not link.*EPERM.*choose a file system with hard links/);
  } finally {
    fs.linkSync = real;
    syncBuiltinESMExports();
  }
  expect(readdirSync(folder).filter((name) => name.startsWith(`${count}.key`))).toEqual([]);
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

import { inspect } from "node:util";
import { LinearTypeError } from "@void-system/linear";
import { expect, test } from "vitest";
import {
  CryptoError,
  generateKey,
  importKey,
  InvalidSecretKeyError,
  Mac,
  SecretDestroyedError,
  type SecretKey,
} from "../src/index.ts";

const SEED = Uint8Array.from({ length: 32 }, (_, index) => 200 + (index % 50));

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function showings(key: SecretKey): string[] {
  return [
    JSON.stringify({ key }),
    `${key}`,
    String(key),
    inspect(key, { showHidden: true, depth: 9 }),
    Object.values(key).join(),
    JSON.stringify(Object.entries({ ...key })),
    inspect(structuredClone({ ...key }), { depth: 9 }),
  ];
}

test("a secret key never shows its bytes", () => {
  const key = importKey("ed25519", SEED);
  for (const shown of showings(key)) {
    expect(shown).not.toContain("200");
    expect(shown).not.toContain(Buffer.from(SEED).toString("hex").slice(0, 8));
    expect(shown).not.toContain(Buffer.from(SEED).toString("base64").slice(0, 6));
  }
});

test("destroying zeroes the bytes, once, and every later use throws", () => {
  const key = importKey("hmac-sha256", SEED);
  const held = key.use((bytes) => bytes);
  expect(held).toEqual(SEED);
  expect(held).not.toBe(SEED);
  key.destroy();
  key.destroy();
  expect(held).toEqual(new Uint8Array(32));
  expect(key.destroyed).toBe(true);
  expect(() => key.use(() => 1)).toThrow(SecretDestroyedError);
  expect(() => new Mac(key).tag(SEED)).toThrow(SecretDestroyedError);
});

test("a borrowed key cannot be destroyed", async () => {
  const key = importKey("ed25519", SEED);
  expect(() => key.use(() => key.destroy())).toThrow(LinearTypeError);
  let finish: (() => void) | undefined;
  const borrowed = key.use(async (bytes) => {
    await new Promise<void>((resolve) => (finish = resolve));
    return bytes[0];
  });
  expect(() => key.destroy()).toThrow(LinearTypeError);
  finish!();
  expect(await borrowed).toBe(200);
  key.destroy();
  expect(key.destroyed).toBe(true);
});

test("a key can be a `using` resource", () => {
  let outside: SecretKey;
  {
    using key = generateKey("ed25519");
    outside = key;
    expect(key.destroyed).toBe(false);
  }
  expect(outside.destroyed).toBe(true);
});

test("generated keys differ, and imported keys must have the right length", () => {
  const [a, b] = [generateKey("ed25519"), generateKey("ed25519")].map((key) => key.use((bytes) => bytes.slice()));
  expect(a).not.toEqual(b);
  for (const length of [0, 31, 33, 64]) {
    expect(() => importKey("ed25519", new Uint8Array(length))).toThrow(InvalidSecretKeyError);
  }
});

test("no error of the package carries a secret", () => {
  const error = thrownBy(() => importKey("ed25519", SEED.subarray(1)));
  expect(error).toBeInstanceOf(CryptoError);
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("202, 203");
});

test("keys of different purposes do not mix", () => {
  const key = generateKey("ed25519");
  // @ts-expect-error an Ed25519 seed is not an HMAC key
  expect(() => new Mac(key)).toThrow(/a secret key for hmac-sha256, got one for ed25519/);
});

import * as nodeCrypto from "node:crypto";
import { expect, test } from "vitest";
import { freshKey } from "../src/ed25519/internal/fresh-key.ts";
import { ed25519, generateKey, loadPublicKey, SecretDestroyedError } from "../src/index.ts";
import { nativeFreshKey } from "../src/node/internal/native-ed25519.ts";
import * as portable from "../src/portable/index.ts";

test("a fresh key signs like any other key, on both paths", () => {
  for (const make of [freshKey, nativeFreshKey.bind(undefined, nodeCrypto)]) {
    const { key, publicKey, sign } = make(generateKey("ed25519"));
    expect(portable.ed25519.signer(key).publicKey).toEqual(publicKey);
    const message = Uint8Array.of(1, 2);
    expect(sign(message)).toEqual(ed25519.signer(key).sign(message));
    expect(ed25519.verify(message, sign(message), loadPublicKey(publicKey))).toBe(true);
    key.destroy();
    expect(() => sign(message)).toThrow(SecretDestroyedError);
  }
});

test("a runtime that refuses the JWK falls back to DER", () => {
  const strict = {
    ...nodeCrypto,
    createPrivateKey: (input: nodeCrypto.PrivateKeyInput) => {
      if (String(input.format) === "jwk") throw new Error("x does not match d");
      return nodeCrypto.createPrivateKey(input);
    },
  };
  const { key, publicKey, sign } = nativeFreshKey(strict as typeof nodeCrypto, generateKey("ed25519"));
  expect(portable.ed25519.signer(key).publicKey).toEqual(publicKey);
  expect(sign(Uint8Array.of(1))).toEqual(portable.ed25519.signer(key).sign(Uint8Array.of(1)));
});

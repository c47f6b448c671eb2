import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  generateKey,
  importKey,
  InvalidPublicKeyError,
  SecretDestroyedError,
  type SignatureAlgorithm,
  type SignatureScheme,
} from "../src/index.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Requirements of every signature scheme. `runs` is the number of random cases, because some schemes are slow. */
export function schemeSuite<A extends SignatureAlgorithm>(
  name: string,
  scheme: SignatureScheme<A>,
  runs: number
): void {
  describe(`${name}`, () => {
    const secret = generateKey(scheme.algorithm);
    const signer = scheme.signer(secret);
    const key = scheme.loadPublicKey(signer.publicKey);
    const message = text("commit 7");
    const signature = signer.sign(message);

    test("lengths and names are those of the scheme", () => {
      expect(signer.publicKey.length).toBe(scheme.publicKeyBytes);
      expect(signature.length).toBe(scheme.signatureBytes);
      expect(signer.keyId).toBe(key.keyId);
      expect([signer.algorithm, key.algorithm]).toEqual([scheme.algorithm, scheme.algorithm]);
      expect(key.toBytes()).toEqual(signer.publicKey);
      for (const bytes of [signature, signer.publicKey, key.toBytes()]) expect(bytes.constructor).toBe(Uint8Array);
    });

    test("a signature is valid for one message and key, with the key loaded or raw", () => {
      const other = scheme.signer(generateKey(scheme.algorithm));
      for (const form of [key, signer.publicKey]) {
        expect(scheme.verify(message, signature, form)).toBe(true);
        expect(scheme.verify(text("commit 8"), signature, form)).toBe(false);
        expect(scheme.verify(message, other.sign(message), form)).toBe(false);
      }
      expect(scheme.verify(message, signature, other.publicKey)).toBe(false);
    });

    test("signing is deterministic, and depends on the secret alone", () => {
      expect(signer.sign(message)).toEqual(signature);
      const copy = secret.use((bytes) => importKey(scheme.algorithm, bytes));
      expect(scheme.signer(copy).sign(message)).toEqual(signature);
      expect(scheme.signer(copy).publicKey).toEqual(signer.publicKey);
    });

    test("damaged, shortened and lengthened signatures verify nothing, and nothing throws", () => {
      fc.assert(
        fc.property(fc.nat(scheme.signatureBytes * 8 - 1), (bit) => {
          const at = bit >> 3;
          expect(scheme.verify(message, signature.with(at, signature[at]! ^ (1 << (bit & 7))), key)).toBe(false);
        }),
        { numRuns: runs }
      );
      for (const length of [0, 1, 63, scheme.signatureBytes - 1])
        expect(scheme.verify(message, signature.subarray(0, length), key)).toBe(false);
      expect(scheme.verify(message, Uint8Array.from([...signature, 0]), key)).toBe(false);
      expect(scheme.verify(message, new Uint8Array(scheme.signatureBytes), key)).toBe(false);
      expect(scheme.verify(message, new Uint8Array(scheme.signatureBytes).fill(255), key)).toBe(false);
    });

    test("keys of another length are refused at load, and verify nothing raw", () => {
      for (const length of [0, 31, 33, scheme.publicKeyBytes - 1, scheme.publicKeyBytes + 1]) {
        expect(() => scheme.loadPublicKey(new Uint8Array(length))).toThrow(InvalidPublicKeyError);
        expect(scheme.verify(message, signature, new Uint8Array(length))).toBe(false);
      }
    });

    test("an object that only looks like a loaded key verifies nothing", () => {
      const forged = { algorithm: key.algorithm, keyId: key.keyId, toBytes: () => key.toBytes() };
      expect(scheme.verify(message, signature, forged)).toBe(false);
    });

    test("a loaded key copies its bytes, so later changes have no effect", () => {
      const bytes = signer.publicKey.slice();
      const own = scheme.loadPublicKey(bytes);
      bytes.fill(0);
      own.toBytes().fill(0);
      expect(scheme.verify(message, signature, own)).toBe(true);
    });

    test("a signer throws once its key is destroyed", () => {
      const gone = generateKey(scheme.algorithm);
      const late = scheme.signer(gone);
      gone.destroy();
      expect(() => late.sign(message)).toThrow(SecretDestroyedError);
      expect(() => scheme.signer(gone)).toThrow(SecretDestroyedError);
    });
  });
}

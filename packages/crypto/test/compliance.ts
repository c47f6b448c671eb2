import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { importKey, InvalidPublicKeyError, loadPublicKey, type Primitives, SecretDestroyedError } from "../src/index.ts";
import vectors from "./vectors/ed25519.json" with { type: "json" };

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** Requirements of every implementation. Its bytes and verdicts are compared with those of the other, `reference`. */
export function compliance(name: string, { ed25519, digest, hmacSha256 }: Primitives, reference: Primitives): void {
  describe(`by ${name}`, () => {
    test.each(vectors.rfc8032)("RFC 8032 §7.1, key $key", ({ secret, key, message, signature }) => {
      const signer = ed25519.signer(importKey("ed25519", bytesOf(secret)));
      expect(hexOf(signer.publicKey)).toBe(key);
      expect(hexOf(signer.sign(bytesOf(message)))).toBe(signature);
      expect(ed25519.verify(bytesOf(message), bytesOf(signature), loadPublicKey(bytesOf(key)))).toBe(true);
      expect(signer.keyId).toBe(loadPublicKey(bytesOf(key)).keyId);
    });

    test.each(vectors.signatures)("signature: $name", ({ key, message, signature, verdict }) => {
      expect(ed25519.verify(bytesOf(message), bytesOf(signature), loadPublicKey(bytesOf(key)))).toBe(verdict);
      expect(ed25519.verify(bytesOf(message), bytesOf(signature), bytesOf(key))).toBe(verdict);
    });

    test.each(vectors.torsion)("torsion: $name", ({ key, message, signature, verdict }) => {
      expect(ed25519.verify(bytesOf(message), bytesOf(signature), bytesOf(key))).toBe(verdict);
    });

    test.each(vectors.speccheck)("ed25519-speccheck $name", ({ key, message, signature, verdict }) => {
      expect(ed25519.verify(bytesOf(message), bytesOf(signature), bytesOf(key))).toBe(verdict);
    });

    test.each(vectors.refusedKeys)("key refused: $name", ({ key }) => {
      expect(() => loadPublicKey(bytesOf(key))).toThrow(InvalidPublicKeyError);
      const anything = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7))).sign(text("x"));
      expect(ed25519.verify(text("x"), anything, bytesOf(key))).toBe(false);
      expect(ed25519.verify(text("x"), new Uint8Array(64), bytesOf(key))).toBe(false);
    });

    test("an object that only looks like a loaded key verifies nothing", () => {
      const signer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
      const key = loadPublicKey(signer.publicKey);
      const forged = { algorithm: key.algorithm, keyId: key.keyId, toBytes: () => key.toBytes() };
      expect(ed25519.verify(text("x"), signer.sign(text("x")), key)).toBe(true);
      expect(ed25519.verify(text("x"), signer.sign(text("x")), forged)).toBe(false);
    });

    test("a signer throws once its key is destroyed", () => {
      const key = importKey("ed25519", new Uint8Array(32).fill(7));
      const signer = ed25519.signer(key);
      signer.sign(text("x"));
      key.destroy();
      expect(() => signer.sign(text("x"))).toThrow(SecretDestroyedError);
      expect(() => ed25519.signer(key)).toThrow(SecretDestroyedError);
    });

    test("equal bytes and equal verdicts, on random keys, messages and damaged signatures", () => {
      const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
      fc.assert(
        fc.property(seeds, fc.uint8Array({ maxLength: 200 }), fc.nat(511), (seed, message, bit) => {
          const signer = ed25519.signer(importKey("ed25519", seed));
          const other = reference.ed25519.signer(importKey("ed25519", seed));
          const signature = signer.sign(message);
          expect(signer.publicKey).toEqual(other.publicKey);
          expect(signature).toEqual(other.sign(message));
          const damaged = signature.slice();
          damaged[bit >> 3]! ^= 1 << (bit & 7);
          const key = loadPublicKey(signer.publicKey);
          expect(ed25519.verify(message, signature, key)).toBe(true);
          expect(ed25519.verify(message, damaged, key)).toBe(false);
          expect(digest(message)).toEqual(reference.digest(message));
          expect(hmacSha256(seed, message)).toEqual(reference.hmacSha256(seed, message));
        }),
        { numRuns: 25 },
      );
    });

    test("SHA-256 of FIPS 180-4", () => {
      expect(hexOf(digest(text("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      expect(hexOf(digest(text("")))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
      const twoBlocks = text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
      expect(hexOf(digest(twoBlocks))).toBe("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
      const million = new Uint8Array(1_000_000).fill(0x61);
      expect(hexOf(digest(million))).toBe("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    });

    test("HMAC-SHA256 of RFC 4231, cases 1 to 4, 6 and 7", () => {
      expect(hexOf(hmacSha256(new Uint8Array(20).fill(0x0b), text("Hi There")))).toBe(
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      );
      expect(hexOf(hmacSha256(text("Jefe"), text("what do ya want for nothing?")))).toBe(
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      );
      const long = hmacSha256(new Uint8Array(131).fill(0xaa), text("Test Using Larger Than Block-Size Key - Hash Key First"));
      expect(hexOf(long)).toBe("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
      expect(hexOf(hmacSha256(new Uint8Array(20).fill(0xaa), new Uint8Array(50).fill(0xdd)))).toBe(
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
      );
      const counted = Uint8Array.from({ length: 25 }, (_, index) => index + 1);
      expect(hexOf(hmacSha256(counted, new Uint8Array(50).fill(0xcd)))).toBe(
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
      );
      const both =
        "This is a test using a larger than block-size key and a larger than block-size data. " +
        "The key needs to be hashed before being used by the HMAC algorithm.";
      expect(hexOf(hmacSha256(new Uint8Array(131).fill(0xaa), text(both)))).toBe(
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
      );
    });

    test("results are plain Uint8Arrays with their own memory", () => {
      const signer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
      for (const result of [digest(text("x")), hmacSha256(text("k"), text("x")), signer.sign(text("x")), signer.publicKey]) {
        expect(result.constructor).toBe(Uint8Array);
        expect(result.buffer.byteLength).toBe(result.length);
      }
    });
  });
}

import { X509Certificate } from "node:crypto";
import { ed25519, generateKey } from "@void-system/crypto";
import { spkiOf } from "@void-system/crypto/node";
import { expect, test } from "vitest";
import { createCertificate } from "../src/certificate.ts";
import { CertificateNameError, TransportError } from "../src/index.ts";

test("a certificate is of its key, signed by it, for ten years", async () => {
  const key = generateKey("ed25519");
  const nowMs = Date.UTC(2030, 0, 1);
  const pem = await createCertificate(key, { name: "node0.example:1@a-b_c", nowMs });
  const certificate = new X509Certificate(pem);
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  expect(Buffer.from(spkiOf(ed25519.signer(key).publicKey)).equals(spki)).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.subject).toBe("CN=node0.example:1@a-b_c");
  expect(new Date(certificate.validFrom).getTime()).toBe(nowMs - 24 * 60 * 60 * 1_000);
  expect(new Date(certificate.validTo).getTime()).toBe(nowMs + 10 * 365 * 24 * 60 * 60 * 1_000);
});

test.each(["", " ", "a,CN=b", "a".repeat(65), "ä", "a\nb", "#00"])("refused as a name: %j", async (name) => {
  await expect(createCertificate(generateKey("ed25519"), { name })).rejects.toThrow(CertificateNameError);
});

const wrong: readonly (readonly [unknown, unknown])[] = [
  [undefined, { name: "a" }],
  ["key", { name: "a" }],
  [generateKey("hmac-sha256"), { name: "a" }],
  [generateKey("ed25519"), undefined],
  [generateKey("ed25519"), { name: "a", nowMS: 5 }],
  [generateKey("ed25519"), { name: "a", nowMs: "5" }],
  [generateKey("ed25519"), { name: "a", nowMs: Number.NaN }],
  [generateKey("ed25519"), { name: "a", nowMs: 1e15 }],
  [generateKey("ed25519"), { name: 7 }],
];
test.each(wrong)("wrong arguments are refused: %s, %j", async (key, options) => {
  await expect(createCertificate(key as never, options as never)).rejects.toThrow(TransportError);
});

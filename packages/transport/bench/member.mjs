/** One end of a link: key and certificate, as JSON, so that it can be sent to the process that is to be it. */
import { ed25519, generateKey } from "@void-system/crypto";
import { privateKeyPem } from "@void-system/crypto/node";
import { createCertificate } from "../dist/certificate.js";

export async function member(id) {
  const key = generateKey("ed25519");
  const { publicKey, keyId } = ed25519.signer(key);
  return {
    id,
    keyId,
    seed: key.use((seed) => Buffer.from(seed).toString("hex")),
    pem: privateKeyPem(key),
    publicKey: Buffer.from(publicKey).toString("hex"),
    certificate: await createCertificate(key, { name: id }),
  };
}

/**
 * Makes the certificate that TLS asks for. It loads an X.509 library of several megabytes: import this entry where keys
 * are made, not where links are.
 *
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- x509 needs the global that it makes to be there first
import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import type { SecretKey } from "@void-system/crypto";
import { ed25519, privateKeyPem, spkiOf } from "@void-system/crypto/node";
import { X509CertificateGenerator } from "@peculiar/x509";
import { CertificateNameError, OptionError } from "./errors.ts";
import { requireOptions } from "./options.ts";

/** Years that a certificate is valid for. Only the pinned key counts; nobody reads the dates. */
export const CERTIFICATE_YEARS = 10;
/** Longest name in a certificate, in characters (RFC 5280, ub-common-name). */
export const CERTIFICATE_NAME_LENGTH_MAX = 64;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;
const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** The year 9000: a certificate holds four digits of it (RFC 5280 §4.1.2.5.2). */
const NOW_MS_MAX: number = Date.UTC(9000, 0);

/** Options of {@link createCertificate}. */
export interface CertificateOptions {
  /** The node's name, shown by tools such as `openssl x509 -text`. A peer checks the key, not the name. */
  readonly name: string;
  /** Time of issue, in milliseconds since 1970. @defaultValue now */
  readonly nowMs?: number;
}

/**
 * Returns a certificate for a node's own key, signed with that key, as PEM. The same key may also sign the node's messages:
 * TLS 1.3 signs bytes that begin with 64 spaces and a context string (RFC 8446 §4.4.3), which no message of ours does.
 *
 * @throws CertificateNameError for a name that a certificate cannot carry.
 * @throws OptionError for an option that is unknown or of a wrong kind, or a key of another algorithm.
 * @example
 * ```ts
 * import { generateKey } from "@void-system/crypto";
 * import { createCertificate } from "@void-system/transport/certificate";
 *
 * const pem = await createCertificate(generateKey("ed25519"), { name: "node0" });
 * pem.startsWith("-----BEGIN CERTIFICATE-----\n"); // => true
 * ```
 */
export async function createCertificate(key: SecretKey<"ed25519">, options: CertificateOptions): Promise<string> {
  requireOptions("options", options, ["name", "nowMs"], "");
  if (typeof options.name !== "string" || options.name.length > CERTIFICATE_NAME_LENGTH_MAX || !NAME.test(options.name)) {
    throw new CertificateNameError(options.name, CERTIFICATE_NAME_LENGTH_MAX);
  }
  if (key?.algorithm !== "ed25519") throw new OptionError("key", "an Ed25519 key, of generateKey or readKeyFile", key);
  const nowMs = options.nowMs ?? Date.now();
  if (typeof nowMs !== "number" || !(nowMs >= 0 && nowMs <= NOW_MS_MAX))
    throw new OptionError("nowMs", `milliseconds of 0 to ${NOW_MS_MAX}`, nowMs);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${options.name}`,
      notBefore: new Date(nowMs - DAY_MS), // a peer's clock may be behind
      notAfter: new Date(nowMs + CERTIFICATE_YEARS * YEAR_MS),
      signingAlgorithm: { name: "Ed25519" },
      keys: await webKeys(key),
    },
    webcrypto,
  );
  return `${certificate.toString("pem").trim()}\n`;
}

async function webKeys(key: SecretKey<"ed25519">): Promise<webcrypto.CryptoKeyPair> {
  const der = createPrivateKey(privateKeyPem(key)).export({ type: "pkcs8", format: "der" });
  try {
    const privateKey = await webcrypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
    const spki = spkiOf(ed25519.signer(key).publicKey);
    return { privateKey, publicKey: await webcrypto.subtle.importKey("spki", spki, "Ed25519", true, ["verify"]) };
  } finally {
    der.fill(0);
  }
}

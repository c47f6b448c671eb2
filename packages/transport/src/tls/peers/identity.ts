import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import { CryptoError, loadPublicKey, PUBLIC_KEY_BYTES, type SecretKey } from "@void-system/crypto";
import { privateKeyPem, publicKeyFromSpki } from "@void-system/crypto/node";
import { CertificateError, PeerError } from "../../errors.ts";
import { ALPN } from "../connection/control.ts";

/** A node's key and certificate, as TLS takes them. */
export interface Identity {
  /** Key, certificate, and nothing but TLS 1.3 with Ed25519, for servers. */
  readonly options: SecureContextOptions;
  /** The same for outgoing connections, parsed once. */
  readonly context: SecureContext;
  /** Our own public key, as {@link pinOfPeer} has it. */
  readonly pin: string;
}

/** Joins a key and its certificate. @throws {@link CertificateError} if the certificate is not this key's. */
export function identify(key: SecretKey<"ed25519">, certificate: string): Identity {
  const pem = privateKeyPem(key);
  let holder: KeyObject;
  try {
    holder = new X509Certificate(certificate).publicKey;
  } catch (cause) {
    throw new CertificateError("text that is not a certificate", { cause });
  }
  const pin = pinOf(holder);
  if (pin === undefined) throw new CertificateError(`one of a key of type ${holder.asymmetricKeyType ?? "unknown"}`);
  if (pin !== pinOf(createPublicKey(createPrivateKey(pem)))) throw new CertificateError("one of another key");
  const options = {
    key: pem,
    cert: certificate,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    sigalgs: "ed25519",
  } as const;
  return { options, context: createSecureContext(options), pin };
}

/**
 * Returns the pin of a peer: its key as text, equal exactly if the keys are. `key` is 32 raw bytes, or DER (SPKI).
 *
 * @throws {@link PeerError} if it is not an Ed25519 key.
 */
export function pinOfPeer(peer: string, key: Uint8Array): string {
  const raw = key.length === PUBLIC_KEY_BYTES ? key : publicKeyFromSpki(key);
  const expected = "an Ed25519 public key of 32 bytes, or its DER (SPKI)";
  if (raw === undefined) throw new PeerError(peer, expected, `${key.length} bytes that are neither`);
  try {
    return Buffer.from(loadPublicKey(raw).toBytes()).toString("hex");
  } catch (cause) {
    throw new PeerError(peer, expected, cause instanceof CryptoError ? cause.message : "another kind of value", { cause });
  }
}

/**
 * Returns the pin of the other side of a connection whose TLS handshake is done; undefined if it showed no key. A resumed
 * session counts as none: no honest node resumes, and the client of a resumed session sees no certificate.
 */
export function pinOfOtherSide(socket: TLSSocket): string | undefined {
  if (socket.isSessionReused() || socket.alpnProtocol !== ALPN) return undefined;
  try {
    const key = socket.getPeerX509Certificate()?.publicKey;
    return key && pinOf(key);
  } catch {
    return undefined; // a key that OpenSSL cannot export is not pinned
  }
}

function pinOf(key: KeyObject): string | undefined {
  if (key.asymmetricKeyType !== "ed25519") return undefined;
  const raw = publicKeyFromSpki(key.export({ type: "spki", format: "der" }));
  return raw && Buffer.from(raw).toString("hex");
}

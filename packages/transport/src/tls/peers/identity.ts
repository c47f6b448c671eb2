import { createPrivateKey, createPublicKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import { CryptoError, loadPublicKey, PUBLIC_KEY_BYTES, type PublicKey, type SecretKey } from "@void-system/crypto";
import { privateKeyPem, publicKeyFromSpki } from "@void-system/crypto/node";
import { CertificateError, describe, PeerError } from "../../errors.ts";
import { ALPN } from "../connection/control.ts";

/** A node's key and certificate, as TLS takes them. */
export interface Identity {
  /** Key, certificate, and nothing but TLS 1.3 with Ed25519, for servers. */
  readonly options: SecureContextOptions;
  /** The same for outgoing connections, parsed once. */
  readonly context: SecureContext;
  /** Our own public key as text. */
  readonly pin: string;
  /** Signs with our key. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
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
  const secret = createPrivateKey(pem);
  if (pin !== pinOf(createPublicKey(secret))) throw new CertificateError("one of another key");
  const options = {
    key: pem,
    cert: certificate,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    sigalgs: "ed25519",
  } as const;
  return { options, context: createSecureContext(options), pin, sign: (bytes) => sign(null, bytes, secret) };
}

/**
 * Loads the key of a peer: 32 raw bytes, or DER (SPKI).
 *
 * @throws {@link PeerError} if it is not an Ed25519 key.
 */
export function keyOfPeer(peer: string, key: Uint8Array): PublicKey {
  const expected = "an Ed25519 public key of 32 bytes, or its DER (SPKI)";
  if (!(key instanceof Uint8Array)) throw new PeerError(peer, expected, describe(key));
  const raw = key.length === PUBLIC_KEY_BYTES ? key : publicKeyFromSpki(key);
  if (raw === undefined) throw new PeerError(peer, expected, `${key.length} bytes that are neither`);
  try {
    return loadPublicKey(raw);
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

import { createPrivateKey, createPublicKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import { CryptoError, loadPublicKey, PUBLIC_KEY_BYTES, type PublicKey, type SecretKey } from "@void-system/crypto";
import { privateKeyPem, publicKeyFromSpki } from "@void-system/crypto/node";
import { CertificateError, describe, PeerError } from "../../errors.ts";
import { ALPN } from "../connection/control.ts";

/** A node's key and certificate, as TLS takes them. */
export class Identity {
  /** Our own public key as text. */
  readonly pin: string;
  readonly #pem: string;
  readonly #secret: KeyObject;
  #options: SecureContextOptions;
  #context: SecureContext;

  /** Joins a key and its certificate. @throws {@link CertificateError} if the certificate is not this key's. */
  constructor(key: SecretKey<"ed25519">, certificate: string) {
    this.#pem = privateKeyPem(key);
    this.#secret = createPrivateKey(this.#pem);
    this.pin = pinOf(createPublicKey(this.#secret)) ?? ""; // it is an Ed25519 key, so it has one
    [this.#options, this.#context] = this.#join(certificate);
  }

  /** Key, certificate, and nothing but TLS 1.3 with Ed25519, for servers. */
  get options(): SecureContextOptions {
    return this.#options;
  }

  /** The same for outgoing connections, parsed once. */
  get context(): SecureContext {
    return this.#context;
  }

  /** Signs with our key. */
  readonly sign = (bytes: Uint8Array): Uint8Array => sign(null, bytes, this.#secret);

  /** Replaces the certificate. @throws {@link CertificateError} if it is not this key's; then nothing has changed. */
  renew(certificate: string): void {
    [this.#options, this.#context] = this.#join(certificate);
  }

  #join(certificate: string): [SecureContextOptions, SecureContext] {
    const holder = holderOf(certificate);
    const pin = pinOf(holder);
    if (pin === undefined) throw new CertificateError(`one of a key of type ${holder.asymmetricKeyType ?? "unknown"}`);
    if (pin !== this.pin) throw new CertificateError("one of another key");
    const options = { key: this.#pem, cert: certificate, minVersion: "TLSv1.3", maxVersion: "TLSv1.3", sigalgs: "ed25519" } as const;
    try {
      return [options, createSecureContext(options)];
    } catch (cause) {
      throw new CertificateError("a certificate with other text that is none", { cause }); // OpenSSL reads on behind the first one
    }
  }
}

function holderOf(certificate: string): KeyObject {
  try {
    return new X509Certificate(certificate).publicKey;
  } catch (cause) {
    throw new CertificateError("text that is not a certificate", { cause });
  }
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

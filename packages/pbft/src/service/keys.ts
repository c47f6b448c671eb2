/** The protocol's cryptography on `@void-system/crypto`: Ed25519 and SHA-256. */
import { digest, ed25519, loadPublicKey, type PublicKey, type Signer } from "@void-system/crypto";
import type { PeerId } from "@void-system/effects";
import type { Ports } from "../ports.ts";

/** This node's key, and where those of the others are found. */
export interface Keys {
  /** Signs as this node. */
  readonly signer: Signer;
  /** The public key of a replica or client, 32 bytes, or undefined: then nothing of it is believed. */
  readonly publicKeyOf: (id: PeerId) => Uint8Array | undefined;
}

/**
 * Ports over keys. Public keys are loaded once; the lookup is asked each time, so that keys may come and go.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey } from "@void-system/crypto";
 * import { peerId } from "@void-system/effects";
 * import { portsOf } from "@void-system/pbft";
 * const signer = ed25519.signer(generateKey("ed25519"));
 * const ports = portsOf({ signer, publicKeyOf: (id) => (id === "a" ? signer.publicKey : undefined) });
 * const bytes = new Uint8Array(3);
 * ports.verify(peerId("a"), bytes, ports.sign(bytes)); // => true
 * ports.verify(peerId("b"), bytes, ports.sign(bytes)); // => false
 * ```
 */
export function portsOf(keys: Keys): Ports {
  const loaded = new WeakMap<Uint8Array, { readonly key: PublicKey | undefined }>();
  const load = (bytes: Uint8Array): PublicKey | undefined => {
    let entry = loaded.get(bytes);
    if (entry === undefined) loaded.set(bytes, (entry = { key: tryLoad(bytes) }));
    return entry.key;
  };
  return {
    sign: (bytes) => keys.signer.sign(bytes),
    digest,
    verify(signer, bytes, signature) {
      const publicKey = keys.publicKeyOf(signer);
      const key = publicKey && load(publicKey);
      return key !== undefined && ed25519.verify(bytes, signature, key);
    },
  };
}

function tryLoad(bytes: Uint8Array): PublicKey | undefined {
  try {
    return loadPublicKey(bytes);
  } catch {
    // A bad key is nobody's key: what it signed is refused, as with no key.
    return undefined;
  }
}

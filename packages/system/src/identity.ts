/**
 * Who a node is and whom it knows: its key, the pinned keys of the others, and the key of capabilities. Secrets are
 * destroyed when the node stops.
 */
import { readFileSync } from "node:fs";
import { type SecretKey, type Signer, generateKey, loadPublicKey } from "@void-system/crypto";
import { ed25519, readKeyFile } from "@void-system/crypto/node";
import { type PeerId, peerId, processHub } from "@void-system/effects";
import { type Ports, portsOf } from "@void-system/pbft";
import type { ParsedConfig } from "./config.ts";
import { FolderError } from "./errors.ts";

/** The keys of a node. */
export interface Identity {
  readonly id: PeerId;
  readonly key: SecretKey<"ed25519">;
  readonly signer: Signer;
  /** PEM; undefined for a node that links within its process only. */
  readonly certificate: string | undefined;
  readonly rootKey: SecretKey<"hmac-sha256">;
  /** What protocols sign and verify with. */
  readonly ports: Ports;
  /** Zeroes the secrets. */
  destroy(): void;
}

/**
 * Reads a node's keys, or makes some for this process when the configuration names no files.
 *
 * @throws the errors of `readKeyFile` and `loadPublicKey`, which name the file or key and what to do.
 */
export function loadIdentity(config: ParsedConfig): Identity {
  const key = config.keyFile === undefined ? generateKey("ed25519") : readKeyFile(config.keyFile, "ed25519");
  const rootKey = config.rootKeyFile === undefined ? generateKey("hmac-sha256") : readKeyFile(config.rootKeyFile, "hmac-sha256");
  const signer = ed25519.signer(key);
  const id = peerId(config.nodeId);
  const pinned = new Map<PeerId, Uint8Array>([[id, signer.publicKey]]);
  for (const peer of config.peers) {
    const publicKey = Uint8Array.from(Buffer.from(peer.publicKey, "base64url"));
    loadPublicKey(publicKey); // a key that cannot be one is refused now, with its reason, not when it first signs
    pinned.set(peerId(peer.id), publicKey);
  }
  // Inside one process names are trusted: the hub's members publish their keys.
  const published = config.link === undefined ? processHub().directory : new Map<PeerId, Uint8Array>();
  published.set(id, signer.publicKey);
  return {
    id,
    key,
    signer,
    certificate: config.certificateFile === undefined ? undefined : readText(config.certificateFile),
    rootKey,
    ports: portsOf({ signer, publicKeyOf: (name) => pinned.get(name) ?? published.get(name) }),
    destroy: () => {
      key.destroy();
      rootKey.destroy();
    },
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new FolderError(file, cause);
  }
}

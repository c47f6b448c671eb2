/**
 * Identity of a node: its key, the pinned keys of its peers, and the key of capabilities. Secrets are linear resources of
 * the node, and `destroyKeys` consumes them.
 */
import { readFileSync } from "node:fs";
import { type SecretKey, type Signer, generateKey, loadPublicKey } from "@void-system/crypto";
import { ed25519, readKeyFile } from "@void-system/crypto/node";
import { type PeerId, peerId, processHub } from "@void-system/effects";
import { type LinearContext, LinearResource } from "@void-system/linear";
import { type Ports, portsOf } from "@void-system/pbft";
import type { ParsedConfig } from "../config.ts";
import { FolderError } from "../errors.ts";

/** The keys of a node. */
export interface Identity {
  readonly id: PeerId;
  readonly key: LinearResource<SecretKey<"ed25519">>;
  readonly signer: Signer;
  /** PEM; undefined for a node that links within its process only. */
  readonly certificate: string | undefined;
  readonly rootKey: LinearResource<SecretKey<"hmac-sha256">>;
  /** Signer and verifier of the protocols. */
  readonly ports: Ports;
  /** Pinned keys of the replicas, in their order; none for a node that links within its process only. */
  readonly replicaKeys: readonly Uint8Array[];
}

/**
 * Reads a node's keys, or makes some for this process when the configuration names no files.
 *
 * @throws the errors of `readKeyFile` and `loadPublicKey`, which name the file or key and the remedy. Then no key is held.
 */
export function loadIdentity(config: ParsedConfig, context: LinearContext): Identity {
  const id = peerId(config.nodeId);
  const pinned = new Map<PeerId, Uint8Array>();
  const own = config.publicKey === undefined ? [] : [{ id, publicKey: config.publicKey }];
  for (const peer of [...config.peers, ...own]) {
    const publicKey = Uint8Array.from(Buffer.from(peer.publicKey, "base64url"));
    loadPublicKey(publicKey); // a key that cannot be one is refused now, with its reason, not when it first signs
    pinned.set(peerId(peer.id), publicKey);
  }
  const certificate = config.certificateFile === undefined ? undefined : readCertificate(config.certificateFile);
  const { key, rootKey } = readKeys(config);
  const signer = ed25519.signer(key);
  // The replica proves to itself that the key which the others have for it is its own.
  if (!pinned.has(id)) pinned.set(id, signer.publicKey);
  // Inside one process names are trusted: the hub's members publish their keys.
  const published = config.link === undefined ? processHub().directory : new Map<PeerId, Uint8Array>();
  published.set(id, signer.publicKey);
  const dispose = (secret: SecretKey): void => secret.destroy();
  return {
    id,
    key: new LinearResource(key, { name: "node key", context, dispose }),
    signer,
    certificate,
    rootKey: new LinearResource(rootKey, { name: "root key", context, dispose }),
    ports: portsOf({ signer, publicKeyOf: (name) => pinned.get(name) ?? published.get(name) }),
    replicaKeys: config.link === undefined ? [] : config.replicaIds.flatMap((name) => pinned.get(peerId(name)) ?? []),
  };
}

/** Zeroes the secrets of a node that stops. */
export function destroyKeys({ key, rootKey }: Identity): void {
  key.consume().destroy();
  rootKey.consume().destroy();
}

/** Both keys, or none. */
function readKeys(config: ParsedConfig): { readonly key: SecretKey<"ed25519">; readonly rootKey: SecretKey<"hmac-sha256"> } {
  const key = config.keyFile === undefined ? generateKey("ed25519") : readKeyFile(config.keyFile, "ed25519");
  try {
    const rootKey = config.rootKeyFile === undefined ? generateKey("hmac-sha256") : readKeyFile(config.rootKeyFile, "hmac-sha256");
    return { key, rootKey };
  } catch (cause) {
    key.destroy();
    throw cause;
  }
}

/** Reads the text of a certificate. @throws {@link FolderError} */
export function readCertificate(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new FolderError(file, cause);
  }
}

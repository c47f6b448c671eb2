import { peerRecordReader, type PeerRecordTrust } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import type { ReadRecord } from "./member.ts";

/**
 * Returns a reader of the records that `signPeerRecord` of `@void-system/crypto` makes, for `membership.readRecord`. Unsigned ones pass
 * only in an `open` network.
 *
 * @throws InvalidOptionError of `@void-system/crypto` for a network without issuers that is not open.
 * @example
 * ```ts
 * import { ed25519, generateKey, signPeerRecord } from "@void-system/crypto";
 * import { memoryHub, peerId } from "@void-system/effects";
 * import { PlumtreeNode, signedRecords } from "@void-system/plumtree";
 *
 * const issuer = ed25519.signer(generateKey("ed25519"));
 * const own = ed25519.signer(generateKey("ed25519"));
 * const fields = { name: "a", key: own.publicKey, addresses: ["10.0.0.1:7000"], network: "shop", expiresMs: Date.now() + 86_400_000 };
 * const node = new PlumtreeNode("a", {
 *   network: memoryHub({ dialed: true }).join(peerId("a")),
 *   membership: {
 *     record: signPeerRecord(issuer, fields),
 *     readRecord: signedRecords({ network: "shop", issuers: [ed25519.loadPublicKey(issuer.publicKey)] }),
 *   },
 * });
 * node.neighbours(); // => { eager: [], lazy: [], passive: [] }
 * node.close();
 * ```
 */
export function signedRecords(trust: PeerRecordTrust): ReadRecord {
  const read = peerRecordReader(trust);
  return (bytes, wallMs) => {
    const verdict = read(bytes, wallMs);
    if (!verdict.valid) return undefined;
    const { name, addresses: [address = ""], expiresMs } = verdict.record;
    return isPeerId(name) ? { name: peerId(name), address, expiresMs } : undefined;
  };
}

/** Returns true for a name that can be a node's: records of `@void-system/crypto` hold others, too. */
function isPeerId(name: string): boolean {
  try {
    peerId(name);
    return true;
  } catch {
    return false;
  }
}

import type { PeerId } from "@void-system/effects";
import { PeerError } from "../../errors.ts";
import type { Address } from "./dialer.ts";
import { pinOfPeer } from "./identity.ts";

/** A node to be linked with. */
export interface TlsPeer {
  /** Name that it must use in its hello. */
  readonly id: PeerId;
  /** Its Ed25519 key: 32 raw bytes, or DER (SPKI). */
  readonly publicKey: Uint8Array;
  /** Host that it listens on: a name or an address, IPv6 without brackets. Left out if it does not listen and dials instead. */
  readonly host?: string;
  /** Its port, together with `host`. */
  readonly port?: number;
}

/** A peer that was checked. */
export interface PinnedPeer {
  readonly id: PeerId;
  /** Its key as text. */
  readonly pin: string;
  readonly address: Address | undefined;
}

/** Checks a list of peers as a whole. @throws {@link PeerError} */
export function pinPeers(self: PeerId, ownPin: string, peers: readonly TlsPeer[]): PinnedPeer[] {
  const ids = new Set<string>([self]);
  const pins = new Set<string>([ownPin]);
  return peers.map((peer) => {
    const pin = pinOfPeer(peer.id, peer.publicKey);
    if (ids.has(peer.id)) throw new PeerError(peer.id, "an id of its own", peer.id === self ? "this node's" : "one that is listed twice");
    if (pins.has(pin)) throw new PeerError(peer.id, "a key of its own", pin === ownPin ? "this node's" : "one that is listed twice");
    ids.add(peer.id);
    pins.add(pin);
    return { id: peer.id, pin, address: addressOf(peer) };
  });
}

function addressOf({ id, host, port }: TlsPeer): Address | undefined {
  if (host === undefined && port === undefined) return undefined;
  if (host === undefined || host === "") throw new PeerError(id, "a host with its port", "a port alone");
  if (port === undefined) throw new PeerError(id, "a port with its host", "a host alone");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new PeerError(id, "a port of 1 to 65535", String(port));
  return { host, port };
}

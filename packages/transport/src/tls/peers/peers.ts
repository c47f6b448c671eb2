import { toHex } from "@void-system/bytes";
import type { PublicKey } from "@void-system/crypto";
import type { PeerId } from "@void-system/effects";
import { describe, OptionError, PeerError } from "../../errors.ts";
import { isName, NAME_RULE } from "../../name.ts";
import { requireOptions } from "../../options.ts";
import { type Address, PORT_MAX } from "./dialer.ts";
import { keyOfPeer } from "./identity.ts";

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
  /** Its key. */
  readonly key: PublicKey;
  /** Its key as text, equal exactly if the keys are. */
  readonly pin: string;
  readonly address: Address | undefined;
}

/** Checks a list of peers as a whole. @throws {@link PeerError} */
export function pinPeers(self: PeerId, ownPin: string, peers: readonly TlsPeer[]): PinnedPeer[] {
  if (!Array.isArray(peers)) throw new OptionError("peers", "an array of peers", peers);
  const ids = new Set<string>([self]);
  const pins = new Set<string>([ownPin]);
  // `map` would pass over the holes of a sparse array.
  return Array.from(peers, (peer: TlsPeer, index) => {
    requireOptions(`peers[${index}]`, peer, ["id", "publicKey", "host", "port"]);
    if (!isName(peer.id)) throw new PeerError(peer.id, "a name", `none: it is ${NAME_RULE}`);
    const key = keyOfPeer(peer.id, peer.publicKey);
    const pin = toHex(key.toBytes());
    if (ids.has(peer.id)) throw new PeerError(peer.id, "an id of its own", peer.id === self ? "this node's" : "one that is listed twice");
    if (pins.has(pin)) throw new PeerError(peer.id, "a key of its own", pin === ownPin ? "this node's" : "one that is listed twice");
    ids.add(peer.id);
    pins.add(pin);
    return { id: peer.id, key, pin, address: addressOf(peer) };
  });
}

function addressOf({ id, host, port }: TlsPeer): Address | undefined {
  if (host === undefined && port === undefined) return undefined;
  if (typeof host !== "string" || host === "") throw new PeerError(id, "a host with its port", host === undefined || host === "" ? "a port alone" : describe(host));
  if (port === undefined) throw new PeerError(id, "a port with its host", "a host alone");
  if (!Number.isInteger(port) || port < 1 || port > PORT_MAX) throw new PeerError(id, `a port of 1 to ${PORT_MAX}`, describe(port));
  return { host, port };
}

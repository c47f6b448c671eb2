import type { SecretKey } from "@void-system/crypto";
import type { Cancel, Clock, Logger, PeerId, Random } from "@void-system/effects";
import type { Transport } from "../transport.ts";
import type { Address } from "./peers/dialer.ts";
import type { HelloFields } from "./connection/hello.ts";
import type { TlsLimits } from "./limits.ts";
import type { TlsPeer } from "./peers/peers.ts";

/** Where to listen. */
export interface ListenAddress {
  /**
   * An address of this machine, or a name that resolves to one; `::` for all, IPv6 and IPv4. @defaultValue `127.0.0.1`
   */
  readonly host?: string;
  /** The port; 0 takes any that is free. */
  readonly port: number;
}

/** What a TLS transport is made of. */
export interface TlsOptions {
  /** This node's name. */
  readonly self: PeerId;
  /**
   * The cluster's name, 1 to 64 of `A-Z a-z 0-9 . _ : @ -`: nodes of different clusters never link, whatever their
   * keys.
   */
  readonly cluster: string;
  /** This node's key. It is borrowed for the call; TLS then holds a copy until the transport is garbage. */
  readonly key: SecretKey<"ed25519">;
  /** A certificate of that key, as PEM: see `createCertificate`. */
  readonly certificate: string;
  /** The nodes to be linked with. All others are refused. */
  readonly peers: readonly TlsPeer[];
  /** Where to listen; left out, this node only dials. */
  readonly listen?: ListenAddress;
  /** Fields of the application in this node's hello, which each peer gets before the link is up. @defaultValue none */
  readonly hello?: HelloFields;
  /**
   * Called with the fields of a peer's hello before its link is up. A returned reason refuses the link: 1 to 32 of
   * `a-z 0-9 -`, counted and logged here as `refused-REASON`, and at the peer as `refused-by-peer-REASON`. Both ends check on
   * their own: where the end that dialed refuses, the link was up for a moment at the other one.
   * @defaultValue takes every link
   */
  readonly onHello?: (peer: PeerId, fields: HelloFields) => string | undefined;
  /** Bounds. @defaultValue {@link TLS_LIMITS} */
  readonly limits?: Partial<TlsLimits>;
  /** Times dialing, deadlines and signs of life. @defaultValue the platform's */
  readonly clock?: Pick<Clock, "schedule">;
  /** Spreads dialing. @defaultValue the platform's */
  readonly random?: Pick<Random, "next">;
  /** Is told of links and of what keeps them from being. @defaultValue nobody */
  readonly logger?: Logger;
}

/** Links over TLS. */
export interface TlsTransport extends Transport {
  /** Where this node listens, if it does. */
  readonly address: Address | undefined;
  /**
   * Lets frames of a peer wait: for a handler that hands on what it gets, and is behind. They wait here while the peer has
   * credit (`limits.windowBytes`), then there, until `send` says `full` to it; signs of life still pass, so the link stays
   * up. The returned function ends the hold: what waited is handed over in order. Of several holds all must end.
   * Frames to oneself, and of a peer that is not listed, cannot be held: nothing happens.
   */
  hold(peer: PeerId): Cancel;
  /**
   * Replaces the list of peers, so that a cluster can learn a new node's key, or forget one. Links with peers that are
   * listed as before stay up.
   *
   * @throws PeerError if the list contradicts itself; then nothing has changed.
   * @throws ClosedError after `close()`.
   */
  setPeers(peers: readonly TlsPeer[]): void;
}

import type { SecretKey } from "@void-system/crypto";
import type { Cancel, Clock, Logger, PeerId, Random } from "@void-system/effects";
import type { Transport } from "../transport.ts";
import type { Address } from "./peers/dialer.ts";
import type { HelloFields } from "./connection/hello.ts";
import type { TlsLimits } from "./limits.ts";
import type { TlsPeer } from "./peers/peers.ts";
import type { TlsRecords } from "./peers/records.ts";

/** Address to listen on. */
export interface ListenAddress {
  /**
   * An address of this machine, or a name that resolves to one; `::` for all, IPv6 and IPv4. @defaultValue `127.0.0.1`
   */
  readonly host?: string;
  /** Port; 0 takes any that is free. */
  readonly port: number;
}

/** Options of {@link tls}. */
export interface TlsOptions {
  /** This node's name. */
  readonly self: PeerId;
  /**
   * The cluster's name, 1 to 64 of `A-Z a-z 0-9 . _ : @ -`: nodes of different clusters never link, whatever their
   * keys.
   */
  readonly cluster: string;
  /** This node's key. The call borrows it; TLS then holds a copy until the transport is collected. */
  readonly key: SecretKey<"ed25519">;
  /** A certificate of that key, as PEM: see `createCertificate`. */
  readonly certificate: string;
  /** Nodes to be linked with, always. All others are refused, unless `records` take them. */
  readonly peers: readonly TlsPeer[];
  /**
   * Takes nodes that are not listed, too, if both ends show records that the other one trusts. `dial` and `hangUp` need it.
   * @defaultValue listed peers alone
   */
  readonly records?: TlsRecords;
  /** Address to listen on. Without it this node only dials. */
  readonly listen?: ListenAddress;
  /** Fields of the application in this node's hello, which each peer gets before the link is up. @defaultValue none */
  readonly hello?: HelloFields;
  /**
   * Called with the fields of a peer's hello before its link is up. A returned reason refuses the link: 1 to 32 of
   * `a-z 0-9 -`, counted and logged here as `refused-REASON`, and at the peer as `refused-by-peer-REASON`. Both ends check on
   * their own: where the end that dialed refuses, the link was up for a moment at the other one. An error that it throws closes
   * the connection and passes through to the process, so read the fields of a peer with care.
   * @defaultValue takes every link
   */
  readonly onHello?: (peer: PeerId, fields: HelloFields) => string | undefined;
  /** Limits on memory and time. @defaultValue {@link TLS_LIMITS} */
  readonly limits?: Partial<TlsLimits>;
  /** Clock of dialing, timeouts and heartbeats. @defaultValue the platform's */
  readonly clock?: Pick<Clock, "schedule">;
  /** Jitter of dialing. The instance in the hello, by which two processes with one key are told apart, never comes from it. @defaultValue the platform's */
  readonly random?: Pick<Random, "next">;
  /** Logs links, and the reasons for which they fail. @defaultValue logs nothing */
  readonly logger?: Logger;
}

/** Links over TLS. */
export interface TlsTransport extends Transport {
  /** Address that this node listens on, if it does. */
  readonly address: Address | undefined;
  /**
   * Holds the frames of a peer back, for a handler that does not keep up. They wait here while the peer has credit
   * (`limits.windowBytes`), then at the peer, until its `send` returns `full`. Heartbeats still pass, so the link stays up. The
   * returned function ends the hold; the frames that waited are handed over in order. Of several holds all must end.
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
  /**
   * Replaces this node's certificate with another one of the same key, without a restart. Connections that are opened from here on show
   * it, those that this node accepts and those that it dials. Links stay up: peers pin the key, which is still the same.
   *
   * @throws CertificateError if the text is not a certificate of this node's key; then nothing has changed.
   * @throws OptionError if it is not text.
   * @throws ClosedError after `close()`.
   * @example
   * ```ts
   * import { generateKey } from "@void-system/crypto";
   * import { peerId } from "@void-system/effects";
   * import { createCertificate } from "@void-system/transport/certificate";
   * import { tls } from "@void-system/transport/tls";
   *
   * const key = generateKey("ed25519");
   * const node = await tls({ self: peerId("a"), cluster: "docs", key, certificate: await createCertificate(key, { name: "a" }), peers: [] });
   * node.renew(await createCertificate(key, { name: "a" }));
   * await node.close(100);
   * ```
   */
  renew(certificate: string): void;
  /**
   * Replaces this node's record, before it expires. Links stay up.
   *
   * @throws OptionError if it is not this node's, or the transport was opened without `records`.
   * @throws ClosedError after `close()`.
   */
  renewRecord(record: Uint8Array): void;
}

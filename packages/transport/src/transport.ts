import type { Network } from "@void-system/effects";

/** Counters of the link to one peer, since the transport was opened. Frames to and from oneself count too. */
export interface LinkStats {
  /** State of the link now. */
  readonly state: "up" | "down";
  /** Times that the link came up. Above 1, it was lost in between. */
  readonly ups: number;
  /** Frames that `send` took. */
  readonly sentFrames: number;
  /** Their bytes, without framing. */
  readonly sentBytes: number;
  /** Frames that arrived and were handed over. */
  readonly receivedFrames: number;
  /** Their bytes, without framing. */
  readonly receivedBytes: number;
  /** Frames that `send` refused because they did not fit. */
  readonly lostFull: number;
  /** Frames that `send` refused because there was no link. */
  readonly lostDown: number;
  /**
   * Frames that `send` had taken and that were still queued when the link went down. More may have been lost in flight.
   */
  readonly lostQueued: number;
  /** Frames that had arrived and were held when the link went down. */
  readonly lostHeld: number;
  /** Bytes that are queued here, framing included. Always 0 in memory, where the receiver has them already. */
  readonly queuedBytes: number;
  /** Bytes that arrived and wait because this peer's frames are held. Always 0 in memory. */
  readonly heldBytes: number;
  /**
   * Credit that is left, where links have credit. Near 0 while frames are queued: the peer does not keep up with what
   * arrives.
   */
  readonly creditBytes?: number;
  /** Reason for which there is no link, or for which the last attempt failed: one of those that are logged. */
  readonly trouble?: string;
  /** Key exchange of this connection, such as `X25519`, on the side that dialed. OpenSSL does not report it to the other. */
  readonly keyExchange?: string;
}

/** Counters of a transport. */
export interface TransportStats {
  /** By peer, oneself included. */
  readonly links: Readonly<Record<string, LinkStats>>;
  /** Connections that were turned away or broke off before they became a link, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Connections that have not authenticated yet. */
  readonly unproven: number;
  /** Frames that arrived while there was no frame handler. */
  readonly unhandledFrames: number;
}

/** A `Network` (of `@void-system/effects`) that was opened and can be closed. */
export interface Transport extends Network {
  /** Returns what was sent, received and lost. */
  stats(): TransportStats;
  /**
   * Writes the queued frames and closes all links. Frames that are not written after `deadlineMs` are lost. From the call on, no
   * handler runs and `send` returns `down`. A second call returns the promise of the first.
   */
  close(deadlineMs: number): Promise<void>;
}

/** Counters behind {@link LinkStats}. */
export class LinkCounters {
  ups = 0;
  sentFrames = 0;
  sentBytes = 0;
  receivedFrames = 0;
  receivedBytes = 0;
  lostFull = 0;
  lostDown = 0;
  lostQueued = 0;
  lostHeld = 0;

  /** Returns their values now. */
  stats(state: "up" | "down", queuedBytes = 0, heldBytes = 0): LinkStats {
    return { ...this, state, queuedBytes, heldBytes };
  }
}

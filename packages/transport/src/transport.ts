import type { Network } from "@void-system/effects";

/** What passed over the link to one peer, since the transport was opened. Frames to and from oneself count too. */
export interface LinkStats {
  /** Whether the link is up now. */
  readonly state: "up" | "down";
  /** How often it came up: above 1, it was lost in between. */
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
   * Frames that `send` had taken and that were still here when the link went down. More may have been lost on the way.
   */
  readonly lostQueued: number;
  /** Frames that had arrived and were held when the link went down. */
  readonly lostHeld: number;
  /** Bytes that wait here to be written, framing included; in memory nothing does, as the receiver has them already. */
  readonly queuedBytes: number;
  /** Bytes that arrived and wait because frames of this peer are held here; in memory nothing does. */
  readonly heldBytes: number;
  /**
   * What the peer is ready to take now, where links have credit. Near 0 while frames wait: it does not deal with what it
   * gets.
   */
  readonly creditBytes?: number;
  /** Why there is no link, or the last attempt to get one failed: one of the reasons that are logged. */
  readonly trouble?: string;
  /** How the keys of this connection were agreed, such as `X25519`, where the platform tells (the side that dialed). */
  readonly keyExchange?: string;
}

/** What a transport counts. */
export interface TransportStats {
  /** By peer, oneself included. */
  readonly links: Readonly<Record<string, LinkStats>>;
  /** Connections that were turned away or broke off before they became a link, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Connections that have not proved yet who they are. */
  readonly unproven: number;
  /** Frames that arrived while nobody handled frames. */
  readonly unhandledFrames: number;
}

/** A `Network` (of `@void-system/effects`) that was opened and can be closed. */
export interface Transport extends Network {
  /** What was sent, received and lost. */
  stats(): TransportStats;
  /**
   * Takes no more, writes what is queued, closes all links; what is not written after `deadlineMs` is lost. From the call
   * on, none of the handlers runs and `send` says `down`. A second call returns the promise of the first.
   */
  close(deadlineMs: number): Promise<void>;
}

/** The counters behind {@link LinkStats}. */
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

  /** What they are now. */
  stats(state: "up" | "down", queuedBytes = 0, heldBytes = 0): LinkStats {
    return { ...this, state, queuedBytes, heldBytes };
  }
}

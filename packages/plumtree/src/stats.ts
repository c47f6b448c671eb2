/** What a core has counted since it began, and what it holds now. */
export interface PlumtreeStats {
  /** Peers with a link. */
  readonly neighbours: number;
  /** Those of them that payloads are pushed to. */
  readonly eager: number;
  /** Messages broadcast here. */
  readonly broadcast: number;
  /** Messages of others delivered here. */
  readonly delivered: number;
  /** Payloads that came once more. */
  readonly duplicates: number;
  /** `duplicates / delivered`: this node's part of the relative message redundancy. 0 is a perfect tree. */
  readonly redundancy: number;
  /** Links that the message delivered last took. */
  readonly hopsLast: number;
  /** Links that the longest way took: the paper's last delivery hop. */
  readonly hopsMax: number;
  /** Payloads sent, once for each peer. */
  readonly payloadsSent: number;
  /** Ids announced. */
  readonly announced: number;
  /** Ids asked for. */
  readonly grafts: number;
  /** Ids confirmed. */
  readonly confirmed: number;
  /** Links cut from the tree, because a payload came twice. */
  readonly prunes: number;
  /** Ids that peers asked for, and that were no longer kept. */
  readonly unservable: number;
  /** Messages refused because they were too old to be passed on. */
  readonly expired: number;
  /** Messages and announcements refused because they bore a name of this node that it never gave. */
  readonly forged: number;
  /** Announcements ignored because the peer had too many outstanding. */
  readonly ignored: number;
  /** Messages kept for peers that miss them. */
  readonly cached: number;
  /** Bytes of their payloads. */
  readonly cachedBytes: number;
  /** Messages that had to go before their time, because others needed the room. */
  readonly evicted: number;
  /** Ids remembered. */
  readonly seen: number;
  /** Messages that peers have announced and that have not come. */
  readonly missing: number;
}

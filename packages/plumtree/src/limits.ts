import { InvalidOptionError } from "./errors.ts";

/** Rate that a peer may use, and the most that it may use at once after a pause. */
export interface BudgetLimits {
  readonly perSecond: number;
  readonly burst: number;
}

/** Longest payload of a broadcast, in bytes. */
export const PAYLOAD_BYTES_MAX = 65_536;
/** Most runs of ids in one frame. */
export const FRAME_RUNS_MAX = 256;
/** Most ids in one frame. */
export const FRAME_IDS_MAX = 8_192;
/** Most epochs of origins in one frame of a digest. */
export const SYNC_STREAMS_MAX = 256;
/** Most ids that one peer may have announced and not yet sent. Further announcements of that peer are ignored. */
export const ANNOUNCED_IDS_MAX = 8_192;
/** Most broadcasts that one peer is asked for at a time. */
export const ASKED_IDS_MAX = 256;
/** Most neighbours that a node takes without being asked to by its own program. */
export const NEIGHBOURS_MAX = 1_024;
/** Counters that a receiver keeps track of above its lowest hole. A greater counter makes the hole a gap. */
export const WINDOW_COUNTERS = 131_072;
/** Memory that a kept message takes beside its payload, in bytes. It counts against `cacheBytes`. */
export const MESSAGE_OVERHEAD_BYTES = 256;
/** Furthest that an epoch may lie ahead of the receiver's clock, in milliseconds. */
export const EPOCH_AHEAD_MS_MAX = 60_000;
/** Longest pause between two digests to a peer that does not answer, in milliseconds. */
export const SYNC_PAUSE_MS_MAX = 10_000;
/** Longest wait for a payload, however late payloads have been, in milliseconds. */
export const WAIT_MS_MAX = 10_000;

/** Bytes that one peer is served with GRAFT, a second and at once. Further messages wait. */
export const SERVED_BYTES_BUDGET: BudgetLimits = { perSecond: 8 * 1024 * 1024, burst: 4 * 1024 * 1024 };
/** Most messages that wait to be served to one peer. Its further questions are dropped. */
export const SERVED_IDS_MAX = 1_024;
/** Bytes of new messages that one peer may bring, a second and at once. Further ones are dropped and asked for later. */
export const BROUGHT_BYTES_BUDGET: BudgetLimits = { perSecond: 32 * 1024 * 1024, burst: 16 * 1024 * 1024 };
/** Ids that one peer may announce, a second and at once. Further ones are ignored, and learnt from its digest later. */
export const ANNOUNCED_IDS_BUDGET: BudgetLimits = { perSecond: 16_384, burst: 65_536 };
/** Questions that a peer leaves unanswered beyond those that it answers, before others are asked first. */
export const STRIKES_MAX = 16;

/** Longest record of a node, in bytes. */
export const RECORD_BYTES_MAX = 1_024;
/** Most records in one frame. */
export const RECORDS_MAX = 16;
/** New nodes whose record is sent on its walks, and those dialed at the end of one, a second and at once. Others get a place here, and look for more themselves. */
export const JOINS_BUDGET: BudgetLimits = { perSecond: 32, burst: 256 };
/** SHUFFLEs of one neighbour that are read or passed on, a second and at once: it has one of its own in 10 s, and those of others. */
export const SHUFFLES_BUDGET: BudgetLimits = { perSecond: 8, burst: 64 };
/** Records that are read, a second and at once: of the peers that show them, and as many of others. A signature takes 0.1 ms. */
export const RECORDS_BUDGET: BudgetLimits = { perSecond: 256, burst: 2_048 };
/** Most links that a record or a SHUFFLE walks along. */
export const WALK_LINKS_MAX = 16;

/** Patience and memory of a {@link PlumtreeCore}. */
export interface PlumtreeLimits {
  /** Time for which a lone broadcast waits before it is announced. @defaultValue 20 */
  readonly lazyMs: number;
  /** Shortest time between two frames of announcements to one peer. Broadcasts are gathered meanwhile. @defaultValue 200 */
  readonly gatherMs: number;
  /**
   * Time to wait for an announced message before asking for it (the paper's first timeout), until the delays of this
   * node's links have been measured. @defaultValue 300
   */
  readonly graftMs: number;
  /**
   * Time for which a hole that no peer can fill stays open without any progress. Then it is reported as a gap.
   * @defaultValue 5_000
   */
  readonly gapMs: number;
  /** Pause after which a peer that has not answered a digest gets it again, doubled each time. @defaultValue 1_000 */
  readonly syncMs: number;
  /** Time for which a message is kept for peers that miss it, from its broadcast on. @defaultValue 60_000 */
  readonly cacheMs: number;
  /** Bytes of the messages that are kept, with 256 for each beside its payload. The oldest goes. @defaultValue 16 MiB */
  readonly cacheBytes: number;
  /** Origins that are remembered. The one that has been quiet for longest goes. @defaultValue 1_024 */
  readonly originsMax: number;
}

/** The {@link PlumtreeLimits} of a core that was given none. */
export const PLUMTREE_LIMITS: PlumtreeLimits = {
  lazyMs: 20,
  gatherMs: 200,
  graftMs: 300,
  gapMs: 5_000,
  syncMs: 1_000,
  cacheMs: 60_000,
  cacheBytes: 16 * 1024 * 1024,
  originsMax: 1_024,
};

/**
 * Completes limits with the defaults.
 *
 * @throws {@link InvalidOptionError} if there is no limit of a given name, or a limit is no positive number.
 */
export function limitsFrom(given: Partial<PlumtreeLimits>): PlumtreeLimits {
  const limits = { ...PLUMTREE_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(PLUMTREE_LIMITS, name))
      throw new InvalidOptionError(name, `left out: the limits are ${Object.keys(PLUMTREE_LIMITS).join(", ")}`, value);
    if (!(typeof value === "number" && value > 0 && Number.isFinite(value)))
      throw new InvalidOptionError(name, "a positive number", value);
  }
  return limits;
}

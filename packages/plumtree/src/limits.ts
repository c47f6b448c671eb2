import { InvalidOptionError } from "./errors.ts";

/** Longest payload of a broadcast, in bytes. */
export const PAYLOAD_BYTES_MAX = 65_536;
/** Most message ids in one frame. */
export const FRAME_IDS_MAX = 256;
/** Most ids that one peer may have announced and not yet sent; what it announces beyond is ignored. */
export const ANNOUNCED_IDS_MAX = 8_192;
/** Most neighbours that a node takes without being told to. */
export const NEIGHBOURS_MAX = 1_024;
/** Longest pause between two announcements of one message to one peer, in milliseconds. */
export const REPAIR_MS_MAX = 10_000;

/** How patient a {@link PlumtreeCore} is, and how much it remembers. */
export interface PlumtreeLimits {
  /** How long ids are gathered before they are announced or confirmed. @defaultValue 20 */
  readonly lazyMs: number;
  /**
   * How long to wait for an announced message before asking for it (the paper's first timeout). Too short against the
   * latency of links, and payloads are sent twice. @defaultValue 300
   */
  readonly graftMs: number;
  /** How long to wait for one peer's answer before asking the next (the paper's second timeout). @defaultValue 150 */
  readonly graftRetryMs: number;
  /** How long a pushed message may go unconfirmed before it is announced; doubled each time. @defaultValue 1_000 */
  readonly repairMs: number;
  /** How long a message is kept, from its broadcast on, for peers that miss it. @defaultValue 30_000 */
  readonly cacheMs: number;
  /** How many messages are kept; above it the oldest goes. @defaultValue 8_192 */
  readonly cacheMessages: number;
  /** How many bytes of payloads are kept; above it the oldest goes. @defaultValue 16 MiB */
  readonly cacheBytes: number;
  /** How many ids are remembered, so that no message is delivered twice. @defaultValue 131_072 */
  readonly seenIds: number;
}

/** The {@link PlumtreeLimits} of a core that was given none. */
export const PLUMTREE_LIMITS: PlumtreeLimits = {
  lazyMs: 20,
  graftMs: 300,
  graftRetryMs: 150,
  repairMs: 1_000,
  cacheMs: 30_000,
  cacheMessages: 8_192,
  cacheBytes: 16 * 1024 * 1024,
  seenIds: 131_072,
};

/**
 * Fills up what was left out.
 *
 * @throws {@link InvalidOptionError} if a limit is not a positive number, or fewer ids are remembered than messages
 * kept.
 */
export function limitsFrom(given: Partial<PlumtreeLimits>): PlumtreeLimits {
  const limits = { ...PLUMTREE_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0 && Number.isFinite(value))) throw new InvalidOptionError(name, "a positive number", value);
  }
  if (limits.seenIds < limits.cacheMessages) {
    throw new InvalidOptionError("seenIds", `at least cacheMessages (${limits.cacheMessages})`, limits.seenIds);
  }
  return limits;
}

/**
 * Every bound of the protocol. What grows in a replica or a client grows up to one of these and no further.
 */

/** Most replicas of one cluster: sender indexes are one byte, and a NEW-VIEW carries a quorum of VIEW-CHANGEs. */
export const REPLICAS_MAX = 31;
/** Longest id of a cluster, in bytes of UTF-8. */
export const CLUSTER_BYTES_MAX = 4_096;
/** Longest public key of a configuration, in bytes; room for hybrid ones. */
export const PUBLIC_KEY_BYTES_MAX = 4_096;
/** Longest record of a configuration, in bytes. */
export const CONFIGURATION_BYTES_MAX = 262_144;
/** Longest frame, in bytes. It fits a 4 MiB transport frame with room for the transport's own prefix. */
export const MESSAGE_BYTES_MAX = 4_000_000;
/** Longest operation of one request, in bytes. */
export const OPERATION_BYTES_MAX = 1_000_000;
/** Longest batch on the wire, in bytes: one operation of the longest kind always fits. */
export const BATCH_BYTES_MAX = 1_100_000;
/** Most requests in one batch. */
export const BATCH_REQUESTS_MAX = 4_096;
/** Longest result that a state machine may return, in bytes; a longer one becomes a failed result. */
export const RESULT_BYTES_MAX = 1_000_000;
/** Results kept for one client so that a resent request gets its reply, in bytes; the oldest are dropped first. */
export const SESSION_RESULT_BYTES_MAX = 1_000_000;
/**
 * Numbers of one client that may be in flight at once: a request `SESSION_WINDOW` below the highest executed one is
 * stale.
 */
export const SESSION_WINDOW = 1_024;
/** Most clients that a configuration may have remembered. */
export const SESSIONS_LIMIT = 1_048_576;
/** Distance by which a client's numbers may run ahead of the agreed time, which they count in microseconds: one hour. */
export const SESSION_AHEAD_MAX = 3_600_000_000;
/** Requests that wait for execution at one replica. */
export const PENDING_REQUESTS_MAX = 16_384;
/** Bytes of the operations that wait for execution at one replica. */
export const PENDING_BYTES_MAX = 67_108_864;
/** Those of one client: others find room, however much it sends. */
export const PENDING_BYTES_CLIENT_MAX = 16_777_216;
/**
 * View timeouts within which a primary serves each request that it was given, whatever else it serves. One view timeout would
 * blame it for a queue that is merely full.
 */
export const DEADLINE_TIMEOUTS = 3;
/** Overdue requests that a backup passes on to the primary again with one status tick. */
export const OVERDUE_REQUESTS_MAX = 64;
/** Their bytes; one request is always passed on. */
export const OVERDUE_BYTES_MAX = 1_048_576;
/** Votes of a later view kept for one sender until that view begins here. */
export const FUTURE_VOTES_MAX = 32;
/** Slots beyond the high watermark that are kept, not voted on: a primary may learn of a checkpoint first. */
export const SLOTS_BEYOND_MAX = 32;
/** Slots that a STATUS describes one by one. */
export const STATUS_SLOTS_MAX = 64;
/** Bytes of one SLOTS answer to a replica that lags, about; one slot is always sent. */
export const SLOTS_BYTES_MAX = 1_500_000;
/** Longest chunk of a snapshot, in bytes: an entry that one operation of the longest kind wrote fits into one. */
export const CHUNK_BYTES_MAX = 1_100_000;
/** Most chunks of a snapshot: their hashes, the manifest, must fit one message. */
export const CHUNKS_MAX = 65_536;
/** Chunks that a replica asks one peer for at a time while it transfers a state. */
export const CHUNKS_OUTSTANDING_MAX = 8;
/** Bytes that a replica serves to one lagging peer between two of its status ticks. */
export const SERVED_BYTES_MAX = 67_108_864;
/** Longest state root that a state machine may report, in bytes. */
export const ROOT_BYTES_MAX = 64;
/** Length of a digest (SHA-256), in bytes. */
export const DIGEST_BYTES = 32;
/** Length of a signature (Ed25519), in bytes. */
export const SIGNATURE_BYTES = 64;
/** Largest logical counter of an agreed time. */
export const LOGICAL_MAX = 65_535;
/** Verifications that one peer's frames may cost a node at once; then they wait for their turn behind those of the others. */
export const VERIFICATIONS_BURST_MAX = 64;
/** Verifications that each peer is given again in a millisecond: about a sixth of the thread. */
export const VERIFICATIONS_PER_MS = 2;
/** Bytes of the frames of one peer that wait for their turn; further ones are refused. */
export const WAITING_BYTES_MAX = 8_388_608;
/** Bytes of proposals that a replica keeps and has not executed; the next one to execute is always kept. */
export const PROPOSALS_BYTES_MAX = 67_108_864;
/** Bytes of the batches below the stable checkpoint that a replica keeps for those that lag. */
export const OLD_SLOTS_BYTES_MAX = 67_108_864;
/** Clients whose executed requests are answered again, in the time between two status ticks, when others repeat them. */
export const ANSWERED_CLIENTS_MAX = 1_024;
/** A checkpoint is kept for a peer that takes chunks of it at this rate on average (1 MB/s), in bytes per millisecond. */
export const LEASE_BYTES_PER_MS = 1_000;
/** The rate is asked for after this time. */
export const LEASE_GRACE_MS = 5_000;
/** The longest time that a checkpoint is kept for a peer. */
export const LEASE_MS_MAX = 600_000;

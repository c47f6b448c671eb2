import { OptionError } from "../errors.ts";
import { requireOptions } from "../options.ts";

/** Limits on the memory and time that peers and strangers can cost a TLS transport. */
export interface TlsLimits {
  /**
   * Longest frame that this node takes and sends, in bytes; at most {@link FRAME_BYTES_MAX}. Peers learn it from the hello. A frame
   * that is too long for either end is `full` at its sender, each time. @defaultValue 4 MiB
   */
  readonly frameBytes: number;
  /**
   * Bytes queued for one peer and not yet written; above it `send` returns `full`. At least `frameBytes + 4`. @defaultValue
   * 16 MiB
   */
  readonly queueBytes: number;
  /**
   * Credit of one peer: bytes that it may send before this node has handed them over. Also the most that `hold` can keep of it.
   * A frame costs its length and {@link FRAME_CREDIT}. At least twice the cost of the longest frame, and
   * {@link WINDOW_BYTES_MIN}. @defaultValue 16 MiB
   */
  readonly windowBytes: number;
  /**
   * Incoming connections that have not authenticated. One more closes the oldest of them. @defaultValue 64
   */
  readonly unproven: number;
  /**
   * Burst of handshakes with one address (for IPv6, its first 64 bits). Connections beyond it are refused before their TLS
   * handshake. A listed peer that knocks has four of its own, and one a second. @defaultValue 16
   */
  readonly handshakeBurst: number;
  /**
   * Further handshakes with one address a second. A handshake takes the event loop one to two milliseconds: at eight a
   * second, one message of a hundred would wait for one. @defaultValue 2
   */
  readonly handshakesPerSecond: number;
  /** Timeout from the connection to the other side's hello. @defaultValue 5_000 */
  readonly handshakeMs: number;
  /**
   * Interval of heartbeats on an idle link. Less than half of the peers' `silenceMs`. @defaultValue 1_000
   */
  readonly heartbeatMs: number;
  /** Timeout of a silent link. A half-open link is noticed by it. @defaultValue 5_000 */
  readonly silenceMs: number;
  /**
   * First pause before dialing again. It doubles each time, with jitter, until a link has lasted for `reconnectMaxMs`.
   * @defaultValue 50
   */
  readonly reconnectMinMs: number;
  /** Longest pause before dialing again. @defaultValue 2_000 */
  readonly reconnectMaxMs: number;
  /** Time that the node with the greater id waits to be dialed before it dials too. @defaultValue 4_000 */
  readonly patienceMs: number;
}

/** Highest `frameBytes`: 16 MiB. */
export const FRAME_BYTES_MAX: number = 16 * 1024 * 1024;
/** Credit that a frame costs beside its length: about the memory of a short one. */
export const FRAME_CREDIT: number = 128;
/** Least `windowBytes`: 2 MiB, so that a full write of the shortest frames always fits into what is granted at a time. */
export const WINDOW_BYTES_MIN: number = 2 * 1024 * 1024;
/** Bytes of the length before each frame. */
export const HEADER_BYTES = 4;

/** The default of each of {@link TlsLimits}. */
export const TLS_LIMITS: TlsLimits = {
  frameBytes: 4 * 1024 * 1024,
  queueBytes: 16 * 1024 * 1024,
  windowBytes: 16 * 1024 * 1024,
  unproven: 64,
  handshakeBurst: 16,
  handshakesPerSecond: 2,
  handshakeMs: 5_000,
  heartbeatMs: 1_000,
  silenceMs: 5_000,
  reconnectMinMs: 50,
  reconnectMaxMs: 2_000,
  patienceMs: 4_000,
};

const MINUTES_10_MS = 600_000;

/** Returns the limits of a transport, checked. @throws {@link OptionError} */
export function resolveLimits(given: Partial<TlsLimits> = {}): TlsLimits {
  requireOptions("limits", given, Object.keys(TLS_LIMITS));
  const limits = { ...TLS_LIMITS, ...given };
  whole("limits.frameBytes", limits.frameBytes, 1, FRAME_BYTES_MAX);
  whole("limits.queueBytes", limits.queueBytes, limits.frameBytes + HEADER_BYTES, 2 ** 31);
  whole("limits.windowBytes", limits.windowBytes, Math.max(WINDOW_BYTES_MIN, 2 * (limits.frameBytes + FRAME_CREDIT)), 2 ** 31);
  whole("limits.unproven", limits.unproven, 1, 100_000);
  whole("limits.handshakeBurst", limits.handshakeBurst, 1, 1_000_000);
  whole("limits.handshakesPerSecond", limits.handshakesPerSecond, 1, 1_000_000);
  whole("limits.handshakeMs", limits.handshakeMs, 1, MINUTES_10_MS);
  whole("limits.heartbeatMs", limits.heartbeatMs, 1, MINUTES_10_MS);
  whole("limits.silenceMs", limits.silenceMs, 2 * limits.heartbeatMs, 10 * MINUTES_10_MS);
  whole("limits.reconnectMinMs", limits.reconnectMinMs, 1, MINUTES_10_MS);
  whole("limits.reconnectMaxMs", limits.reconnectMaxMs, limits.reconnectMinMs, MINUTES_10_MS);
  whole("limits.patienceMs", limits.patienceMs, 0, MINUTES_10_MS);
  return limits;
}

function whole(option: string, value: number, lowest: number, highest: number): void {
  if (!Number.isSafeInteger(value) || value < lowest || value > highest) {
    throw new OptionError(option, `a whole number of ${lowest} to ${highest}`, value);
  }
}

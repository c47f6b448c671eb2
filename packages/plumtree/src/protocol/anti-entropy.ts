import { RUNS_MAX } from "./counter-set.ts";
import type { Deliveries } from "./deliveries.ts";
import { type PlumtreeLimits, SYNC_STREAMS_MAX, WINDOW_COUNTERS } from "../limits.ts";
import type { StreamDigest, Sync } from "../codec/message.ts";
import type { MissingMessages } from "./missing.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Origins } from "./origins.ts";
import type { Step } from "./step.ts";
import type { Stream } from "./stream.ts";

/** Parts of {@link AntiEntropy}. */
export interface AntiEntropyParts {
  readonly step: Step;
  readonly limits: PlumtreeLimits;
  readonly isLossy: boolean;
  readonly origins: Origins;
  readonly missing: MissingMessages;
  readonly deliveries: Deliveries;
  readonly neighbours: ReadonlyMap<unknown, Neighbour>;
  /** Returns the stream of a digest, unless it is this node's own or refused. */
  readonly open: (digest: StreamDigest) => Stream | undefined;
}

/**
 * Fills the holes that a lost frame or an absence has left, within the horizon of what peers keep. Peers compare digests
 * when their link comes up, and when it has lost frames visibly. On links that lose silently they compare digests until
 * neither misses anything. A hole that no peer can fill becomes a gap.
 */
export class AntiEntropy {
  readonly #parts: AntiEntropyParts;
  /** Epochs with holes, also above the last message that came. */
  readonly #torn = new Set<Stream>();
  #digests = 0;

  constructor(parts: AntiEntropyParts) {
    this.#parts = parts;
  }

  /** Number of digests sent. */
  get digests(): number {
    return this.#digests;
  }

  /** Sends the digest of this node. */
  send(neighbour: Neighbour, answer: boolean): void {
    const { step, origins } = this.#parts;
    this.#digests += 1;
    if (answer) neighbour.syncAskedMs = step.nowMs;
    const digests: StreamDigest[] = [];
    for (const { origin, epoch, got, keptFrom } of origins.streams())
      digests.push({ origin, epoch, low: got.low, keptFrom, runs: got.runs.map(({ from, to }) => ({ from, to })) });
    let start = 0;
    do {
      const streams = digests.slice(start, (start += SYNC_STREAMS_MAX));
      step.send(neighbour.peer, { type: "sync", answer, last: start >= digests.length, streams });
    } while (start < digests.length);
  }

  /** Receive(SYNC): asks for what the peer has and this node misses. */
  receive(sender: Neighbour, { answer, last, streams }: Sync): void {
    const { step, origins, limits } = this.#parts;
    const compared: { readonly stream: Stream; readonly digest: StreamDigest }[] = [];
    for (const digest of streams) {
      const stream = this.#parts.open(digest);
      if (!stream) continue;
      compared.push({ stream, digest });
      sender.gone.set(stream, Math.min(digest.low, digest.keptFrom - 1));
      if (digest.runs.length === 0 && digest.low === stream.got.high && stream.got.runs.length === 0) sender.equalStreams += 1;
    }
    if (last) sender.heardSync(step.nowMs);
    for (const { stream, digest } of compared) {
      this.#settle(stream);
      this.#compare(sender, stream, digest);
    }
    if (!last) return;
    // The answer of a peer whose round trip is not known yet is awaited, to measure it.
    if (answer) this.send(sender, sender.roundTrip.meanMs === undefined && sender.syncAskedMs === undefined);
    const isEqual = sender.equalStreams === origins.streamCount;
    sender.equalStreams = 0;
    if (sender.hasMore || (this.#parts.isLossy && !isEqual)) this.#sendSoon(sender, limits.syncMs);
    sender.hasMore = false;
  }

  /** Notes that a message has been added to a stream whose highest counter was `highBefore`. */
  arrived(stream: Stream, counter: number, highBefore: number): void {
    const { step } = this.#parts;
    this.changed();
    if (stream.isWhole) {
      this.#torn.delete(stream);
      return;
    }
    if (counter < highBefore || counter <= stream.knownTo) stream.progressMs = step.nowMs;
    this.#tear(stream);
    if (stream.got.high - stream.got.low > WINDOW_COUNTERS) this.#close(stream, stream.got.high - WINDOW_COUNTERS);
    if (stream.got.runs.length > RUNS_MAX) this.closeFirst(stream);
  }

  /** Notes that a message was announced, and that no peer can be asked for it any longer. */
  hopeless(stream: Stream, counter: number): void {
    stream.knownTo = Math.max(stream.knownTo, counter);
    this.#tear(stream);
  }

  /** Plans digests to all peers, on links that lose: this node has something new. */
  changed(): void {
    const { isLossy, neighbours, limits } = this.#parts;
    if (isLossy) for (const neighbour of neighbours.values()) this.#sendSoon(neighbour, limits.syncMs);
  }

  /** Plans a digest to a peer, because something that it sent was not taken. */
  again(neighbour: Neighbour): void {
    this.#sendSoon(neighbour, this.#parts.limits.syncMs);
  }

  #sendSoon(neighbour: Neighbour, delayMs: number): void {
    const { step } = this.#parts;
    neighbour.syncDueMs = Math.min(neighbour.syncDueMs, step.nowMs + delayMs);
    step.wake(neighbour.syncDueMs);
  }

  /** Makes the lowest hole of a stream a gap, to make room. */
  closeFirst(stream: Stream): void {
    const [first] = stream.got.runs;
    if (first) this.#close(stream, first.from - 1);
  }

  /** Sends the digests that are due, and closes holes that stay open for too long. */
  due(): void {
    const { step, neighbours, limits } = this.#parts;
    for (const stream of this.#torn) {
      if (stream.progressMs + limits.gapMs <= step.nowMs) this.#closeHopeless(stream);
      else step.wake(stream.progressMs + limits.gapMs);
    }
    for (const neighbour of neighbours.values()) {
      if (neighbour.syncDueMs <= step.nowMs) {
        this.send(neighbour, true);
        neighbour.planSync(step.nowMs);
      }
      step.wake(neighbour.syncDueMs);
    }
  }

  /** Notes that a neighbour has left, so that others may be the only ones to ask. */
  gone(): void {
    for (const stream of this.#torn) this.#settle(stream);
  }

  /** Forgets a stream, after its holes have been reported. */
  forget(stream: Stream): void {
    const { missing, deliveries, neighbours } = this.#parts;
    missing.forget(stream, () => true);
    deliveries.close(stream, stream.top);
    this.#torn.delete(stream);
    for (const { gone } of neighbours.values()) gone.delete(stream);
  }

  /** Announces what a peer can send of the holes of this node, and notes what it cannot. */
  #compare(sender: Neighbour, stream: Stream, { low, keptFrom, runs }: StreamDigest): void {
    const { missing, step } = this.#parts;
    const high = runs.at(-1)?.to ?? low;
    if (high <= stream.got.low) return;
    const top = Math.min(high, stream.got.low + WINDOW_COUNTERS);
    if (top < high) sender.hasMore = true;
    stream.knownTo = Math.max(stream.knownTo, high);
    this.#tear(stream);
    for (const has of [{ from: 1, to: low }, ...runs]) {
      for (const hole of stream.got.holes(Math.min(has.to, top))) {
        const to = Math.min(hole.to, has.to);
        for (let counter = Math.max(hole.from, has.from, keptFrom); counter <= to; counter += 1) {
          if (missing.announced({ stream, counter, by: sender, dueMs: step.nowMs, isFresh: false })) continue;
          sender.hasMore = true;
          return;
        }
      }
    }
  }

  /** Closes the holes that all peers say they cannot fill. */
  #settle(stream: Stream): void {
    let to = Number.POSITIVE_INFINITY;
    for (const { synced, gone } of this.#parts.neighbours.values()) to = Math.min(to, synced ? (gone.get(stream) ?? 0) : 0);
    if (to === Number.POSITIVE_INFINITY || to <= stream.got.low) return;
    this.#close(stream, Math.min(to, this.#parts.missing.first(stream) - 1));
  }

  /** Closes the lowest holes, up to the first message that a peer may still send. */
  #closeHopeless(stream: Stream): void {
    const { step, limits, missing } = this.#parts;
    this.#close(stream, Math.min(stream.top, missing.first(stream) - 1));
    stream.progressMs = step.nowMs;
    if (!stream.isWhole) step.wake(step.nowMs + limits.gapMs);
  }

  /** Notes that a stream has holes. They become gaps after a time without progress. */
  #tear(stream: Stream): void {
    const { step, limits } = this.#parts;
    if (!this.#torn.has(stream)) stream.progressMs = step.nowMs;
    this.#torn.add(stream);
    step.wake(stream.progressMs + limits.gapMs);
  }

  #close(stream: Stream, to: number): void {
    const { missing, deliveries, neighbours } = this.#parts;
    const { low, high } = stream.got;
    if (to <= low) return;
    missing.forget(stream, (counter) => counter <= to);
    deliveries.close(stream, to);
    if (stream.isWhole) this.#torn.delete(stream);
    if (to <= high) return;
    // Peers that have received no message above the gap learn of it by the digest alone.
    for (const neighbour of neighbours.values()) if ((neighbour.gone.get(stream) ?? 0) < to) this.#sendSoon(neighbour, 0);
  }
}

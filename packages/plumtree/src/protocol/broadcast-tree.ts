import type { PeerId } from "@void-system/effects";
import type { Announcements } from "./announcements.ts";
import type { AntiEntropy } from "./anti-entropy.ts";
import type { Deliveries } from "./deliveries.ts";
import { Peak } from "./latency.ts";
import { MESSAGE_OVERHEAD_BYTES, type PlumtreeLimits, SERVED_IDS_MAX, WAIT_MS_MAX } from "../limits.ts";
import type { Gossip, IdRun } from "../codec/message.ts";
import type { MessageCache } from "./message-cache.ts";
import { AGE_MS_MAX, ROUND_MAX } from "../codec/message-codec.ts";
import type { MissingMessages } from "./missing.ts";
import type { Neighbour } from "./neighbour.ts";
import type { PlumtreeStats } from "./stats.ts";
import { RecentMessages } from "./recent.ts";
import type { Step } from "./step.ts";
import type { KeptMessage, Stream } from "./stream.ts";
import { TreeRoot } from "./tree-root.ts";

/** Parts of {@link BroadcastTree}. */
export interface BroadcastTreeParts {
  readonly step: Step;
  readonly limits: PlumtreeLimits;
  readonly neighbours: ReadonlyMap<PeerId, Neighbour>;
  readonly cache: MessageCache;
  readonly deliveries: Deliveries;
  readonly missing: MissingMessages;
  readonly announcements: Announcements;
  readonly antiEntropy: AntiEntropy;
}

/** Counters of a {@link BroadcastTree}. */
type TreeStats = Pick<
  PlumtreeStats,
  "duplicates" | "redundancy" | "hopsLast" | "hopsMax" | "payloadsSent" | "prunes" | "repaired" | "optimized" | "unservable" | "ignored" | "dropped" | "recent"
>;

/** A message that was asked for, until it is known whether the tree brings it, too. */
interface Doubt {
  readonly kept: KeptMessage;
  readonly dueMs: number;
}

/** Fewest links that an exchange of two links must save. */
const OPTIMIZE_HOPS = 2;
/** Shortest wait for an announced payload, in round trips of the link that announced it. */
const WAIT_ROUND_TRIPS = 5;

/**
 * The paper's tree: links that payloads are pushed along.
 *
 * Beyond the paper, a message that was asked for changes the tree only if the tree does not bring it, too. A tree that is
 * late is not broken, and a link for each late message would make a circle, which senders would then cut at several places.
 */
export class BroadcastTree {
  readonly #parts: BroadcastTreeParts;
  /** Delay of a payload behind its first announcement. */
  readonly #lateness = new Peak();
  readonly #doubts = new Set<Doubt>();
  readonly #root = new TreeRoot();
  readonly #recent = new RecentMessages();
  readonly #count = {
    received: 0, duplicates: 0, hopsLast: 0, hopsMax: 0, payloadsSent: 0, prunes: 0, repaired: 0, optimized: 0, unservable: 0, ignored: 0, dropped: 0,
  };

  constructor(parts: BroadcastTreeParts) {
    this.#parts = parts;
  }

  /** Returns the counters. */
  stats(): TreeStats {
    const { received, ...count } = this.#count;
    return { ...count, recent: this.#recent.stats(), redundancy: received === 0 ? 0 : count.duplicates / received };
  }

  /** Broadcasts the next message of this node. */
  broadcast(stream: Stream, counter: number, payload: Uint8Array): void {
    const { step } = this.#parts;
    const bornMs = step.nowMs;
    this.#root.heard(stream.origin, bornMs);
    const kept: KeptMessage = { payload, round: 0, bornMs, from: stream.origin, announcedMs: undefined, isInDoubt: false, holders: undefined };
    this.#keep(stream, counter, kept);
    this.#push(stream, counter, kept, []);
  }

  /** Receive(GOSSIP): builds the tree. */
  gossip(sender: Neighbour, stream: Stream, { counter, round, ageMs, payload }: Gossip): void {
    const { step, missing, deliveries, antiEntropy, limits } = this.#parts;
    if (stream.got.has(counter)) {
      this.#duplicate(sender, stream, counter);
      return;
    }
    if (!sender.brought.take(payload.length + MESSAGE_OVERHEAD_BYTES, step.nowMs)) {
      this.#count.dropped += 1;
      antiEntropy.again(sender);
      return;
    }
    const { missing: wanted, wasAsked = false } = missing.arrived(stream, counter, sender) ?? {};
    const isInDoubt = wanted?.isFresh === true && wasAsked;
    const announcedMs = wanted?.isFresh ? wanted.sinceMs : undefined;
    const kept: KeptMessage = { payload, round, bornMs: step.nowMs - ageMs, from: sender.peer, announcedMs, isInDoubt, holders: undefined };
    this.#root.heard(stream.origin, step.nowMs);
    this.#recent.received(round);
    this.#count.received += 1;
    this.#count.hopsLast = round;
    this.#count.hopsMax = Math.max(this.#count.hopsMax, round);
    this.#keep(stream, counter, kept);
    while (deliveries.heldBytes > limits.cacheBytes && stream.held.size > 0) antiEntropy.closeFirst(stream);
    const holders = wanted?.holders ?? [];
    if (!holders.includes(sender.peer)) holders.push(sender.peer);
    if (isInDoubt) {
      const dueMs = step.nowMs + this.#waitMs(sender);
      this.#doubts.add({ kept, dueMs });
      step.wake(dueMs);
    } else if (!wasAsked) {
      sender.eager = true;
      if (announcedMs !== undefined) this.#lateness.sample(step.nowMs - announcedMs);
    }
    this.#push(stream, counter, kept, holders);
  }

  /** Receive(IHAVE): the tree may have a hole. */
  announcement(sender: Neighbour, stream: Stream, { from, length, round }: IdRun): void {
    const { step, missing, antiEntropy } = this.#parts;
    if (!sender.announcing.take(length, step.nowMs)) {
      this.#count.ignored += length;
      antiEntropy.again(sender);
      return;
    }
    const dueMs = step.nowMs + this.#waitMs(sender);
    for (let counter = from; counter < from + length; counter += 1) {
      if (stream.got.has(counter)) this.#announcedAgain(sender, stream, counter, round);
      else if (!missing.announced({ stream, counter, by: sender, dueMs, isFresh: true })) {
        this.#count.ignored += 1;
        antiEntropy.again(sender);
      }
    }
  }

  /** Receive(GRAFT), for one run: serves what is kept. Returns the counters that are not. */
  serve(sender: Neighbour, stream: Stream | undefined, { from, length }: IdRun): number[] {
    const { cache, step, antiEntropy } = this.#parts;
    const gone: number[] = [];
    for (let counter = from; counter < from + length; counter += 1) {
      if (!stream || !cache.get(stream, counter, step.nowMs)) gone.push(counter);
      else if (sender.waiting.length < SERVED_IDS_MAX) sender.waiting.push({ stream, counter });
      else {
        this.#count.dropped += 1;
        antiEntropy.again(sender);
      }
    }
    this.#count.unservable += gone.length;
    this.#serveWaiting(sender);
    return gone;
  }

  /** Sends what a peer has asked for, as far as its budget allows. */
  #serveWaiting(to: Neighbour): void {
    const { cache, step } = this.#parts;
    let done = 0;
    for (const { stream, counter } of to.waiting) {
      const kept = cache.get(stream, counter, step.nowMs);
      const bytes = (kept?.payload.length ?? 0) + MESSAGE_OVERHEAD_BYTES;
      if (!to.served.take(bytes, step.nowMs)) {
        // A little later than the budget says, lest rounding makes it too early.
        step.wake(to.served.readyMs(bytes) + 1);
        break;
      }
      done += 1;
      if (kept) this.#sendPayload([to.peer], stream, counter, kept);
      else step.send(to.peer, { type: "gone", runs: [{ origin: stream.origin, epoch: stream.epoch, from: counter, length: 1, round: 0 }] });
    }
    to.waiting.splice(0, done);
  }

  /** Serves what waits, and mends the tree where it has not brought messages that were asked for. */
  due(): void {
    const { step, neighbours } = this.#parts;
    for (const neighbour of neighbours.values()) if (neighbour.waiting.length > 0) this.#serveWaiting(neighbour);
    for (const doubt of this.#doubts) {
      const { kept, dueMs } = doubt;
      if (kept.isInDoubt && dueMs > step.nowMs) {
        step.wake(dueMs);
        continue;
      }
      this.#doubts.delete(doubt);
      if (!kept.isInDoubt) continue;
      kept.isInDoubt = false;
      const neighbour = neighbours.get(kept.from);
      if (neighbour && !neighbour.eager) this.#graft(neighbour);
    }
  }

  /** Returns the time to wait for a payload that the tree should bring. */
  #waitMs({ roundTrip: { recentMs } }: Neighbour): number {
    const { limits } = this.#parts;
    const linkMs = recentMs === undefined ? limits.graftMs : WAIT_ROUND_TRIPS * recentMs;
    return Math.min(Math.max(this.#lateness.waitMs, linkMs, limits.lazyMs), WAIT_MS_MAX);
  }

  #duplicate(sender: Neighbour, stream: Stream, counter: number): void {
    this.#count.duplicates += 1;
    this.#recent.duplicate();
    const kept = stream.kept.get(counter);
    // A message that is kept no longer is a replay, and one that the same peer sends again was asked for twice.
    if (!kept || kept.from === sender.peer) return;
    kept.holders?.push(sender.peer);
    if (kept.announcedMs !== undefined) this.#lateness.sample(this.#parts.step.nowMs - kept.announcedMs);
    if (kept.isInDoubt) {
      // The tree was late, and not broken.
      kept.isInDoubt = false;
    } else if (this.#root.is(stream.origin)) {
      this.#prune(sender);
    }
  }

  #prune(neighbour: Neighbour): void {
    this.#count.prunes += 1;
    neighbour.eager = false;
    this.#parts.step.send(neighbour.peer, { type: "prune" });
  }

  #graft(neighbour: Neighbour): void {
    this.#count.repaired += 1;
    neighbour.eager = true;
    this.#parts.step.send(neighbour.peer, { type: "graft", link: true, runs: [] });
  }

  /** Optimize: exchanges the link that brought a message for one with fewer links behind it. */
  #announcedAgain(sender: Neighbour, stream: Stream, counter: number, round: number): void {
    const kept = stream.kept.get(counter);
    if (!kept) return;
    kept.holders?.push(sender.peer);
    if (!this.#root.is(stream.origin)) return;
    const parent = this.#parts.neighbours.get(kept.from);
    if (kept.isInDoubt || sender.eager || !parent?.eager || kept.round - round - 1 < OPTIMIZE_HOPS) return;
    this.#count.optimized += 1;
    this.#graft(sender);
    this.#prune(parent);
  }

  #keep(stream: Stream, counter: number, kept: KeptMessage): void {
    const { cache, deliveries, antiEntropy } = this.#parts;
    const { high } = stream.got;
    stream.got.add(counter);
    deliveries.arrived(stream, { counter, payload: kept.payload, hops: kept.round });
    cache.add(stream, counter, kept);
    antiEntropy.arrived(stream, counter, high);
  }

  /** EagerPush and LazyPush. `holders` are peers that have the message. */
  #push(stream: Stream, counter: number, kept: KeptMessage, holders: PeerId[]): void {
    const { neighbours, announcements } = this.#parts;
    const eager: PeerId[] = [];
    let isEverywhere = true;
    for (const neighbour of neighbours.values()) {
      if (holders.includes(neighbour.peer)) continue;
      if (neighbour.eager) eager.push(neighbour.peer);
      else isEverywhere = false;
    }
    holders.push(...eager);
    if (eager.length > 0) this.#sendPayload(eager, stream, counter, kept);
    if (isEverywhere) return;
    kept.holders = holders;
    announcements.add(stream, counter, kept);
  }

  #sendPayload(to: readonly PeerId[], stream: Stream, counter: number, kept: KeptMessage): void {
    const { step } = this.#parts;
    const round = Math.min(kept.round + 1, ROUND_MAX);
    const ageMs = Math.min(Math.max(0, Math.ceil(step.nowMs - kept.bornMs)), AGE_MS_MAX);
    this.#count.payloadsSent += to.length;
    const { origin, epoch } = stream;
    step.send(to, { type: "gossip", origin, epoch, counter, round, ageMs, payload: kept.payload });
  }
}

import type { PeerId } from "@void-system/effects";
import { IdRuns } from "../codec/id-runs.ts";
import { ANNOUNCED_IDS_MAX, ASKED_IDS_MAX } from "../limits.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Step } from "./step.ts";
import type { Stream } from "./stream.ts";

/** A message that peers have and this node has not. */
export interface Missing {
  readonly stream: Stream;
  readonly counter: number;
  /** Time of the first announcement. */
  readonly sinceMs: number;
  /** Peers that have announced it. */
  readonly holders: PeerId[];
  /** Those of them that can be asked for it, in the order of their announcements. */
  readonly candidates: Neighbour[];
  /** Time at which the next candidate is asked. */
  dueMs: number;
  /** Peer that was asked last. */
  asked: Neighbour | undefined;
  askedMs: number;
  /** True if the tree should have brought it. False for messages of the past. */
  readonly isFresh: boolean;
}

/** Announcement of a message that is not here. */
export interface Announcement {
  readonly stream: Stream;
  readonly counter: number;
  readonly by: Neighbour;
  /** Time at which it is asked for, if the tree has not brought it. */
  readonly dueMs: number;
  readonly isFresh: boolean;
}

const NONE: ReadonlyMap<number, Missing> = new Map();

/** Messages that peers have and this node has not: it asks for what the tree does not bring in time. */
export class MissingMessages {
  readonly #all = new Set<Missing>();
  readonly #byStream = new Map<Stream, Map<number, Missing>>();
  readonly #step: Step;
  readonly #hopeless: (stream: Stream, counter: number) => void;
  /** True while a message that is due waits for a peer that was asked for enough. */
  #isWaiting = false;
  #asked = 0;

  /** `hopeless` is called with each message that no peer can be asked for any longer. */
  constructor(step: Step, hopeless: (stream: Stream, counter: number) => void) {
    this.#step = step;
    this.#hopeless = hopeless;
  }

  /** Number of messages. */
  get size(): number {
    return this.#all.size;
  }

  /** Number of ids that were asked for. */
  get asked(): number {
    return this.#asked;
  }

  /** Returns the lowest counter of an epoch that a peer may still send, or infinity. */
  first(stream: Stream): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { counter, candidates, asked } of this.#of(stream).values())
      if (asked || candidates.length > 0) first = Math.min(first, counter);
    return first;
  }

  /** Takes an announcement. Returns false if the peer has announced too many already. */
  announced({ stream, counter, by, dueMs, isFresh }: Announcement): boolean {
    const known = this.#of(stream).get(counter);
    if (known?.candidates.includes(by)) return true;
    if (by.announced >= ANNOUNCED_IDS_MAX) return false;
    by.announced += 1;
    if (known) {
      known.candidates.push(by);
      if (!known.holders.includes(by.peer)) known.holders.push(by.peer);
      if (!known.asked) known.dueMs = Math.min(known.dueMs, dueMs);
    } else {
      const missing: Missing = {
        stream,
        counter,
        sinceMs: this.#step.nowMs,
        holders: [by.peer],
        candidates: [by],
        dueMs,
        asked: undefined,
        askedMs: 0,
        isFresh,
      };
      const others = this.#byStream.get(stream);
      if (others) others.set(counter, missing);
      else this.#byStream.set(stream, new Map([[counter, missing]]));
      this.#all.add(missing);
    }
    this.#step.wake(dueMs);
    return true;
  }

  /** Removes a message that has come, and returns it if it was missing. `wasAsked` if this peer was asked for it last. */
  arrived(stream: Stream, counter: number, from: Neighbour): { readonly missing: Missing; readonly wasAsked: boolean } | undefined {
    const missing = this.#of(stream).get(counter);
    if (!missing) return undefined;
    const wasAsked = missing.asked === from;
    if (wasAsked) from.roundTrip.sample(this.#step.nowMs - missing.askedMs);
    if (from.strikes > 0) from.strikes -= 1;
    this.#remove(missing);
    return { missing, wasAsked };
  }

  /** Removes messages that are wanted no longer. */
  forget(stream: Stream, isForgotten: (counter: number) => boolean): void {
    for (const missing of this.#of(stream).values()) if (isForgotten(missing.counter)) this.#remove(missing);
  }

  /** Notes that a peer does not have a message any longer. */
  denied(stream: Stream, counter: number, by: Neighbour): void {
    const missing = this.#of(stream).get(counter);
    if (!missing) return;
    this.#withdraw(missing, by);
    this.#step.wake(missing.dueMs);
  }

  /** Notes that a peer cannot be asked any longer. */
  gone(peer: Neighbour): void {
    for (const missing of this.#all) {
      // It may come back without the message.
      const index = missing.holders.indexOf(peer.peer);
      if (index >= 0) missing.holders.splice(index, 1);
      this.#withdraw(missing, peer);
      this.#step.wake(missing.dueMs);
    }
  }

  /** Asks for what is due. */
  ask(): void {
    const { nowMs } = this.#step;
    const asks = new Map<Neighbour, IdRuns>();
    this.#isWaiting = false;
    for (const missing of this.#all) {
      if (missing.dueMs <= nowMs) {
        const next = this.#next(missing);
        if (!next) continue;
        let ids = asks.get(next);
        if (!ids) asks.set(next, (ids = new IdRuns()));
        ids.add(missing.stream, missing.counter, 0);
      }
      this.#step.wake(missing.dueMs);
    }
    for (const [{ peer }, ids] of asks)
      for (const runs of ids.frames()) this.#step.send(peer, { type: "graft", link: false, runs });
  }

  /** Turns to the next candidate of a message that is due. */
  #next(missing: Missing): Neighbour | undefined {
    const { nowMs } = this.#step;
    const free = missing.candidates.filter(({ asked }) => asked < ASKED_IDS_MAX);
    const next = free.find(({ isStruck }) => !isStruck) ?? free[0];
    if (next) {
      this.#release(missing, true);
      missing.candidates.splice(missing.candidates.indexOf(next), 1);
      next.announced -= 1;
      next.asked += 1;
      missing.asked = next;
      missing.askedMs = nowMs;
      missing.dueMs = nowMs + next.roundTrip.waitMs;
      this.#asked += 1;
    } else if (missing.candidates.length > 0) {
      this.#isWaiting = true;
    } else {
      this.#release(missing, true);
      missing.dueMs = Number.POSITIVE_INFINITY;
      this.#hopeless(missing.stream, missing.counter);
    }
    return next;
  }

  #of(stream: Stream): ReadonlyMap<number, Missing> {
    return this.#byStream.get(stream) ?? NONE;
  }

  #withdraw(missing: Missing, by: Neighbour): void {
    const index = missing.candidates.indexOf(by);
    if (index >= 0) {
      missing.candidates.splice(index, 1);
      by.announced -= 1;
    }
    if (missing.asked !== by) return;
    this.#release(missing, false);
    missing.dueMs = this.#step.nowMs;
  }

  /** Frees the place that a question takes at its peer. `isLate` if the peer has not answered in time. */
  #release(missing: Missing, isLate: boolean): void {
    const { asked } = missing;
    if (!asked) return;
    missing.asked = undefined;
    asked.asked -= 1;
    if (isLate) {
      asked.roundTrip.late(missing.askedMs, this.#step.nowMs);
      asked.strikes += 1;
    }
    if (this.#isWaiting && asked.asked * 2 <= ASKED_IDS_MAX) this.#step.wake(this.#step.nowMs);
  }

  #remove(missing: Missing): void {
    this.#release(missing, false);
    for (const by of missing.candidates) by.announced -= 1;
    this.#all.delete(missing);
    const others = this.#byStream.get(missing.stream);
    others?.delete(missing.counter);
    if (others?.size === 0) this.#byStream.delete(missing.stream);
  }
}

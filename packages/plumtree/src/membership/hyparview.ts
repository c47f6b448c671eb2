/**
 * J. Leitão, J. Pereira, L. Rodrigues, "HyParView: a membership protocol for reliable gossip-based broadcast", DSN 2007. Each
 * node keeps links with a few peers, and remembers more of them as replacements.
 *
 * Beyond the paper, a peer becomes active only after its answer, the answer to a SHUFFLE takes the way back instead of a
 * link of its own, and peers that were lost are dialed again now and then, so that a partition heals.
 */
import type { LinkState, PeerId, SeededRandom } from "@void-system/effects";
import type { Disconnect, ForwardJoin, MembershipMessage, NeighborReply, Shuffle, ShuffleReply } from "../codec/message.ts";
import type { Step } from "../protocol/step.ts";
import type { Contact, Member, ReadRecord, ViewLimits } from "./member.ts";
import { Budget } from "../protocol/budget.ts";
import { JOINS_BUDGET, RECORDS_BUDGET } from "../limits.ts";
import { SpareLinks } from "./spare-links.ts";
import { AwaitedReplies } from "./awaited-replies.ts";
import { Views } from "./views.ts";

/** Parts of `HyParView`. */
export interface HyParViewParts {
  readonly self: PeerId;
  readonly step: Step;
  /** Peers with a link. */
  readonly up: ReadonlySet<PeerId>;
  readonly random: SeededRandom;
  readonly limits: ViewLimits;
  /** This node's own record. */
  readonly record: Uint8Array;
  readonly readRecord: ReadRecord;
  /** Members by which this node joins. */
  readonly contacts: readonly Contact[];
  /** Called when a peer has become active. */
  readonly entered: (peer: PeerId) => void;
  /** Called when a peer is active no longer. */
  readonly left: (peer: PeerId) => void;
}

/** Counters of HyParView. */
export interface MembershipStats {
  /** Peers of the active view. */
  readonly active: number;
  /** Peers of the passive view. */
  readonly passive: number;
  /** Dials since the start. */
  readonly dials: number;
  /** Records that were refused, or exceeded the budget. */
  readonly refusedRecords: number;
}

/** Dials at a time. */
export const DIALS_MAX = 5;
/** Dials at a time for new nodes whose record ends its walk here. */
const WALK_DIALS_MAX = 64;
/** Time for a link to come up, and for the answer over it, in milliseconds. */
const DIAL_MS = 15_000;
const ANSWER_MS = 5_000;
/** Time for which a new node waits for those that have heard of it, in milliseconds. */
const WELCOME_MS = 1_000;
/** Links left at which a walking record is remembered: the paper's passive random walk length. */
const REMEMBER_LINKS = 3;
/** Links that a SHUFFLE walks along. */
const SHUFFLE_LINKS = 6;
/** Records of active and passive peers in a SHUFFLE, besides the sender's own, and in an answer to a question. */
const SHUFFLE_ACTIVE = 3;
const SHUFFLE_PASSIVE = 4;
const REPLY_ACTIVE = 7;
const REPLY_PASSIVE = 8;

type Purpose = "join" | "high" | "low";

/** An attempt to make a peer active. */
interface Attempt {
  readonly to: Contact;
  readonly purpose: Purpose;
  /** True once the link is up and the peer was asked. */
  isAsked: boolean;
  dueMs: number;
}

/** Partial membership: the views of one node, and the messages that maintain them. */
export class HyParView {
  readonly #parts: HyParViewParts;
  readonly #views: Views;
  readonly #attempts = new Map<PeerId, Attempt>();
  /** Peers that were tried since the last search. */
  readonly #tried = new Set<PeerId>();
  readonly #spare: SpareLinks;
  #record: Uint8Array;
  /** Members that were sent with the last SHUFFLE. */
  #sent: readonly PeerId[] = [];
  #shuffleMs = Number.POSITIVE_INFINITY;
  #repairMs = Number.POSITIVE_INFINITY;
  #pauseMs: number;
  /** Until this time the nodes come that have heard of this one by its JOIN. */
  #welcomedUntilMs = Number.NEGATIVE_INFINITY;
  /** Short in the beginning, so that nodes that join at once hear of each other. */
  #shufflePauseMs = 1_000;
  readonly #awaited = new AwaitedReplies();
  readonly #joins: Budget;
  /** Dials of new nodes whose walk ends here: the address is hearsay, and a dial that is refused at once frees its place. */
  readonly #walkDials: Budget;
  /** Records that peers show of themselves, and of others. */
  readonly #shown: Budget;
  readonly #passedOn: Budget;
  readonly #count = { dials: 0, refusedRecords: 0 };

  constructor(parts: HyParViewParts) {
    this.#parts = parts;
    this.#record = parts.record;
    this.#pauseMs = parts.limits.repairMs;
    this.#spare = new SpareLinks(parts.step, parts.up);
    const { nowMs } = parts.step;
    this.#joins = new Budget(JOINS_BUDGET, nowMs);
    this.#walkDials = new Budget(JOINS_BUDGET, nowMs);
    this.#shown = new Budget(RECORDS_BUDGET, nowMs);
    this.#passedOn = new Budget(RECORDS_BUDGET, nowMs);
    this.#views = new Views(parts.self, parts.limits.passiveMax, parts.random);
  }

  /** Returns sizes and counters. */
  stats(): MembershipStats {
    return { active: this.#views.active.size, passive: this.#views.passive.length, ...this.#count };
  }

  /** Names of the active view. */
  get active(): readonly PeerId[] {
    return [...this.#views.active.keys()];
  }

  /** Names of the passive view. */
  get passive(): readonly PeerId[] {
    return this.#views.passive;
  }

  /** Joins by the contacts. */
  start(): void {
    this.#shuffleMs = this.#nextShuffleMs();
    this.#parts.step.wake(this.#shuffleMs);
    this.#refill();
  }

  /** Replaces this node's record, and sends it to the active peers. */
  renew(record: Uint8Array): void {
    this.#record = record;
    for (const peer of this.#views.active.keys()) this.#send(peer, { type: "neighbor", isHigh: false, record });
  }

  /** Returns true if a peer is active, and notes that it lives. */
  heard(peer: PeerId): boolean {
    const active = this.#views.active.get(peer);
    if (!active) return false;
    active.heardMs = this.#parts.step.nowMs;
    active.probedMs = undefined;
    return true;
  }

  /** Notes the state of a link. */
  link(peer: PeerId, state: LinkState): void {
    const attempt = this.#attempts.get(peer);
    if (state !== "writable") this.#spare.changed(peer);
    if (state === "up") {
      const wasActive = this.#views.active.has(peer);
      this.#drop(peer, false);
      if (attempt) this.#ask(attempt);
      else this.#spare.host(peer);
      if (wasActive) this.#refill();
    } else if (state === "down" || (state === "failed" && attempt && !attempt.isAsked)) {
      this.#drop(peer, true);
      if (attempt) this.#failed(attempt);
      this.#refill();
    }
  }

  /** Takes a message of the membership protocol. */
  receive(from: PeerId, message: MembershipMessage): void {
    switch (message.type) {
      case "join":
        this.#asked(from, message.record, "join");
        break;
      case "neighbor":
        this.#asked(from, message.record, message.isHigh ? "high" : "low");
        break;
      case "neighbor-reply":
        this.#answered(from, message);
        break;
      case "forward-join":
        this.#forwardJoin(from, message);
        break;
      case "disconnect":
        this.#disconnected(from, message);
        break;
      case "shuffle":
        this.#shuffle(from, message);
        break;
      case "shuffle-reply":
        this.#shuffleReply(from, message);
        break;
    }
  }

  /** Does what is due. */
  due(): void {
    const { step } = this.#parts;
    for (const attempt of this.#attempts.values()) {
      if (attempt.dueMs > step.nowMs) continue;
      this.#spare.hangUp(attempt.to.name);
      this.#failed(attempt);
    }
    this.#spare.due();
    if (this.#shuffleMs <= step.nowMs) this.#tick();
    if (this.#repairMs <= step.nowMs) {
      this.#repairMs = Number.POSITIVE_INFINITY;
      this.#tried.clear();
    }
    this.#refill();
    for (const { dueMs } of this.#attempts.values()) step.wake(dueMs);
    step.wake(this.#shuffleMs);
    step.wake(this.#repairMs);
    if (this.#welcomedUntilMs > step.nowMs) step.wake(this.#welcomedUntilMs);
  }

  // ── attempts ──

  /** Looks for replacements while the active view is not full. */
  #refill(): void {
    const { step, limits, contacts } = this.#parts;
    const missing = limits.activeMax - this.#views.active.size;
    if (missing <= 0) {
      this.#pauseMs = limits.repairMs;
      return;
    }
    const isAlone = this.#views.active.size === 0;
    if (!isAlone && step.nowMs < this.#welcomedUntilMs) {
      step.wake(this.#welcomedUntilMs);
      return;
    }
    // Beyond the paper, few are like none: two or three nodes that have only each other would never be let in.
    const isUrgent = this.#views.active.size * 2 < limits.activeMax;
    const attemptsMax = Math.min(DIALS_MAX, 2 * missing);
    while (this.#attempts.size < attemptsMax) {
      const next = this.#views.candidate(this.#isBusy) ?? (isAlone ? this.#views.lost(this.#isBusy) : undefined);
      if (!next) break;
      this.#try(next, isUrgent ? "high" : "low");
    }
    if (isAlone && this.#attempts.size === 0)
      for (const contact of contacts.slice(0, DIALS_MAX)) if (!this.#isBusy(contact.name)) this.#try(contact, "join");
    if (this.#attempts.size > 0 || this.#repairMs < Number.POSITIVE_INFINITY) return;
    this.#repairMs = step.nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, limits.shuffleMs);
    step.wake(this.#repairMs);
  }

  readonly #isBusy = (peer: PeerId): boolean =>
    peer === this.#parts.self || this.#tried.has(peer) || this.#attempts.has(peer) || this.#spare.isEnding(peer) || this.#views.active.has(peer);

  #try(to: Contact, purpose: Purpose): void {
    const { step, up } = this.#parts;
    const attempt: Attempt = { to, purpose, isAsked: false, dueMs: step.nowMs + DIAL_MS };
    this.#attempts.set(to.name, attempt);
    this.#tried.add(to.name);
    this.#spare.used(to.name);
    step.wake(attempt.dueMs);
    if (up.has(to.name)) {
      this.#ask(attempt);
    } else {
      this.#count.dials += 1;
      step.dial(to.name, to.address);
    }
  }

  /** Asks a linked peer to be active, if there is still need of it. */
  #ask(attempt: Attempt): void {
    const { step, limits } = this.#parts;
    const { to, purpose } = attempt;
    let asked = this.#views.active.size;
    for (const { isAsked } of this.#attempts.values()) if (isAsked) asked += 1;
    if (purpose === "low" && asked >= limits.activeMax) {
      this.#attempts.delete(to.name);
      this.#spare.hangUp(to.name);
      return;
    }
    attempt.isAsked = true;
    attempt.dueMs = step.nowMs + ANSWER_MS;
    step.wake(attempt.dueMs);
    if (purpose === "join") this.#send(to.name, { type: "join", record: this.#record });
    else this.#send(to.name, { type: "neighbor", isHigh: purpose === "high", record: this.#record });
  }

  #failed({ to: { name } }: Attempt): void {
    this.#attempts.delete(name);
    this.#views.failed(name);
  }

  // ── the active view ──

  /** Receive(JOIN) and Receive(NEIGHBOR). */
  #asked(from: PeerId, record: Uint8Array, purpose: Purpose): void {
    const { limits, step } = this.#parts;
    const member = this.#read(record, from);
    if (!member) {
      this.#spare.hangUp(from);
      return;
    }
    const active = this.#views.active.get(from);
    if (active) active.member = member;
    const isAccepted = active !== undefined || (!this.#spare.isEnding(from) && (purpose !== "low" || this.#views.active.size < limits.activeMax));
    if (isAccepted && !active) this.#enter(member);
    if (!isAccepted) {
      this.#views.found(member);
      this.#spare.host(from);
    }
    const others = this.#views.sample(REPLY_ACTIVE, REPLY_PASSIVE).filter(({ name }) => name !== from);
    const records = [this.#record, ...others.map((one) => one.record)];
    this.#send(from, { type: "neighbor-reply", isAccepted, records });
    if (purpose === "join" && isAccepted && !active && this.#joins.take(1, step.nowMs)) this.#forward(from, record);
  }

  /**
   * Sends the record of a new node on its walks. Beyond the paper there are half as many: a node that makes room for it sends it the
   * neighbour that has to go, so each walk brings two neighbours, and nobody is left to look for one.
   */
  #forward(from: PeerId, record: Uint8Array): void {
    const { limits } = this.#parts;
    const others = [...this.#views.active.keys()].filter((peer) => peer !== from);
    const walks = this.#isFull ? others.length : Math.ceil(limits.activeMax / 2) - 1;
    for (const peer of others.slice(0, Math.max(walks, 1))) this.#send(peer, { type: "forward-join", links: limits.walkLinks, record });
  }

  /** Takes the answer to JOIN or NEIGHBOR. */
  #answered(from: PeerId, { isAccepted, records: [record, ...others] }: NeighborReply): void {
    const attempt = this.#attempts.get(from);
    const isActive = this.#views.active.has(from);
    this.#attempts.delete(from);
    if (isAccepted && isActive) return;
    const member = record && this.#read(record, from);
    if (isAccepted && attempt && member) {
      this.#enter(member);
      if (attempt.purpose === "join") this.#welcomedUntilMs = this.#parts.step.nowMs + WELCOME_MS;
    } else if (isAccepted) {
      this.#dismiss(from);
    } else {
      this.#drop(from, false);
      if (member) this.#views.found(member);
      this.#spare.hangUp(from);
    }
    if (attempt) this.#merge(others, []);
    else this.#refill();
  }

  #disconnected(from: PeerId, { records }: Disconnect): void {
    this.#attempts.delete(from);
    this.#tried.add(from);
    const isNews = this.#views.active.has(from);
    this.#drop(from, false);
    this.#spare.hangUp(from);
    if (isNews) for (const record of records) this.#meet(record);
    this.#refill();
  }

  /** Asks a new node for a place, which has taken that of this one. */
  #meet(record: Uint8Array): void {
    const member = this.#read(record);
    if (!member) return;
    this.#views.remember(member);
    if (!this.#isBusy(member.name) && this.#attempts.size < DIALS_MAX) this.#try(member, "low");
  }

  #enter(member: Member): void {
    const { limits, step, entered } = this.#parts;
    if (this.#views.active.size >= limits.activeMax) {
      const victim = this.#views.neighbour();
      if (victim !== undefined) this.#dismiss(victim, [member.record]);
    }
    this.#attempts.delete(member.name);
    this.#spare.used(member.name);
    this.#views.enter(member, step.nowMs);
    entered(member.name);
  }

  /** Makes room: takes a peer out of the active view, and asks it to hang up. */
  #dismiss(peer: PeerId, records: readonly Uint8Array[] = []): void {
    this.#drop(peer, false);
    this.#spare.dismiss(peer, records);
  }

  /** Takes a peer out of the active view. */
  #drop(peer: PeerId, hasFailed: boolean): void {
    if (!this.#views.active.has(peer)) return;
    this.#views.leave(peer, hasFailed);
    this.#pauseMs = this.#parts.limits.repairMs;
    this.#parts.left(peer);
  }

  // ── walks ──

  #forwardJoin(from: PeerId, { links, record }: ForwardJoin): void {
    const { step, self } = this.#parts;
    const member = this.#views.active.has(from) ? this.#read(record) : undefined;
    if (!member || member.name === self || this.#views.active.has(member.name)) return;
    const next = links > 0 ? this.#views.neighbour((peer) => peer === from || peer === member.name) : undefined;
    if (next === undefined) {
      const isFree = !this.#attempts.has(member.name) && !this.#spare.isEnding(member.name) && this.#attempts.size < WALK_DIALS_MAX;
      if (isFree && this.#walkDials.take(1, step.nowMs)) this.#try(member, "high");
      return;
    }
    if (links === REMEMBER_LINKS) this.#views.remember(member);
    step.send(next, { type: "forward-join", links: links - 1, record });
  }

  #shuffle(from: PeerId, { links, path, records }: Shuffle): void {
    const { self } = this.#parts;
    const sender = this.#views.active.get(from);
    if (!sender?.shuffles.take(1, this.#parts.step.nowMs) || path.at(-1) !== from || path.includes(self)) return;
    const next = links > 0 ? this.#views.neighbour((peer) => path.includes(peer)) : undefined;
    if (next !== undefined && path.length < SHUFFLE_LINKS) {
      this.#awaited.passedOn(next, path);
      this.#send(next, { type: "shuffle", links: links - 1, path: [...path, self], records });
      return;
    }
    const sample = this.#sample(from);
    this.#send(from, { type: "shuffle-reply", path: path.slice(0, -1), records: sample.map(({ record }) => record) });
    this.#merge(records, sample.map(({ name }) => name));
  }

  #shuffleReply(from: PeerId, { path, records }: ShuffleReply): void {
    if (!this.#views.active.has(from) || !this.#awaited.take(from, path)) return;
    const next = path.at(-1);
    if (next === undefined) this.#merge(records, this.#sent);
    else if (this.#views.active.has(next)) this.#send(next, { type: "shuffle-reply", path: path.slice(0, -1), records });
  }

  #merge(records: readonly Uint8Array[], sent: readonly PeerId[]): void {
    for (const record of records) {
      const member = this.#read(record);
      if (member) this.#views.remember(member, sent);
    }
    this.#refill();
  }

  // ── time ──

  /** Exchanges records, asks peers that are silent, and looks for one that was lost. */
  #tick(): void {
    const { step, limits, self } = this.#parts;
    this.#shuffleMs = this.#nextShuffleMs();
    this.#tried.clear();
    for (const peer of this.#views.expired(step.wallMs)) {
      this.#dismiss(peer);
      this.#views.forget(peer);
    }
    for (const [peer, active] of this.#views.active) {
      if (active.probedMs !== undefined && active.probedMs + ANSWER_MS <= step.nowMs) {
        this.#spare.hangUp(peer);
        this.#drop(peer, true);
      } else if (active.heardMs + limits.shuffleMs <= step.nowMs) {
        active.probedMs ??= step.nowMs;
        this.#send(peer, { type: "neighbor", isHigh: false, record: this.#record });
      }
    }
    const lost = this.#views.lost(this.#isBusy);
    if (lost && this.#attempts.size < DIALS_MAX) this.#try(lost, "high");
    const partner = this.#views.neighbour();
    if (partner === undefined) return;
    const sample = this.#sample(partner);
    this.#sent = sample.map(({ name }) => name);
    this.#awaited.passedOn(partner, []);
    const records = [this.#record, ...sample.map(({ record }) => record)];
    this.#send(partner, { type: "shuffle", links: this.#isFull ? 0 : SHUFFLE_LINKS - 1, path: [self], records });
  }

  /** True if the views hold the whole network, so that every node is as good as the end of a walk. */
  get #isFull(): boolean {
    return this.#parts.limits.walkLinks === 0;
  }

  /** Returns random members for a SHUFFLE or its answer. */
  #sample(peer: PeerId): Member[] {
    const [active, passive] = this.#isFull ? [REPLY_ACTIVE, REPLY_PASSIVE] : [SHUFFLE_ACTIVE, SHUFFLE_PASSIVE];
    return this.#views.sample(active, passive).filter(({ name }) => name !== peer);
  }

  #nextShuffleMs(): number {
    const { step, limits, random } = this.#parts;
    const pauseMs = this.#shufflePauseMs;
    this.#shufflePauseMs = Math.min(pauseMs * 2, limits.shuffleMs);
    return step.nowMs + pauseMs * (0.5 + random.next());
  }

  #send(to: PeerId, message: MembershipMessage): void {
    this.#parts.step.send(to, message);
  }

  /** Returns the member of a record, if it is sound, and that of the node that it should be of. */
  #read(record: Uint8Array, of?: PeerId): Member | undefined {
    const { readRecord, step } = this.#parts;
    const mayRead = (of === undefined ? this.#passedOn : this.#shown).take(1, step.nowMs);
    const read = mayRead ? readRecord(record, step.wallMs) : undefined;
    if (read && (of === undefined || read.name === of)) return { ...read, record };
    this.#count.refusedRecords += 1;
    return undefined;
  }
}

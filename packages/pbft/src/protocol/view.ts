/**
 * The view of a replica, and the way to the next one (Castro & Liskov 1999, §4.4): its number, whether it has begun
 * here, who complains of it and who waits for it, and the votes of views to come.
 */
import type { DepartureCertificate } from "../codec/certificate.ts";
import type { Complaint, NewView, ViewChange, Vote } from "../codec/message.ts";
import { primaryOf, type Configuration } from "../configuration.ts";
import { FUTURE_VOTES_MAX } from "../limits.ts";

/** A complaint of this view, and the time at which it was last heard. */
interface Heard {
  readonly signature: Uint8Array;
  readonly atMs: number;
}

/** The view, owned. */
export class View {
  readonly #cluster: Configuration;
  readonly #index: number;
  #number = 0;
  #changing = false;
  #ownViewChange: ViewChange | undefined;
  #newView: NewView | undefined;
  #newViewWaits = false;
  #base = 0;
  #attempts = 0;
  #hasTimedOut = false;
  #proof: DepartureCertificate | undefined;
  /** Of each replica its VIEW-CHANGE to this view. */
  readonly #asked = new Map<number, ViewChange>();
  /** Of each replica its complaint of this view. */
  readonly #complaints = new Map<number, Heard>();
  /** Votes of views to come, by signer. */
  readonly #future = new Map<number, Vote[]>();

  constructor(cluster: Configuration, index: number) {
    this.#cluster = cluster;
    this.#index = index;
  }

  get number(): number {
    return this.#number;
  }

  /** A VIEW-CHANGE to this view was sent and its NEW-VIEW is not held: no vote is cast. */
  get changing(): boolean {
    return this.#changing;
  }

  /** The VIEW-CHANGE that this replica has sent and that no NEW-VIEW has answered. */
  get ownViewChange(): ViewChange | undefined {
    return this.#ownViewChange;
  }

  /**
   * The NEW-VIEW of the last view that has begun here; view 0 has none. It is kept while the next view is waited for: who has
   * not seen it cannot follow a primary that has resigned since.
   */
  get newView(): NewView | undefined {
    return this.#newView;
  }

  /** The NEW-VIEW, if it may be handed to others: not this replica's own before it binds. */
  get newViewToRepeat(): NewView | undefined {
    return this.#newViewWaits ? undefined : this.#newView;
  }

  /** This replica's VIEW-CHANGE to the view that it waits for, once it binds. */
  get viewChangeToRepeat(): ViewChange | undefined {
    return this.#changing ? this.#asked.get(this.#index) : undefined;
  }

  /** The last sequence number that the NEW-VIEW of this view has re-proposed. */
  get base(): number {
    return this.#base;
  }

  /** Views asked for since a batch was last executed in one: the timeout doubles with each. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The proof with which the view before this one was left, until this one begins. */
  get proof(): DepartureCertificate | undefined {
    return this.#changing ? this.#proof : undefined;
  }

  /** The timeout of this view is over. Others learn of it; the view is left only when f+1 say so. */
  get hasTimedOut(): boolean {
    return this.#hasTimedOut;
  }

  get primary(): number {
    return primaryOf(this.#cluster, this.#number);
  }

  get isPrimary(): boolean {
    return this.primary === this.#index;
  }

  /** Leaves the view for `number`, which begins with its NEW-VIEW. */
  leave(number: number): void {
    this.#asked.clear();
    this.#complaints.clear();
    this.#number = number;
    this.#changing = true;
    this.#hasTimedOut = false;
  }

  /** Keeps the message with which this replica has asked for the view. */
  ask(message: ViewChange): void {
    this.#ownViewChange = message;
  }

  /**
   * Returns whether a proof ends this view. A complaint of a later view does too, for a correct replica has reached that one. A
   * resignation ends a view that has begun here, and no other: else a liar could resign views to come, and have all others skipped.
   */
  endsBy({ view, ground }: DepartureCertificate): boolean {
    return ground === "complaint" ? view >= this.#number : view === this.#number && !this.#changing;
  }

  /** Keeps the proof with which the view is left. */
  prove(certificate: DepartureCertificate): void {
    this.#proof = certificate;
  }

  /** Counts another view that was asked for. */
  attempt(): void {
    this.#attempts += 1;
  }

  /** Notes that the NEW-VIEW is this replica's own, and waits for its record. */
  holdNewView(): void {
    this.#newViewWaits = true;
  }

  /** Notes that a NEW-VIEW came back: if it is the last one, it binds. */
  releaseNewView({ view }: NewView): void {
    if (view === this.#newView?.view) this.#newViewWaits = false;
  }

  /** Begins the view of a NEW-VIEW that re-proposes what lies up to `base`. */
  begin(newView: NewView, base: number): void {
    this.leave(newView.view);
    this.#changing = false;
    this.#newView = newView;
    this.#newViewWaits = false;
    this.#base = base;
  }

  /** Forgets this replica's own VIEW-CHANGE: the view has begun. */
  settle(): void {
    this.#ownViewChange = undefined;
  }

  /** Notes that a batch of this view was executed: the next timeout is the shortest again. */
  progress(): void {
    this.#attempts = 0;
  }

  setTimedOut(hasTimedOut: boolean): void {
    this.#hasTimedOut = hasTimedOut;
    if (!hasTimedOut) this.#complaints.delete(this.#index);
  }

  /** Keeps a complaint of this view. */
  noteComplaint({ sender, signature }: Complaint, atMs: number): void {
    this.#complaints.set(sender, { signature, atMs });
  }

  /** The f+1 complaints of this view that were heard since, if there are so many. */
  complaints(sinceMs: number): DepartureCertificate | undefined {
    const complaints = [...this.#complaints]
      .filter(([, { atMs }]) => atMs >= sinceMs)
      .map(([sender, { signature }]) => ({ sender, signature }))
      .sort((a, b) => a.sender - b.sender)
      .slice(0, this.#cluster.weak);
    return complaints.length < this.#cluster.weak ? undefined : { view: this.#number, ground: "complaint", votes: complaints };
  }

  /** Returns whether a VIEW-CHANGE is news: to this view, which has not begun, and its sender's first. */
  isNews({ view, sender }: Pick<ViewChange, "view" | "sender">): boolean {
    return this.#changing && view === this.#number && !this.#asked.has(sender);
  }

  /** Keeps a VIEW-CHANGE that is news. */
  note(message: ViewChange): void {
    this.#asked.set(message.sender, message);
  }

  /** The quorum of VIEW-CHANGEs from which this replica, primary of the view asked for, makes its NEW-VIEW. */
  quorum(): readonly ViewChange[] | undefined {
    if (!this.#changing || !this.isPrimary) return undefined;
    const quorum = [...this.#asked.values()]
      .sort((a, b) => a.sender - b.sender)
      .slice(0, this.#cluster.quorum);
    return quorum.length < this.#cluster.quorum ? undefined : quorum;
  }

  /** Returns whether a quorum, this replica included, waits for this view: only then is the wait for its NEW-VIEW timed. */
  quorumIsChanging(): boolean {
    return this.#changing && this.#asked.size >= this.#cluster.quorum;
  }

  /** Returns whether a message is of a view that has not begun here. */
  isLater(view: number): boolean {
    return view > this.#number || (view === this.#number && this.#changing);
  }

  /** Keeps a vote of a later view; the oldest of the same signer goes when there are too many. */
  keepForLater(vote: Vote): void {
    const kept = this.#future.get(vote.sender) ?? [];
    this.#future.set(vote.sender, kept);
    kept.push(vote);
    if (kept.length > FUTURE_VOTES_MAX) kept.shift();
  }

  /** Returns, and keeps no longer, the votes whose view has begun. */
  takeDue(): readonly Vote[] {
    const all: Vote[] = [];
    for (const [signer, kept] of this.#future) {
      const later = kept.filter(({ view }) => view > this.#number);
      if (later.length === kept.length) continue;
      all.push(...kept.filter(({ view }) => view <= this.#number));
      if (later.length > 0) this.#future.set(signer, later);
      else this.#future.delete(signer);
    }
    return all;
  }
}

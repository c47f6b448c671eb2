/**
 * The client (Castro & Liskov 1999, §4.1): signs requests, sends each to the primary it believes in and, when that
 * does not help, to all; believes a result when f+1 replicas have signed the same one. A core without a log.
 */
import { decodeAll, equalBytes } from "@void-system/bytes";
import type { Core, Input, Now, Output, PeerId } from "@void-system/effects";
import type { Request } from "../codec/batch.ts";
import { primaryOf, replicaAt, type Configuration } from "../configuration.ts";
import { ConfigurationError } from "../errors.ts";
import { OPERATION_BYTES_MAX, SESSION_WINDOW } from "../limits.ts";
import { ReplyStatus, type Message, type Reply, type Result } from "../codec/message.ts";
import type { Sign } from "../ports.ts";
import { requestStatement } from "../codec/signing.ts";

/** Outcome of a submission. */
export type Outcome =
  | {
      readonly type: "ok";
      /** The state machine's result. */
      readonly result: Uint8Array;
    }
  /** Executed, and it failed the same way on every replica. */
  | {
      readonly type: "failed";
      /** Why, for people. */
      readonly reason: string;
    }
  /** Refused for its number or size, or executed and the result is gone; the reason says which. */
  | {
      readonly type: "refused";
      /** Why, for people. */
      readonly reason: string;
    }
  /** f+1 matching replies did not come in time: the outcome is unknown. */
  | {
      readonly type: "no-quorum";
      /** Number of replicas that had answered. */
      readonly replies: number;
    };

/** An operation to submit. The ticket is the submitter's own name for it and comes back with the outcome. */
export interface Submission {
  /** The submitter's own name for it. */
  readonly ticket: number;
  /** Operation for the state machine. */
  readonly operation: Uint8Array;
}

/** A delivery of {@link ClientCore}: an outcome, or a request for the replica on this very node. */
export type ClientDelivery =
  | {
      readonly type: "outcome";
      /** The submitter's own name for it. */
      readonly ticket: number;
      /** Fate of the request. */
      readonly outcome: Outcome;
    }
  | {
      readonly type: "request";
      /** The signed request. */
      readonly request: Request;
    };

/** Times and bounds of a client. */
export interface ClientTuning {
  /** Time for which a submission waits for f+1 matching replies. @defaultValue 10_000 */
  readonly timeoutMs: number;
  /** Time for which the primary alone is tried; then all replicas, again after twice as long, and so on. @defaultValue 500 */
  readonly retryMs: number;
  /** Submissions under way at once, at most `SESSION_WINDOW`. @defaultValue 256 */
  readonly windowMax: number;
}

/** The parts of a {@link ClientCore}. */
export interface ClientOptions {
  /** The cluster that it talks to. */
  readonly cluster: Configuration;
  /** The client's name: replicas know its key by it. */
  readonly self: PeerId;
  /** Signs as this client. */
  readonly sign: Sign;
  /**
   * 0 to 999, drawn once. Numbers begin at the wall clock in microseconds, with this as the last three digits, so that
   * two lives of a client do not use the same numbers. @defaultValue 0
   */
  readonly salt?: number;
  /** Times and bounds. */
  readonly tuning?: Partial<ClientTuning>;
}

/** An output of {@link ClientCore}. */
export type ClientOutput = Output<Message, never, ClientDelivery>;

interface Outstanding {
  readonly submission: Submission;
  readonly request: Request;
  readonly deadlineMs: number;
  retryAtMs: number;
  retryMs: number;
  renumbered: number;
  readonly replies: Map<number, Result>;
}

const DEFAULTS: ClientTuning = { timeoutMs: 10_000, retryMs: 500, windowMax: 256 };
const RETRY_DOUBLINGS = 8;
const RENUMBERINGS_MAX = 3;

/**
 * A client of a PBFT cluster.
 *
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { ClientCore, configuration } from "@void-system/pbft";
 * const cluster = configuration({ replicas: ["a", "b", "c", "d"] });
 * const client = new ClientCore({ cluster, self: peerId("client"), sign: () => new Uint8Array(64) });
 * client.start(true, { wallMs: 1_000, monotonicMs: 0 });
 * const submission = { ticket: 1, operation: new Uint8Array(1) };
 * const outputs = client.step({ type: "request", request: submission }, { wallMs: 1_000, monotonicMs: 1 });
 * outputs.map((output) => output.type); // => ["send", "timer"]
 * ```
 */
export class ClientCore implements Core<Message, Submission, never, ClientDelivery> {
  readonly #cluster: Configuration;
  readonly #self: PeerId;
  readonly #sign: Sign;
  readonly #salt: number;
  readonly #tuning: ClientTuning;
  readonly #outstanding = new Map<number, Outstanding>();
  #waiting: Submission[] = [];
  readonly #views = new Map<number, number>();
  #view = 0;
  #nextNumber = 0;
  /** Numbers below it were given before this life learned of an earlier one's. */
  #jumpedTo = 0;
  #armedMs = Infinity;
  #now: Now = { wallMs: 0, monotonicMs: 0 };
  #outputs: ClientOutput[] = [];

  /** @throws {@link ConfigurationError} */
  constructor(options: ClientOptions) {
    this.#cluster = options.cluster;
    this.#self = options.self;
    this.#sign = options.sign;
    this.#salt = options.salt ?? 0;
    this.#tuning = { ...DEFAULTS, ...options.tuning };
    for (const [name, value] of Object.entries(this.#tuning)) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new ConfigurationError(`expected ${name} to be a whole number >= 1, got ${value}`);
    }
    if (this.#tuning.windowMax > SESSION_WINDOW)
      throw new ConfigurationError(`expected a windowMax of at most ${SESSION_WINDOW}, got ${this.#tuning.windowMax}`);
    if (!Number.isSafeInteger(this.#salt) || this.#salt < 0 || this.#salt > 999)
      throw new ConfigurationError(`expected a salt of 0 to 999, got ${this.#salt}`);
  }

  /** The replica that this client believes to be primary. */
  get primary(): PeerId {
    return replicaAt(this.#cluster, primaryOf(this.#cluster, this.#view));
  }

  /** Nothing: a client has no log. */
  restore(): void {}

  /** Nothing: a client has no log. */
  recover(): void {}

  /** Takes its first number from the clock. */
  start(_fresh: boolean, now: Now): readonly ClientOutput[] {
    this.#now = now;
    this.#nextNumber = Math.max(0, Math.floor(now.wallMs)) * 1_000 + this.#salt + 1;
    return [];
  }

  /** One input. */
  step(input: Input<Message, Submission>, now: Now): readonly ClientOutput[] {
    this.#now = now;
    if (input.type === "request") this.#submit(input.request);
    else if (input.type === "timer") this.#onTimer();
    else if (input.type === "message" && input.message.type === "reply") this.#onReply(input.message);
    this.#armTimer();
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Returns whether a message that is not verified yet may matter: a reply to a request under way. */
  matters(_from: PeerId, message: Message): boolean {
    return (
      message.type === "reply" &&
      message.client === this.#self &&
      message.results.some(({ number }) => this.#outstanding.has(number))
    );
  }

  #submit(submission: Submission): void {
    if (submission.operation.length > OPERATION_BYTES_MAX) {
      this.#finish(submission, {
        type: "refused",
        reason: `expected an operation of at most ${OPERATION_BYTES_MAX} bytes, got ${submission.operation.length}`,
      });
    } else if (this.#mayNumber()) {
      this.#send(submission, this.#now.monotonicMs + this.#tuning.timeoutMs, 0);
    } else {
      this.#waiting.push(submission);
    }
  }

  /** Returns whether the next number is within the session window of the oldest one that is under way. */
  #mayNumber(): boolean {
    for (const oldest of this.#outstanding.keys()) {
      return this.#outstanding.size < this.#tuning.windowMax && this.#nextNumber < oldest + SESSION_WINDOW;
    }
    return true;
  }

  #send(submission: Submission, deadlineMs: number, renumbered: number): void {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const { operation } = submission;
    const signature = this.#sign(requestStatement(this.#cluster, this.#self, number, operation));
    const request: Request = { type: "request", client: this.#self, number, operation, signature };
    const retryMs = this.#tuning.retryMs;
    const retryAtMs = this.#now.monotonicMs + retryMs;
    this.#outstanding.set(number, {
      submission,
      request,
      deadlineMs,
      retryAtMs,
      retryMs,
      renumbered,
      replies: new Map(),
    });
    this.#sendTo([this.primary], request);
  }

  #sendTo(replicas: readonly PeerId[], request: Request): void {
    const others = replicas.filter((id) => id !== this.#self);
    if (others.length > 0) this.#outputs.push({ type: "send", to: others, message: request });
    if (others.length < replicas.length) this.#outputs.push({ type: "deliver", value: { type: "request", request } });
  }

  #onReply(reply: Reply): void {
    if (reply.client !== this.#self) return;
    this.#believe(reply);
    for (const result of reply.results) {
      const due = this.#outstanding.get(result.number);
      if (due === undefined) continue;
      due.replies.set(reply.sender, result);
      let matching = 0;
      for (const other of due.replies.values()) if (isSame(other, result)) matching += 1;
      // A refusal names numbers: of 2f+1 the (f+1)-th highest is one that a correct replica has named, or less than it.
      const needed = isRefusal(result) ? this.#cluster.quorum : this.#cluster.weak;
      if (matching >= needed) this.#settle(due, result);
    }
    this.#sendWaiting();
  }

  /** The highest view that f+1 replicas have reached, as far as their replies say: liars alone cannot raise it. */
  #believe(reply: Reply): void {
    this.#views.set(reply.sender, Math.max(reply.view, this.#views.get(reply.sender) ?? 0));
    const views = [...this.#views.values()].sort((a, b) => b - a);
    this.#view = Math.max(this.#view, views[this.#cluster.weak - 1] ?? 0);
  }

  #settle(due: Outstanding, result: Result): void {
    this.#outstanding.delete(result.number);
    if (result.status === ReplyStatus.ahead) {
      // It is not numbered again: whoever keeps it can have it executed later.
      this.#nextNumber = Math.max(this.#named(due, 1), this.#named(due, 0) * 1_000 + this.#salt) + 1;
      this.#finish(due.submission, outcomeOf(result));
    } else if (result.status !== ReplyStatus.stale || due.renumbered >= RENUMBERINGS_MAX) {
      this.#finish(due.submission, outcomeOf(result));
    } else if (result.number < this.#jumpedTo) {
      // Its own successor, numbered again, has moved the window past it: it may have been executed before that.
      this.#finish(due.submission, { type: "no-quorum", replies: due.replies.size });
    } else {
      this.#renumber(due);
    }
  }

  /**
   * An earlier life of this client has used higher numbers, or a session that was dropped has. Correct replicas have
   * refused this one, so it was not executed (this life has not outrun its own window yet): it goes again, above what they
   * name, whatever this machine's clock says.
   */
  #renumber(due: Outstanding): void {
    this.#nextNumber = Math.max(this.#nextNumber, this.#named(due, 0) + 1);
    this.#jumpedTo = this.#nextNumber;
    this.#send(due.submission, due.deadlineMs, due.renumbered + 1);
  }

  /** The (f+1)-th highest of the numbers that stand at place `at` in the refusals of a request: no liar can raise it. */
  #named(due: Outstanding, at: number): number {
    const named: number[] = [];
    for (const refusal of due.replies.values()) {
      if (!isRefusal(refusal)) continue;
      // A liar's result may be no number at all.
      const numbers = decodeAll(refusal.result, (reader) =>
        refusal.status === ReplyStatus.stale ? [reader.u53()] : [reader.u53(), reader.u53()],
      );
      named.push((numbers.ok ? numbers.value[at] : undefined) ?? 0);
    }
    return named.sort((a, b) => b - a)[this.#cluster.weak - 1] ?? 0;
  }

  #finish(submission: Submission, outcome: Outcome): void {
    this.#outputs.push({ type: "deliver", value: { type: "outcome", ticket: submission.ticket, outcome } });
  }

  #sendWaiting(): void {
    let sent = 0;
    for (const submission of this.#waiting) {
      if (!this.#mayNumber()) break;
      this.#send(submission, this.#now.monotonicMs + this.#tuning.timeoutMs, 0);
      sent += 1;
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
  }

  #onTimer(): void {
    this.#armedMs = Infinity;
    const nowMs = this.#now.monotonicMs;
    for (const [number, due] of this.#outstanding) {
      if (nowMs >= due.deadlineMs) {
        this.#outstanding.delete(number);
        this.#finish(due.submission, { type: "no-quorum", replies: due.replies.size });
      } else if (nowMs >= due.retryAtMs) {
        due.retryMs = Math.min(due.retryMs * 2, this.#tuning.retryMs * RETRY_DOUBLINGS);
        due.retryAtMs = nowMs + due.retryMs;
        this.#sendTo(this.#cluster.replicas, due.request);
      }
    }
    this.#sendWaiting();
  }

  #armTimer(): void {
    let earliest = Infinity;
    for (const { retryAtMs, deadlineMs } of this.#outstanding.values())
      earliest = Math.min(earliest, retryAtMs, deadlineMs);
    if (earliest >= this.#armedMs) return;
    this.#armedMs = earliest;
    this.#outputs.push({ type: "timer", name: "retry", delayMs: Math.max(0, earliest - this.#now.monotonicMs) });
  }
}

/** Refused for its number; the result says with which one to go on. */
function isRefusal({ status }: Result): boolean {
  return status === ReplyStatus.stale || status === ReplyStatus.ahead;
}

/** Replicas that refuse a number alike agree on that, even if they name different highest numbers. */
function isSame(a: Result, b: Result): boolean {
  return a.status === b.status && (isRefusal(a) || equalBytes(a.result, b.result));
}

function outcomeOf({ status, result }: Result): Outcome {
  switch (status) {
    case ReplyStatus.ok:
      return { type: "ok", result };
    case ReplyStatus.failed:
      return { type: "failed", reason: new TextDecoder().decode(result) };
    case ReplyStatus.stale:
      return {
        type: "refused",
        reason:
          "the request's number is below the client's window, so it was not executed: is another process using this client's name?",
      };
    case ReplyStatus.forgotten:
      return { type: "refused", reason: "the request was executed, but its result is no longer kept; read the state" };
    case ReplyStatus.ahead:
      return {
        type: "refused",
        reason:
          "the request's number runs too far ahead of the agreed time, so it was not executed now, but may be later if somebody repeats it: set this machine's clock; the next request is numbered from the cluster's time",
      };
  }
}

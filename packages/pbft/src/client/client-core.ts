/**
 * The client (Castro & Liskov 1999, §4.1): signs requests, sends each to the primary it believes in and, when that
 * does not help, to all; believes a result when f+1 replicas have signed the same one. A core without a log.
 */
import { equalBytes } from "@void-system/bytes";
import { encodeCommitProof } from "@void-system/crypto";
import type { Core, Input, Now, Output, PeerId } from "@void-system/effects";
import type { Request } from "../codec/batch.ts";
import { primaryOf, replicaAt, type Configuration } from "../configuration.ts";
import { ConfigurationError } from "../errors.ts";
import { OPERATION_BYTES_MAX, SESSION_WINDOW } from "../limits.ts";
import { HintReason, ReplyStatus, type Hint, type Message, type Reply } from "../codec/message.ts";
import { INCARNATION } from "../codec/sender.ts";
import { requestStatement } from "../codec/signing.ts";
import type { Ports } from "../ports.ts";
import { Answers, type Proven } from "./answers.ts";
import { FORGOTTEN, refusedFor, type Outcome, type RefusalCode } from "./outcome.ts";

/** An operation to submit. The ticket is the submitter's own name for it and comes back with the outcome. */
export interface Submission {
  /** The submitter's own name for it. */
  readonly ticket: number;
  /** Operation for the state machine. */
  readonly operation: Uint8Array;
  /** The outcome is to come with a proof. @defaultValue false */
  readonly isProven?: boolean;
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
  /** This client's cryptography. */
  readonly ports: Pick<Ports, "sign" | "digest">;
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
  /** The statement that the request is, and its digest. */
  readonly statement: Uint8Array;
  readonly digest: Uint8Array;
  readonly deadlineMs: number;
  retryAtMs: number;
  retryMs: number;
  renumbered: number;
  readonly answers: Answers;
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
 * const ports = { sign: () => new Uint8Array(64), digest: (bytes: Uint8Array) => new Uint8Array(32).fill(bytes.length) };
 * const client = new ClientCore({ cluster, self: peerId("client"), ports });
 * client.start(true, { wallMs: 1_000, monotonicMs: 0 });
 * const submission = { ticket: 1, operation: new Uint8Array(1) };
 * const outputs = client.step({ type: "request", request: submission }, { wallMs: 1_000, monotonicMs: 1 });
 * outputs.map((output) => output.type); // => ["send", "timer"]
 * ```
 */
export class ClientCore implements Core<Message, Submission, never, ClientDelivery> {
  readonly #cluster: Configuration;
  readonly #self: PeerId;
  readonly #ports: ClientOptions["ports"];
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
    this.#ports = options.ports;
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
    else if (input.type === "message" && input.message.type === "reply") this.#onReply(input.from, input.message);
    else if (input.type === "message" && input.message.type === "hint") this.#onHint(input.from, input.message);
    this.#armTimer();
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Returns whether a message that is not verified yet may matter: a reply to a request under way. */
  matters(_from: PeerId, message: Message): boolean {
    if (message.type !== "reply" && message.type !== "hint") return false;
    const about = message.type === "reply" ? message.results : [message];
    return message.client === this.#self && about.some(({ number }) => this.#outstanding.has(number));
  }

  #submit(submission: Submission): void {
    if (submission.operation.length > OPERATION_BYTES_MAX) {
      this.#finish(submission, refusedFor("too-large"));
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
    const asked = { client: this.#self, number, operation };
    const statement = requestStatement(this.#cluster, asked);
    const request: Request = { type: "request", ...asked, signature: this.#ports.sign(statement) };
    const retryMs = this.#tuning.retryMs;
    const retryAtMs = this.#now.monotonicMs + retryMs;
    this.#outstanding.set(number, {
      submission,
      request,
      statement,
      digest: this.#ports.digest(statement),
      deadlineMs,
      retryAtMs,
      retryMs,
      renumbered,
      answers: new Answers(this.#cluster),
    });
    this.#sendTo([this.primary], request);
  }

  #sendTo(replicas: readonly PeerId[], request: Request): void {
    const others = replicas.filter((id) => id !== this.#self);
    if (others.length > 0) this.#outputs.push({ type: "send", to: others, message: request });
    if (others.length < replicas.length) this.#outputs.push({ type: "deliver", value: { type: "request", request } });
  }

  #onReply(from: PeerId, reply: Reply): void {
    if (reply.client !== this.#self) return;
    this.#believe(from, reply.view);
    for (const result of reply.results) {
      const due = this.#outstanding.get(result.number);
      const proven = due?.answers.addResult(reply, result);
      if (due !== undefined && proven !== undefined) this.#settle(due, proven);
    }
    this.#sendWaiting();
  }

  #onHint(from: PeerId, hint: Hint): void {
    const sender = this.#cluster.replicas.indexOf(from);
    if (hint.client !== this.#self || sender < 0) return;
    this.#believe(from, hint.view);
    const due = this.#outstanding.get(hint.number);
    if (due?.answers.addHint(sender, hint) === true) this.#heed(due, hint.reason);
    this.#sendWaiting();
  }

  /** The highest view that f+1 replicas say that they have reached: liars alone cannot raise it. */
  #believe(from: PeerId, view: number): void {
    const sender = this.#cluster.replicas.indexOf(from);
    if (sender < 0) return;
    this.#views.set(sender, Math.max(view, this.#views.get(sender) ?? 0));
    const views = [...this.#views.values()].sort((a, b) => b - a);
    this.#view = Math.max(this.#view, views[this.#cluster.weak - 1] ?? 0);
  }

  #settle(due: Outstanding, proven: Proven): void {
    const { number, request, status, result } = proven.result;
    this.#outstanding.delete(number);
    if (!equalBytes(request, due.digest)) {
      // Another life of this client has used the number, and others beside it: this request can never be executed.
      this.#renumber(due, number + SESSION_WINDOW, "number-taken");
      return;
    }
    const proof = due.submission.isProven === true && { proof: this.#proofOf(due, proven) };
    if (status === ReplyStatus.ok) this.#finish(due.submission, { type: "ok", result, ...proof });
    else this.#finish(due.submission, { type: "failed", reason: new TextDecoder().decode(result), ...proof });
  }

  #proofOf({ statement }: Outstanding, { executed, result: { status, result, path }, signatures }: Proven): Uint8Array {
    const signed = signatures.map((signature) => ({ incarnation: INCARNATION, ...signature }));
    return encodeCommitProof({ statement, status, result, path, executed, signatures: signed });
  }

  /** Enough replicas have said the same of a request that they did not order. */
  #heed(due: Outstanding, reason: HintReason): void {
    const { submission, request, answers } = due;
    this.#outstanding.delete(request.number);
    if (reason === HintReason.forgotten) {
      this.#finish(submission, FORGOTTEN);
    } else if (reason === HintReason.ahead) {
      // It is not numbered again: whoever keeps it can have it executed later.
      this.#nextNumber = Math.max(answers.told("highest"), answers.told("agreedMs") * 1_000 + this.#salt) + 1;
      this.#finish(submission, { type: "unknown", code: "ahead", replies: answers.count });
    } else if (request.number < this.#jumpedTo) {
      // Its own successor, numbered again, has moved the window past it: it may have been executed before that.
      this.#finish(submission, { type: "unknown", code: "no-quorum", replies: answers.count });
    } else {
      // An earlier life of this client has used higher numbers, or a session that was dropped has. Correct replicas have
      // refused this one, so it was not executed: this life has not outrun its own window yet.
      this.#renumber(due, answers.told("highest"), "stale");
    }
  }

  /** Sends again, above a number that others tell and whatever this machine's clock says, what was not executed. */
  #renumber(due: Outstanding, above: number, code: RefusalCode): void {
    if (due.renumbered >= RENUMBERINGS_MAX) {
      this.#finish(due.submission, refusedFor(code));
      return;
    }
    this.#nextNumber = Math.max(this.#nextNumber, above + 1);
    this.#jumpedTo = this.#nextNumber;
    this.#send(due.submission, due.deadlineMs, due.renumbered + 1);
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
        this.#finish(due.submission, { type: "unknown", code: "no-quorum", replies: due.answers.count });
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

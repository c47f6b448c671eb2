/**
 * The client (Castro & Liskov 1999, §4.1): signs requests, sends each to the primary it believes in and, when that
 * does not help, to all; believes a result when f+1 replicas have signed the same one. A core without a log.
 */
import { equalBytes } from "@void-system/bytes";
import { encodeCommitProof } from "@void-system/crypto";
import type { Core, Input, LinkState, Now, Output, PeerId } from "@void-system/effects";
import { Machine, type Request } from "../codec/batch.ts";
import { HintReason, ReplyStatus, type Hello, type Hint, type Message, type Reply } from "../codec/message.ts";
import { decodeFate, encodeQuestion, Fate } from "../codec/question.ts";
import { INCARNATION } from "../codec/sender.ts";
import { requestStatement } from "../codec/signing.ts";
import { primaryOf, replicaAt, type Configuration } from "../configuration.ts";
import { ConfigurationError } from "../errors.ts";
import { OPERATION_BYTES_MAX, SESSION_WINDOW } from "../limits.ts";
import type { OwnReply } from "../protocol/delivery.ts";
import { Answers, type Proven } from "./answers.ts";
import { completeClientTuning, NUMBERS_MAX } from "./client-options.ts";
import type { ClientDelivery, ClientOptions, ClientTuning, Submission } from "./client-options.ts";
import { ClusterTime } from "./cluster-time.ts";
import { FORGOTTEN, refusedFor, type Outcome, type RefusalCode, type UnknownCode } from "./outcome.ts";
import type { Outstanding } from "./outstanding.ts";
import { Peers } from "./peers.ts";

/** An output of {@link ClientCore}. */
export type ClientOutput = Output<Message, never, ClientDelivery>;

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
export class ClientCore implements Core<Message, Submission | OwnReply, never, ClientDelivery> {
  readonly #cluster: Configuration;
  readonly #self: PeerId;
  readonly #ports: ClientOptions["ports"];
  readonly #salt: number;
  readonly #tuning: ClientTuning;
  readonly #outstanding = new Map<number, Outstanding>();
  #waiting: Submission[] = [];
  readonly #views = new Map<number, number>();
  readonly #clusterTime = new ClusterTime();
  readonly #peers: Peers;
  #view = 0;
  /** Submissions that may be under way: fewer after f+1 replicas were busy, up to `windowMax` again with each result. */
  #window: number;
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
    this.#peers = new Peers(options.cluster);
    this.#ports = options.ports;
    this.#salt = options.salt ?? 0;
    this.#tuning = completeClientTuning(options.tuning ?? {}, this.#cluster);
    this.#window = this.#tuning.windowMax;
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
  step(input: Input<Message, Submission | OwnReply>, now: Now): readonly ClientOutput[] {
    this.#now = now;
    if (input.type === "timer") this.#onTimer();
    else if (input.type === "link") this.#onLink(input.peer, input.state);
    else if (input.type === "message") this.#onMessage(input.from, input.message);
    else if (input.type === "request") {
      const { request } = input;
      if ("reply" in request) this.#onMessage(this.#self, request.reply);
      else this.#submit(request);
    }
    this.#armTimer();
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Returns whether a message that is not verified yet may matter: an answer to a request under way, or a configuration. */
  matters(from: PeerId, message: Message): boolean {
    if (message.type === "hello") return this.#cluster.replicas.includes(from);
    if (message.type !== "reply" && message.type !== "hint") return false;
    const about = message.type === "reply" ? message.results : [message];
    return message.client === this.#self && about.some(({ number }) => this.#outstanding.has(number));
  }

  #submit(submission: Submission): void {
    const { difference } = this.#peers;
    if (difference !== undefined) {
      this.#finish(submission, refusedFor("other-configuration", difference));
    } else if (submission.operation.length > OPERATION_BYTES_MAX) {
      this.#finish(submission, refusedFor("too-large"));
    } else if (this.#mayNumber()) {
      this.#send(submission, this.#now.monotonicMs + this.#tuning.timeoutMs);
    } else {
      this.#waiting.push(submission);
    }
  }

  /** Returns whether the next number is near enough to the lowest one that is under way. */
  #mayNumber(): boolean {
    return this.#outstanding.size < this.#window && this.#nextNumber < this.#lowest() + NUMBERS_MAX;
  }

  /** The lowest number whose result is still wanted: the next one, if none is under way. */
  #lowest(): number {
    let lowest = this.#nextNumber;
    for (const number of this.#outstanding.keys()) lowest = Math.min(lowest, number);
    return lowest;
  }

  #send(submission: Submission, deadlineMs: number, more: { renumbered?: number; about?: Outstanding } = {}): Outstanding {
    const lowest = this.#lowest();
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const { operation, isProven = false } = submission;
    const machine = more.about === undefined ? Machine.state : Machine.sessions;
    const { monotonicMs } = this.#now;
    const notAfterMs = this.#clusterTime.nowMs(this.#now) + Math.max(0, Math.ceil(deadlineMs - monotonicMs));
    const signed = { client: this.#self, number, machine, isProven, notAfterMs, lowest, operation };
    const statement = requestStatement(this.#cluster, signed);
    const request: Request = { type: "request", ...signed, signature: this.#ports.sign(statement) };
    const { retryMs } = this.#tuning;
    const due: Outstanding = {
      submission,
      request,
      statement,
      digest: this.#ports.digest(statement),
      renumbered: more.renumbered ?? 0,
      answers: new Answers(this.#cluster),
      about: more.about,
      deadlineMs,
      retryAtMs: monotonicMs + retryMs,
      retryMs,
      phase: "open",
      question: undefined,
      isBusy: false,
    };
    this.#outstanding.set(number, due);
    this.#sendTo([this.primary], request);
    return due;
  }

  #sendTo(replicas: readonly PeerId[], request: Request): void {
    const others = replicas.filter((id) => id !== this.#self);
    if (others.length > 0) this.#outputs.push({ type: "send", to: others, message: request });
    if (others.length < replicas.length) this.#outputs.push({ type: "deliver", value: { type: "request", request } });
  }

  #onMessage(from: PeerId, message: Message): void {
    if (message.type === "reply") this.#onReply(from, message);
    else if (message.type === "hint") this.#onHint(from, message);
    else if (message.type === "hello") this.#onHello(from, message);
  }

  /** Shows this client's configuration to a replica, which answers with its own. The replica of this node has the same. */
  #onLink(peer: PeerId, state: LinkState): void {
    const { replicas, record } = this.#cluster;
    if (state === "up" && replicas.includes(peer) && !replicas.includes(this.#self))
      this.#outputs.push({ type: "send", to: peer, message: { type: "hello", configuration: record } });
  }

  #onHello(from: PeerId, { configuration }: Hello): void {
    const before = this.#peers.difference;
    this.#peers.show(from, configuration);
    const { difference } = this.#peers;
    if (difference === undefined || difference === before) return;
    for (const due of this.#outstanding.values()) if (due.about === undefined) this.#finishUnknown(due, "other-configuration");
    this.#outstanding.clear();
    for (const submission of this.#waiting.splice(0)) this.#finish(submission, refusedFor("other-configuration", difference));
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
    this.#clusterTime.learn(proven.executed.time.physicalMs, this.#now);
    this.#window = Math.min(this.#tuning.windowMax, this.#window + 1);
    this.#drop(due);
    if (!equalBytes(request, due.digest)) {
      // Another life of this client has used the number, and others beside it: this request can never be executed.
      this.#renumber(due, number + SESSION_WINDOW, "number-taken");
      return;
    }
    if (due.about !== undefined) {
      this.#onFate(due.about, status === ReplyStatus.ok ? decodeFate(result) : undefined, proven);
      return;
    }
    const proof = due.submission.isProven === true && { proof: this.#proofOf(due, proven) };
    // A copy: of a reply from the replica of this node, the sessions keep the very same bytes.
    if (status === ReplyStatus.ok) this.#finish(due.submission, { type: "ok", result: result.slice(), ...proof });
    else this.#finish(due.submission, { type: "failed", reason: new TextDecoder().decode(result), ...proof });
  }

  #proofOf({ statement }: Outstanding, { executed, result: { status, result, path }, signatures }: Proven): Uint8Array {
    const signed = signatures.map((signature) => ({ incarnation: INCARNATION, ...signature }));
    return encodeCommitProof({ statement, status, result, path, executed, signatures: signed });
  }

  /** Enough replicas have said the same of a request. */
  #heed(due: Outstanding, reason: HintReason): void {
    const { request, answers } = due;
    if (reason === HintReason.busy) {
      if (!due.isBusy) this.#window = Math.max(1, Math.floor(this.#window / 2));
      due.isBusy = true;
      return;
    }
    this.#drop(due);
    this.#clusterTime.learn(answers.hinted("agreedMs"), this.#now);
    const highest = answers.hinted("highest");
    switch (reason) {
      case HintReason.forgotten:
        return due.about === undefined ? this.#finish(due.submission, FORGOTTEN) : this.#askLater(due.about);
      case HintReason.ahead:
        this.#nextNumber = Math.max(highest, answers.hinted("agreedMs") * 1_000 + this.#salt) + 1;
        // It is not numbered again: whoever keeps it can have it executed later.
        return due.about === undefined ? this.#finishUnknown(due, "ahead") : this.#askLater(due.about);
      case HintReason.expired:
        // One correct replica's time is behind it, so it was not executed and never will be.
        return this.#renumber(due, 0, "expired");
      case HintReason.stale:
        // Its own successor, numbered again, has moved the window past it: it may have been executed before that.
        if (request.number < this.#jumpedTo && due.about === undefined) return this.#finishUnknown(due, "no-quorum");
        // An earlier life of this client has used higher numbers, or a session that was dropped has. Correct replicas have
        // refused this one, so it was not executed: this life has not outrun its own window yet.
        return this.#renumber(due, highest, "stale");
    }
  }

  /** Sends again, above a number that others name and whatever this machine's clock says, what was not executed. */
  #renumber(due: Outstanding, above: number, code: RefusalCode): void {
    if (above >= this.#nextNumber) this.#jumpedTo = above + 1;
    this.#nextNumber = Math.max(this.#nextNumber, above + 1);
    if (due.about !== undefined) this.#askLater(due.about);
    else if (due.renumbered >= RENUMBERINGS_MAX || due.phase !== "open") this.#finish(due.submission, refusedFor(code));
    else this.#send(due.submission, due.deadlineMs, { renumbered: due.renumbered + 1 });
  }

  /** Orders a question about a request whose time is over. */
  #ask(due: Outstanding): void {
    const submission = { ticket: due.submission.ticket, operation: encodeQuestion(due.request.number) };
    due.retryAtMs = Infinity;
    due.question = this.#send(submission, due.deadlineMs, { about: due }).request.number;
  }

  /** Asks again, a little later. */
  #askLater(due: Outstanding): void {
    due.question = undefined;
    due.retryAtMs = this.#now.monotonicMs + due.retryMs;
  }

  /** f+1 replicas have said, at one agreed time, what came of a request. */
  #onFate(due: Outstanding, fate: Fate | undefined, { executed }: Proven): void {
    due.question = undefined;
    if (fate === Fate.never && executed.time.physicalMs > due.request.notAfterMs) {
      this.#drop(due);
      this.#finish(due.submission, refusedFor("expired"));
    } else if (fate === Fate.gone) {
      this.#drop(due);
      this.#finishUnknown(due, "no-quorum");
    } else if (fate === Fate.executed) {
      due.phase = "executed";
      due.retryAtMs = this.#now.monotonicMs + due.retryMs;
      this.#sendTo(this.#cluster.replicas, due.request);
    } else {
      this.#askLater(due);
    }
  }

  /** Ends the waiting for a request, and for the answer to the question about it. */
  #drop(due: Outstanding): void {
    this.#outstanding.delete(due.request.number);
    if (due.question !== undefined) this.#outstanding.delete(due.question);
  }

  #finishUnknown({ submission, request: { notAfterMs }, answers }: Outstanding, code: UnknownCode): void {
    const { difference } = this.#peers;
    this.#finish(submission, { type: "unknown", code, replies: answers.count, notAfterMs, ...(difference !== undefined && { difference }) });
  }

  #finish(submission: Submission, outcome: Outcome): void {
    this.#outputs.push({ type: "deliver", value: { type: "outcome", ticket: submission.ticket, outcome } });
  }

  #sendWaiting(): void {
    let sent = 0;
    for (const submission of this.#waiting) {
      if (!this.#mayNumber()) break;
      this.#send(submission, this.#now.monotonicMs + this.#tuning.timeoutMs);
      sent += 1;
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
  }

  #onTimer(): void {
    this.#armedMs = Infinity;
    const nowMs = this.#now.monotonicMs;
    for (const due of this.#outstanding.values()) {
      if (nowMs >= due.deadlineMs) {
        this.#onDeadline(due);
      } else if (nowMs >= due.retryAtMs) {
        due.retryMs = Math.min(due.retryMs * 2, this.#tuning.retryMs * RETRY_DOUBLINGS);
        due.retryAtMs = nowMs + due.retryMs;
        if (due.phase === "asked") this.#ask(due);
        else this.#sendTo(this.#cluster.replicas, due.request);
      }
    }
    this.#sendWaiting();
  }

  #onDeadline(due: Outstanding): void {
    if (due.phase === "open" && due.about === undefined) {
      due.phase = "asked";
      due.deadlineMs += this.#tuning.questionMs;
      this.#ask(due);
      return;
    }
    this.#drop(due);
    if (due.about === undefined) this.#finishUnknown(due, "no-quorum");
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

/**
 * The way in: sessions of clients on one side, the replicated log on the other. It checks what a session's capability
 * permits, gathers the commands that are waiting into bundles (one authenticator per bundle), keeps each session's
 * commands in order, and answers every command exactly once.
 *
 * Callbacks only, so that it runs in a simulated world as it does in the real one.
 */
import type { Clock, Logger } from "@void-system/effects";
import {
  type Access,
  accessOf,
  BUNDLE_COMMANDS_MAX,
  type Command,
  type Result,
  decodeResults,
  encodeCommands,
  keysOf,
  mistakeIn,
  sizeOf,
} from "../store/command.ts";

/** Outcome of an operation that was handed to the log. */
export type Outcome =
  /** Executed; f+1 replicas vouch for the result (with one node alone: it is durable). */
  | { readonly type: "executed"; readonly result: Uint8Array }
  /** It was not executed, and never will be: `message` begins with a code in capitals. */
  | { readonly type: "refused"; readonly message: string }
  /** It was executed, and failed the same way on all replicas; f+1 of them vouch for that. */
  | { readonly type: "failed"; readonly reason: string }
  /** Nobody knows: it was executed, may still be until the agreed time `notAfterMs`, if that is known, or never will be. */
  | { readonly type: "unknown"; readonly reason: string; readonly notAfterMs?: number };

/** Puts operations in one order for all. */
export interface Ordering {
  /** `done` is called once, from the event loop, unless the answer is `busy` or `stopped`. */
  submit(operation: Uint8Array, done: (outcome: Outcome) => void): "accepted" | "busy" | "stopped";
}

/** Rights of a capability for as long as it is valid. */
export interface Grant {
  /** Name of the token, which may be logged. */
  readonly name?: string;
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAtMs?: number;
  /** Returns true if it covers this access to this key at this time. */
  permits(key: string, access: Access, timeMs: number): boolean;
}

/** Judges capabilities. */
export interface Authority {
  /** The grant of a token, or why it grants nothing. */
  authenticate(token: string, timeMs: number): { readonly ok: true; readonly grant: Grant } | RefusedToken;
}

/** A token that grants nothing. */
export interface RefusedToken {
  readonly ok: false;
  /** For people: what is wrong, and what to do. */
  readonly reason: string;
  /** The same for programs. */
  readonly code?: string;
  /** Name of the token, which may be logged, if the text is one. */
  readonly name?: string;
}

/** Session of one client, on one connection, with the gateway. */
export interface Session {
  /** Takes a capability; the newest one counts. */
  authenticate(token: string): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  /** True once a capability was shown. */
  readonly authenticated: boolean;
  /** Commands that wait for their results. Callers stop reading from their client above {@link SESSION_COMMANDS_MAX}. */
  readonly pending: number;
  /** Bytes of commands that wait to be sent. Callers stop reading from their client above {@link SESSION_BYTES_MAX}. */
  readonly pendingBytes: number;
  /** While held, no further command is sent: for a client that does not take its results. */
  hold(held: boolean): void;
  /** `done` is called once, from the event loop, with the result or with an error that names its reason. Commands take effect in the order of the calls; a refusal may come before an earlier result. */
  submit(command: Command, done: (result: Result) => void): void;
  /** Forgets what was not sent yet; results of what was are dropped. */
  close(): void;
}

/** Commands that one session may have waiting. */
export const SESSION_COMMANDS_MAX = 1_024;
/** Bytes of commands that one session may have waiting, about: the one that goes beyond is still taken. */
export const SESSION_BYTES_MAX = 4_194_304;
/** Bytes of commands that may wait in a gateway, over all sessions. */
export const GATEWAY_BYTES_MAX = 67_108_864;
/** Bytes of the commands of one bundle, unless a single command is larger. The log takes operations of 1,000,000. */
export const BUNDLE_BYTES_MAX = 917_504;
/** Bytes of one command in the log: a little less than the log takes of an operation. */
export const COMMAND_BYTES_MAX = 999_000;
/** Bundles on their way through the log at a time. Few: what waits meanwhile makes the next bundle larger. */
export const BUNDLES_IN_FLIGHT_MAX = 4;
const RETRY_MS = 5;
/** Refusals that are logged in a second; the others are counted. Strangers must not fill the disk. */
const REFUSALS_LOGGED_A_SECOND = 10;

interface Waiting {
  readonly command: Command;
  readonly bytes: number;
  readonly done: (result: Result) => void;
}

/** Counters of a {@link Gateway}. */
export interface GatewayStats extends Readonly<Record<string, number>> {
  /** Commands that went into the log. */
  readonly commands: number;
  /** Bundles that they travelled in. */
  readonly bundles: number;
  /** Bundles that are on their way. */
  readonly inFlight: number;
  /** Bytes of commands that wait. */
  readonly waitingBytes: number;
  /** Tokens that were shown and refused. */
  readonly refusedTokens: number;
  /** Commands that a token did not permit. */
  readonly refusedCommands: number;
}

/**
 * The gateway of one node.
 *
 * @example
 * ```ts
 * import { Gateway, type Ordering } from "@void-system/system";
 * import { platformWorld, processHub, peerId } from "@void-system/effects";
 * const { clock } = platformWorld({ network: processHub().join(peerId("gateway-example")) });
 * const ordering: Ordering = { submit: () => "stopped" };
 * const everything = { permits: () => true };
 * const gateway = new Gateway({ ordering, clock, authority: { authenticate: () => ({ ok: true, grant: everything }) } });
 * const session = gateway.session();
 * session.authenticate("token").ok; // => true
 * ```
 */
export class Gateway {
  readonly #ordering: Ordering;
  readonly #authority: Authority;
  readonly #clock: Clock;
  /** Sessions with commands that wait and none in flight, in the order in which they will be served. */
  readonly #ready = new Set<GatewaySession>();
  #inFlight = 0;
  #waitingBytes = 0;
  #flushing = false;
  #stopped = false;
  #commands = 0;
  #bundles = 0;
  #refusedTokens = 0;
  #refusedCommands = 0;
  readonly #logger: Logger | undefined;
  #logged = { sinceMs: 0, count: 0 };

  constructor(parts: { readonly ordering: Ordering; readonly authority: Authority; readonly clock: Clock; readonly logger?: Logger }) {
    this.#logger = parts.logger;
    this.#ordering = parts.ordering;
    this.#authority = parts.authority;
    this.#clock = parts.clock;
  }

  /** A session for a client that has just arrived. */
  session(): Session {
    return new GatewaySession(this.#authority, this.#clock, {
      admit: (bytes) => this.#admit(bytes),
      refusedToken: ({ code, name }) => {
        this.#refusedTokens++;
        this.#audit("token-refused", { reason: code ?? "refused", name });
      },
      refusedCommand: (fields) => {
        this.#refusedCommands++;
        this.#audit("command-refused", fields);
      },
      ready: (session) => {
        this.#ready.add(session);
        this.#flushSoon(0);
      },
      unready: (session) => void this.#ready.delete(session),
      forget: (session, bytes) => {
        this.#ready.delete(session);
        this.#waitingBytes -= bytes;
      },
    });
  }

  /** Takes no more commands; what is in flight is still answered. */
  stop(): void {
    this.#stopped = true;
  }

  /** True if no command waits and none is in flight. */
  get idle(): boolean {
    return this.#inFlight === 0 && this.#ready.size === 0;
  }

  /** Counters since the start. */
  stats(): GatewayStats {
    return {
      commands: this.#commands,
      bundles: this.#bundles,
      inFlight: this.#inFlight,
      waitingBytes: this.#waitingBytes,
      refusedTokens: this.#refusedTokens,
      refusedCommands: this.#refusedCommands,
    };
  }

  #audit(event: string, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#logged.sinceMs >= 1_000) this.#logged = { sinceMs: nowMs, count: 0 };
    if (++this.#logged.count <= REFUSALS_LOGGED_A_SECOND) this.#logger?.log("warn", event, fields);
  }

  #admit(bytes: number): string | undefined {
    if (this.#stopped) return SHUTDOWN_MESSAGE;
    if (this.#waitingBytes + bytes > GATEWAY_BYTES_MAX) return "BUSY this node has too much waiting; try again";
    this.#waitingBytes += bytes;
    return undefined;
  }

  /** At the end of this turn of the event loop, so that all that has arrived in it travels together. */
  #flushSoon(delayMs: number): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#clock.schedule(delayMs, () => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#inFlight < BUNDLES_IN_FLIGHT_MAX && this.#ready.size > 0) {
      const taken = this.#gather();
      const verdict = this.#ordering.submit(encodeCommands(taken.map(({ command }) => command)), (outcome) => {
        this.#inFlight--;
        this.#answer(taken, outcome);
        this.#flushSoon(0);
      });
      if (verdict === "accepted") {
        this.#inFlight++;
        this.#bundles++;
        this.#commands += taken.length;
      } else if (verdict === "busy") {
        this.#putBack(taken);
        return this.#flushSoon(RETRY_MS);
      } else {
        this.#answer(taken, { type: "refused", message: SHUTDOWN_MESSAGE });
      }
    }
  }

  /** The commands of the next bundle. A session that gives some has none in flight, so its order is kept. */
  #gather(): Taken[] {
    const taken: Taken[] = [];
    let bytes = 0;
    for (const session of this.#ready) {
      this.#ready.delete(session);
      const given = session.give(BUNDLE_COMMANDS_MAX - taken.length, BUNDLE_BYTES_MAX - bytes, taken.length === 0);
      for (const waiting of given) {
        bytes += waiting.bytes;
        taken.push({ session, ...waiting });
      }
      if (given.length === 0) {
        this.#ready.add(session);
        break;
      }
    }
    this.#waitingBytes -= bytes;
    return taken;
  }

  /**
   * Hands each command its result, then lets its session go on. The store answers the first commands of a bundle when
   * not all results fit one reply; it has not touched the others, and they go again.
   */
  #answer(taken: readonly Taken[], outcome: Outcome): void {
    const results = outcome.type === "executed" ? decodeResults(outcome.result) : undefined;
    const message = messageOf(outcome);
    const answered = results && results.length > 0 ? taken.slice(0, results.length) : taken;
    this.#putBack(taken.slice(answered.length));
    answered.forEach(({ done }, index) => {
      done(results?.[index] ?? { type: "error", message });
    });
    for (const session of new Set(answered.map(({ session }) => session))) session.answered();
  }

  /** Commands that were not executed stand at the front of their sessions again, in their order. */
  #putBack(taken: readonly Taken[]): void {
    for (const { session, ...waiting } of taken.toReversed()) {
      if (!session.putBack(waiting)) continue;
      this.#waitingBytes += waiting.bytes;
      if (!session.held) this.#ready.add(session);
    }
  }
}

/** The answer to commands that a node which stops has not sent into the log. */
export const SHUTDOWN_MESSAGE = "SHUTDOWN this node is stopping, nothing was executed; use another one";

/** The error that a command gets whose outcome holds no result for it. */
function messageOf(outcome: Outcome): string {
  switch (outcome.type) {
    case "refused":
      return outcome.message;
    case "failed":
      return `FAILED this command was executed, and failed alike on all replicas: ${outcome.reason}`;
    case "unknown":
    case "executed": {
      const [reason, notAfterMs] = outcome.type === "unknown" ? [outcome.reason, outcome.notAfterMs] : ["the log answered with bytes that are no results"];
      const until = notAfterMs === undefined ? "" : `; unless it was executed by ${new Date(notAfterMs).toISOString()}, it never will be`;
      return `UNKNOWN the outcome of this command is unknown: ${reason}${until}`;
    }
  }
}

type Taken = Waiting & { readonly session: GatewaySession };

interface Hooks {
  readonly admit: (bytes: number) => string | undefined;
  readonly refusedToken: (refused: RefusedToken) => void;
  readonly refusedCommand: (fields: Readonly<Record<string, unknown>>) => void;
  readonly ready: (session: GatewaySession) => void;
  readonly unready: (session: GatewaySession) => void;
  readonly forget: (session: GatewaySession, bytes: number) => void;
}

class GatewaySession implements Session {
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #hooks: Hooks;
  #grant: Grant | undefined;
  #queue: Waiting[] = [];
  #queueBytes = 0;
  #inFlight = 0;
  #closed = false;
  held = false;

  constructor(authority: Authority, clock: Clock, hooks: Hooks) {
    this.#authority = authority;
    this.#clock = clock;
    this.#hooks = hooks;
  }

  get authenticated(): boolean {
    return this.#grant !== undefined;
  }

  get pending(): number {
    return this.#queue.length + this.#inFlight;
  }

  get pendingBytes(): number {
    return this.#queueBytes;
  }

  hold(held: boolean): void {
    if (held === this.held) return;
    this.held = held;
    if (held) this.#hooks.unready(this);
    else this.#offer();
  }

  authenticate(token: string): { readonly ok: true } | { readonly ok: false; readonly reason: string } {
    const verdict = this.#authority.authenticate(token, this.#clock.wallMs());
    if (!verdict.ok) {
      this.#hooks.refusedToken(verdict);
      return { ok: false, reason: verdict.reason };
    }
    this.#grant = verdict.grant;
    return { ok: true };
  }

  submit(command: Command, done: (result: Result) => void): void {
    const refusal = this.#closed ? "SHUTDOWN this session is closed; open another one" : this.#refusal(command);
    const bytes = sizeOf(command);
    const overload = refusal ?? this.#hooks.admit(bytes);
    if (overload !== undefined) return void this.#clock.schedule(0, () => done({ type: "error", message: overload }));
    this.#queue.push({ command, bytes, done });
    this.#queueBytes += bytes;
    this.#offer();
  }

  close(): void {
    this.#closed = true;
    this.#hooks.forget(this, this.#queueBytes);
    this.#queue = [];
    this.#queueBytes = 0;
  }

  /** Asks for its turn, if it has something to give. */
  #offer(): void {
    if (this.#queue.length > 0 && this.#inFlight === 0 && !this.held && !this.#closed) this.#hooks.ready(this);
  }

  /** Up to so many commands from the front of the queue; the first of a bundle may be larger than the bundle. */
  give(commandsMax: number, bytesMax: number, first: boolean): readonly Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#queue) {
      if (count >= commandsMax || (bytes + waiting.bytes > bytesMax && !(first && count === 0))) break;
      bytes += waiting.bytes;
      count++;
    }
    this.#inFlight = count;
    this.#queueBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** The command stands at the front again; not for a client that is gone. */
  putBack(waiting: Waiting): boolean {
    this.#inFlight = 0;
    if (this.#closed) return false;
    this.#queue.unshift(waiting);
    this.#queueBytes += waiting.bytes;
    return true;
  }

  /** All commands in flight have their results. */
  answered(): void {
    this.#inFlight = 0;
    this.#offer();
  }

  #forbidden({ name, expiresAtMs }: Grant, { key, access, timeMs }: { readonly key: string; readonly access: Access; readonly timeMs: number }): string {
    const isExpired = expiresAtMs !== undefined && timeMs >= expiresAtMs;
    this.#hooks.refusedCommand({ reason: isExpired ? "expired" : "not-permitted", name, access, resource: `/kv/${key}` });
    if (isExpired) return "NOPERM this token has expired; authenticate with a new one";
    return `NOPERM this capability does not permit ${access} of ${JSON.stringify(key)} now`;
  }

  #refusal(command: Command): string | undefined {
    if (!this.#grant) return "NOAUTH Authentication required.";
    const mistake = mistakeIn(command);
    if (mistake !== undefined) return mistake;
    if (sizeOf(command) > COMMAND_BYTES_MAX && encodeCommands([command]).length > COMMAND_BYTES_MAX) {
      return `ERR a command has at most ${COMMAND_BYTES_MAX} bytes; send its keys in several`;
    }
    const timeMs = this.#clock.wallMs();
    for (const access of accessOf(command)) {
      for (const key of keysOf(command)) {
        if (!this.#grant.permits(key, access, timeMs)) return this.#forbidden(this.#grant, { key: key.slice(0, 128), access, timeMs });
      }
    }
    return undefined;
  }
}

/**
 * One RESP client: commands are read in order, and replies leave in the same order.
 */
import type { Socket } from "node:net";
import { SESSION_BYTES_MAX, SESSION_COMMANDS_MAX, SHUTDOWN_MESSAGE, type Session } from "../node/gateway.ts";
import { type ConnectionCommand, type Parsed, ascii, parseCommand } from "./commands.ts";
import { RESP_LIMITS, RespReader } from "./reader.ts";
import { NULL, OK, type Reply, type RespVersion, bulk, encodeReply, failure } from "./reply.ts";
import { STRANGER_COMMANDS_A_SLICE, type Turns } from "./turns.ts";

/** Replies that one client may leave unread before its commands are no longer read. */
export const RESP_UNSENT_BYTES_MAX = 1_048_576;
/** Wrong tokens on one connection before it is closed. */
const RESP_AUTH_FAILURES_MAX = 8;

/** Bytes of the name that a client may give itself. */
const CLIENT_NAME_BYTES_MAX = 256;

/** Bounds on the time that one connection may take. */
export interface ConnectionLimits {
  /** Time for a client to show a capability. @defaultValue 10_000 */
  readonly unprovenMs: number;
  /** Timeout of a client that sends nothing and waits for nothing. @defaultValue 3_600_000 */
  readonly idleMs: number;
  /** A client that has taken nothing of what it is being sent for so long is gone. @defaultValue 30_000 */
  readonly stallMs: number;
  /** Time for which a stopping node still answers commands, by `SHUTDOWN`. @defaultValue 100 */
  readonly lingerMs: number;
}

/** The part of the server that a connection works with. */
export interface ConnectionHooks {
  readonly info: (sections: readonly string[]) => string;
  readonly protocolError: () => void;
  /** Called once, when the client shows a good capability. */
  readonly proven: () => void;
  readonly turns: Turns;
}

/** The connection of one client. */
export class Connection {
  readonly #id: number;
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #hooks: ConnectionHooks;
  readonly #limits: ConnectionLimits;
  readonly #reader = new RespReader();
  /** One slot per command that has no reply on its way yet, oldest first. */
  readonly #slots: Slot[] = [];
  #version: RespVersion = 2;
  #name = "";
  #authFailures = 0;
  /** After MULTI, up to EXEC or DISCARD: a transaction that is not there must not take effect piece by piece. */
  #refusing = false;
  /** The client has ended its side; what has arrived is still read. */
  #inputEnded = false;
  /** Reads nothing more; ends when the last slot is answered. */
  #closing = false;
  /** The node stops: what is read from here on is not executed. */
  #isStopping = false;
  #finished: (() => void) | undefined;
  readonly #unproven: NodeJS.Timeout;
  #linger: NodeJS.Timeout | undefined;
  /** True while something is on its way out, which the client must take in time. */
  #isDue = false;
  readonly #next = (): void => this.#work();

  constructor(id: number, socket: Socket, session: Session, hooks: ConnectionHooks, limits: ConnectionLimits) {
    this.#id = id;
    this.#socket = socket;
    this.#session = session;
    this.#hooks = hooks;
    this.#limits = limits;
    this.#unproven = setTimeout(() => this.destroy(), limits.unprovenMs).unref();
    socket.setTimeout(limits.idleMs);
    socket.on("data", (bytes) => {
      if (this.#closing) return;
      this.#reader.push(bytes);
      this.#work();
    });
    socket.on("drain", () => this.#work());
    socket.on("end", () => {
      this.#inputEnded = true;
      this.#work();
    });
    socket.on("timeout", () => this.#onTimeout());
  }

  /** Bytes of replies that the client has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Says why there is no place for this client any longer, and ends at once: nobody counts it from here on. */
  dismiss(reason: string): void {
    if (this.#socket.writableLength > 0) return this.destroy();
    this.#closing = true;
    this.#answer(failure(reason));
    this.#send();
  }

  /** Answers what was read. For a moment, further commands are answered too, by `SHUTDOWN`; then the connection ends. */
  finish(): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#finished = resolve;
      this.#isStopping = true;
      this.#linger = setTimeout(() => {
        this.#closing = true;
        this.#work();
      }, this.#limits.lingerMs);
    });
  }

  /** Nothing is read, answered or submitted from here on. */
  destroy(): void {
    this.#closing = true;
    this.#slots.length = 0;
    this.#hooks.turns.forget(this.#next);
    clearTimeout(this.#unproven);
    clearTimeout(this.#linger);
    this.#session.close();
    this.#socket.destroy();
    this.#finished?.();
  }

  /** Reads commands for as long as their replies have somewhere to go. */
  #work(): void {
    this.#socket.cork();
    let isWaiting = false;
    for (let count = 0; !this.#closing; count++) {
      // Replies that are ready make room; commands that have arrived already bring no event of their own.
      if (this.#crowded()) this.#send();
      if (this.#crowded()) break;
      if (!this.#session.authenticated && (count === STRANGER_COMMANDS_A_SLICE || !this.#hooks.turns.take())) {
        this.#hooks.turns.wait(this.#next);
        isWaiting = true;
        break;
      }
      const read = this.#reader.next();
      if (read.type === "incomplete") {
        this.#closing = this.#inputEnded;
        break;
      }
      if (read.type === "error") {
        this.#hooks.protocolError();
        this.#answer(failure(`ERR ${read.reason}`));
        this.#closing = true;
      } else if (read.type === "too large") this.#answer(failure(`ERR ${read.reason}; nothing was done`));
      else this.#perform(parseCommand(read.words));
    }
    this.#send();
    this.#socket.uncork();
    this.#session.hold(this.#socket.writableLength > RESP_UNSENT_BYTES_MAX);
    if (this.#closing || isWaiting || this.#crowded()) this.#socket.pause();
    else this.#socket.resume();
    this.#watch();
  }

  /** True while the client has enough in flight. Then it is not read from. */
  #crowded(): boolean {
    const { pendingBytes } = this.#session;
    return this.#slots.length >= SESSION_COMMANDS_MAX || pendingBytes > SESSION_BYTES_MAX || this.#socket.writableLength > RESP_UNSENT_BYTES_MAX;
  }

  /** Watches the socket: for a client that takes nothing while something is on its way out, else for one that is idle. */
  #watch(): void {
    const isDue = this.#socket.writableLength > 0 || this.#socket.writableEnded;
    if (isDue === this.#isDue || this.#socket.destroyed) return;
    this.#isDue = isDue;
    this.#socket.setTimeout(isDue ? this.#limits.stallMs : this.#limits.idleMs);
  }

  /** Nothing has moved for a while: fine for a client that waits for a reply. */
  #onTimeout(): void {
    if (this.#isDue || this.#slots.length === 0) this.destroy();
    else this.#socket.setTimeout(this.#limits.idleMs);
  }

  #perform(parsed: Parsed): void {
    if (this.#refusing && !(parsed.type === "connection" && ENDS_REFUSING.has(parsed.name))) {
      this.#answer(IN_TRANSACTION);
    } else if (parsed.type === "refused") {
      this.#answer(this.#session.authenticated ? parsed.reply : NO_AUTH);
    } else if (parsed.type === "connection") {
      this.#answer(this.#connection(parsed.name, parsed.words));
    } else if (!this.#session.authenticated) {
      this.#answer(NO_AUTH);
    } else if (this.#isStopping) {
      this.#answer(STOPPING);
    } else {
      const slot: Slot = { reply: undefined, version: this.#version };
      this.#slots.push(slot);
      this.#session.submit(parsed.command, (result) => {
        if (this.#socket.destroyed) return;
        slot.reply = parsed.reply(result);
        this.#work();
      });
    }
  }

  #connection(name: ConnectionCommand, words: readonly Uint8Array[]): Reply {
    switch (name) {
      case "PING":
        return words.length > 2 ? wrongArity("ping") : words[1] ? { type: "bulk", bytes: words[1] } : { type: "simple", text: "PONG" };
      case "QUIT":
        this.#closing = true;
        return OK;
      case "AUTH":
        if (words.length > 3) return wrongArity("auth");
        return this.#authenticate(words.at(-1)) ?? OK;
      case "HELLO":
        return this.#hello(words);
      default:
        return this.#session.authenticated ? this.#authenticated(name, words) : NO_AUTH;
    }
  }

  #authenticated(name: Exclude<ConnectionCommand, "PING" | "QUIT" | "AUTH" | "HELLO">, words: readonly Uint8Array[]): Reply {
    switch (name) {
      case "ECHO":
        return { type: "bulk", bytes: words[1] ?? new Uint8Array() };
      case "INFO":
        return bulk(this.#hooks.info(words.slice(1).map(ascii)));
      case "CLIENT":
        return this.#client(words);
      case "SELECT":
        return select(ascii(words[1]));
      case "MULTI":
        this.#refusing = true;
        return failure("ERR MULTI is not supported: there are no transactions of several commands; nothing takes effect up to EXEC or DISCARD");
      case "EXEC":
        return this.#endRefusing() ? failure("EXECABORT Transaction discarded because MULTI is not supported; nothing was done") : failure("ERR EXEC without MULTI");
      case "DISCARD":
        return this.#endRefusing() ? OK : failure("ERR DISCARD without MULTI");
      case "WATCH":
        return failure("ERR WATCH is not supported: there are no transactions of several commands");
    }
  }

  /** Returns true if commands were being refused. */
  #endRefusing(): boolean {
    const wasRefusing = this.#refusing;
    this.#refusing = false;
    return wasRefusing;
  }

  /** `undefined` when the token is good, else what to say. */
  #authenticate(word: Uint8Array | undefined): Reply | undefined {
    const verdict = this.#session.authenticate(tokenText(word));
    if (verdict.ok) {
      clearTimeout(this.#unproven);
      this.#hooks.proven();
      this.#reader.limits = RESP_LIMITS;
      return undefined;
    }
    if (++this.#authFailures >= RESP_AUTH_FAILURES_MAX) this.#closing = true;
    return failure(`WRONGPASS ${verdict.reason}`);
  }

  /** `HELLO [version [AUTH user token] [SETNAME name]]`: the version counts only if all of it is good. */
  #hello(words: readonly Uint8Array[]): Reply {
    const version = words[1] ? ascii(words[1]) : String(this.#version);
    if (version !== "2" && version !== "3") return failure("NOPROTO unsupported protocol version");
    let name: Uint8Array | undefined;
    for (let at = 2; at < words.length; ) {
      const option = ascii(words[at]).toUpperCase();
      if (option === "AUTH" && at + 2 < words.length) {
        const refusal = this.#authenticate(words[at + 2]);
        if (refusal) return refusal;
        at += 3;
      } else if (option === "SETNAME" && at + 1 < words.length) {
        name = words[at + 1];
        at += 2;
      } else return failure(`ERR syntax error in HELLO option '${ascii(words[at])}'`);
    }
    if (!this.#session.authenticated) {
      return failure("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time");
    }
    const refusal = name && this.#setName(name);
    if (refusal) return refusal;
    this.#version = version === "3" ? 3 : 2;
    return {
      type: "map",
      entries: [
        ["server", bulk("void")],
        ["version", bulk("7.0.0")],
        ["proto", { type: "integer", value: BigInt(this.#version) }],
        ["id", { type: "integer", value: BigInt(this.#id) }],
        ["mode", bulk("standalone")],
        ["role", bulk("master")],
        ["modules", { type: "array", items: [] }],
      ],
    };
  }

  #client(words: readonly Uint8Array[]): Reply {
    const subcommand = ascii(words[1]).toUpperCase();
    const arity = CLIENT_ARITY[subcommand];
    if (arity === undefined) return failure(`ERR unknown subcommand '${ascii(words[1])}'. CLIENT knows SETINFO, SETNAME, GETNAME and ID here`);
    if (words.length !== arity) return wrongArity(`client|${subcommand.toLowerCase()}`);
    switch (subcommand) {
      case "SETINFO":
        return CLIENT_INFO.has(ascii(words[2]).toUpperCase()) ? OK : failure(`ERR Unrecognized option '${ascii(words[2])}'`);
      case "SETNAME":
        return this.#setName(words[2]) ?? OK;
      case "GETNAME":
        return this.#name === "" ? NULL : bulk(this.#name);
      default:
        return { type: "integer", value: BigInt(this.#id) };
    }
  }

  /** Returns `undefined` when the name is good, else the refusal. */
  #setName(word: Uint8Array | undefined): Reply | undefined {
    const name = Buffer.from(word ?? []).toString("latin1");
    if (name.length > CLIENT_NAME_BYTES_MAX) return failure(`ERR a client's name has at most ${CLIENT_NAME_BYTES_MAX} bytes, this one ${name.length}`);
    if (!/^[!-~]*$/.test(name)) return failure("ERR Client names cannot contain spaces, newlines or special characters.");
    this.#name = name;
    return undefined;
  }

  #answer(reply: Reply): void {
    this.#slots.push({ reply, version: this.#version });
  }

  /** Sends replies up to the first that is still open; ends when asked to and nothing is open. */
  #send(): void {
    for (let slot = this.#slots[0]; slot?.reply; slot = this.#slots[0]) {
      this.#slots.shift();
      if (!this.#socket.destroyed) this.#socket.write(encodeReply(slot.reply, slot.version));
    }
    if (this.#closing && this.#slots.length === 0) this.#socket.end(() => this.destroy());
  }
}

/** The place of one reply. */
interface Slot {
  reply: Reply | undefined;
  /** The dialect that was spoken when the command came. */
  readonly version: RespVersion;
}

const STOPPING: Reply = failure(SHUTDOWN_MESSAGE);
const NO_AUTH: Reply = failure("NOAUTH Authentication required.");
const IN_TRANSACTION: Reply = failure("ERR nothing was done: MULTI is not supported, and commands are refused up to EXEC or DISCARD");
const ENDS_REFUSING: ReadonlySet<ConnectionCommand> = new Set(["EXEC", "DISCARD", "QUIT"]);
/** Number of words of each subcommand of CLIENT, CLIENT included. */
const CLIENT_ARITY: Readonly<Record<string, number>> = { SETINFO: 4, SETNAME: 3, GETNAME: 2, ID: 2 };
const CLIENT_INFO: ReadonlySet<string> = new Set(["LIB-NAME", "LIB-VER"]);

/** There is one database, 0. */
function select(index: string): Reply {
  if (index === "0") return OK;
  return failure(/^-?[0-9]{1,19}$/.test(index) ? "ERR DB index is out of range" : "ERR value is not an integer or out of range");
}

function wrongArity(name: string): Reply {
  return failure(`ERR wrong number of arguments for '${name}' command`);
}

/** A token is ASCII; anything else is no token. */
function tokenText(word: Uint8Array | undefined): string {
  return Buffer.from(word ?? []).toString("latin1");
}

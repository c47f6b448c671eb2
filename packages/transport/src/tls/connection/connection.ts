import type { TLSSocket } from "node:tls";
import type { Cancel, Clock } from "@void-system/effects";
import { FrameReader } from "./frame-reader.ts";
import { ALIVE_FRAME, decodeControl, encodeCredit, encodeHello, encodeRefusal } from "./control.ts";
import type { Hello } from "./hello.ts";
import { Inbox } from "./inbox.ts";
import { FRAME_CREDIT, type TlsLimits } from "../limits.ts";
import type { ReadTurn, ReadTurns } from "./read-turns.ts";
import { SendQueue } from "./send-queue.ts";

/** What a connection asks and tells. All but `greet` are told from the event loop, none after `closed`. */
export interface ConnectionHooks {
  /** The other side says who it is: a reason refuses it. */
  greet(connection: Connection, hello: Hello): string | undefined;
  /** Both sides have said who they are. */
  up(connection: Connection): void;
  /** A frame arrived. */
  frame(frame: Uint8Array): void;
  /** There is room again after a `full`. */
  writable(connection: Connection): void;
  /** It is over, for a reason that has a name of its own. */
  closed(connection: Connection, reason: string): void;
}

/** What all connections of a transport share. */
export interface ConnectionParts {
  readonly hello: Hello;
  readonly limits: TlsLimits;
  readonly clock: Pick<Clock, "schedule">;
  readonly turns: ReadTurns;
}

/**
 * One TLS connection whose other end has shown the key that it should have: hellos first, then frames, with signs of
 * life in between.
 */
export class Connection {
  /** Whether this side opened it. */
  readonly dialed: boolean;
  readonly socket: TLSSocket;
  /** Set once, when it ends. */
  #reason: string | undefined;
  #up = false;
  /** What is queued is still written, and what comes is dropped, but for credit: without it nothing could be written. */
  #finishing = false;
  #heard = true;
  #silentMs = 0;
  #cancelTick: Cancel | undefined;
  readonly #turn: ReadTurn = { number: -1, sinceMs: 0 };
  readonly #parts: ConnectionParts;
  readonly #hooks: ConnectionHooks;
  readonly #queue: SendQueue;
  readonly #reader: FrameReader;
  readonly #inbox: Inbox;
  /** Longest frame that both sides are ready for. */
  #frameBytesMax = 0;

  constructor(socket: TLSSocket, dialed: boolean, parts: ConnectionParts, hooks: ConnectionHooks) {
    this.dialed = dialed;
    this.socket = socket;
    this.#parts = parts;
    this.#hooks = hooks;
    this.#queue = new SendQueue(socket, parts.limits.queueBytes, () => this.#hooks.writable(this));
    this.#reader = new FrameReader((control, bytes) => this.#take(control, bytes));
    this.#inbox = new Inbox(parts.limits.windowBytes, {
      frame: (frame) => this.#hooks.frame(frame),
      grant: (credit) => this.#queue.control(encodeCredit(credit)),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.#read(chunk));
    socket.on("error", (error) => this.close(nameOf(error)));
    socket.on("close", () => this.#over());
    if (dialed) this.#queue.control(encodeHello(parts.hello));
    this.#cancelTick = parts.clock.schedule(parts.limits.handshakeMs, () => this.close("no-hello"));
  }

  /** Bytes that wait to be written. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Frames that no write has taken. */
  get queuedFrames(): number {
    return this.#queue.frames;
  }

  /** Bytes that came and are kept while frames are held. */
  get heldBytes(): number {
    return this.#inbox.keptBytes;
  }

  /** Frames likewise. */
  get heldFrames(): number {
    return this.#inbox.keptFrames;
  }

  /** What the other side is ready to take. */
  get creditBytes(): number {
    return this.#queue.credit;
  }

  /** Longest frame that both sides are ready for. */
  get frameBytesMax(): number {
    return this.#frameBytesMax;
  }

  /** How the keys were agreed, where OpenSSL tells: to the side that dialed. */
  get keyExchange(): string | undefined {
    const info = this.#reason === undefined ? this.socket.getEphemeralKeyInfo() : null;
    return info !== null && "name" in info && typeof info.name === "string" ? info.name : undefined;
  }

  /** Whether both sides had said who they are. */
  get wasUp(): boolean {
    return this.#up;
  }

  /** Takes a frame, unless it does not fit. */
  send(frame: Uint8Array): boolean {
    return this.#queue.offer(frame);
  }

  /** Keeps what comes, or hands it over (again). */
  hold(held: boolean): void {
    this.#inbox.hold(held);
  }

  /** Breaks it off; `closed` is told later. */
  close(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#end(reason);
    this.socket.destroy();
  }

  /**
   * Takes no more, writes what is queued, then ends it; `closed` is told when the other side has ended it too. Until then
   * what still comes is read and, but for credit, dropped: to close with bytes unread resets the connection, and a reset
   * destroys what the other side has not read yet.
   */
  finish(reason: string): void {
    if (this.#finishing || this.#reason !== undefined) return;
    this.#finishing = true;
    this.#inbox.discard();
    this.#queue.drain(() => {
      this.#end(reason);
      this.socket.end();
      this.#cancelTick = this.#parts.clock.schedule(this.#parts.limits.handshakeMs, () => this.socket.destroy());
    });
  }

  /** Breaks it off, even while `finish` is under way. */
  destroy(): void {
    this.close("destroyed");
    this.socket.destroy();
  }

  /** Its hello was refused: only the refusal is to be written still. */
  get #isTurnedAway(): boolean {
    return this.#finishing && !this.#up;
  }

  #end(reason: string): void {
    this.#reason = reason;
    this.#cancelTick?.();
    this.#queue.stop();
    this.#inbox.discard();
  }

  #over(): void {
    this.#cancelTick?.();
    if (this.#reason === undefined) this.#end(this.#up ? "closed-by-peer" : "closed-before-hello");
    this.#hooks.closed(this, this.#reason ?? "");
  }

  #read(chunk: Uint8Array): void {
    const { turns } = this.#parts;
    turns.begin(this.#turn);
    if (this.#reason === undefined && !this.#isTurnedAway) this.#handOver(chunk);
    if (turns.isOver(this.#turn)) this.#rest(); // also one that is read only to be dropped
  }

  #handOver(chunk: Uint8Array): void {
    this.#heard = true;
    try {
      if (this.#reader.push(chunk) === "too-long") this.close("frame-too-long");
      this.#inbox.settle();
    } catch (error) {
      this.close("handler-threw"); // what is left of the chunk is lost, so nothing after it may pass
      throw error;
    }
  }

  /** Reads on in the next turn of the event loop: the other connections may be waiting. */
  #rest(): void {
    this.socket.pause();
    setImmediate(() => this.socket.resume());
  }

  #take(control: boolean, bytes: Uint8Array): boolean {
    if (control) this.#control(bytes);
    else if (!this.#up) this.close("frame-before-hello");
    else if (!this.#inbox.take(bytes)) this.close("beyond-credit");
    return this.#reason === undefined && !this.#isTurnedAway;
  }

  #control(bytes: Uint8Array): void {
    const control = decodeControl(bytes);
    if (this.#finishing && control?.type !== "credit") return;
    if (control === undefined) this.close("malformed-control");
    else if (control.type === "refusal") this.close(`refused-by-peer-${control.reason}`);
    else if (control.type === "other-version") this.#refuse("version");
    else if (control.type === "hello") this.#greet(control.hello);
    else if (!this.#up) this.close("frame-before-hello");
    else if (control.type === "credit" && !this.#queue.grant(control.bytes)) this.close("false-credit");
  }

  #greet(hello: Hello): void {
    if (this.#up) return this.close("second-hello");
    const refusal = hello.cluster === this.#parts.hello.cluster ? this.#hooks.greet(this, hello) : "cluster";
    if (refusal !== undefined) return this.#refuse(refusal);
    if (!this.dialed) this.#queue.control(encodeHello(this.#parts.hello));
    this.#up = true;
    const { frameBytes } = this.#parts.limits;
    this.#reader.frameBytesMax = frameBytes;
    this.#frameBytesMax = Math.min(frameBytes, hello.frameBytes, Math.floor(hello.windowBytes / 2) - FRAME_CREDIT);
    this.#queue.begin(hello.windowBytes);
    this.#cancelTick?.();
    this.#tick();
    this.#hooks.up(this);
  }

  /** Tells the other side why, so that its operator can read it there. */
  #refuse(refusal: string): void {
    this.#queue.control(encodeRefusal(refusal));
    this.finish(`refused-${refusal}`);
  }

  #tick(): void {
    const { heartbeatMs, silenceMs } = this.#parts.limits;
    this.#silentMs = this.#heard ? 0 : this.#silentMs + heartbeatMs;
    this.#heard = false;
    if (this.#silentMs >= silenceMs) return this.close("silence");
    if (!this.#queue.isWriting) this.#queue.control(ALIVE_FRAME); // a write that is under way is life enough
    this.#cancelTick = this.#parts.clock.schedule(heartbeatMs, () => this.#tick());
  }
}

/** The stable name of a socket's error, such as `ECONNRESET`. */
export function nameOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "socket-error";
}

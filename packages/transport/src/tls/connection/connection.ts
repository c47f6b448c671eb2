import type { TLSSocket } from "node:tls";
import type { Cancel, Clock } from "@void-system/effects";
import { FrameReader } from "./frame-reader.ts";
import { ALIVE_FRAME, decodeControl, encodeCredit, encodeHello, encodeRefusal } from "./control.ts";
import type { Hello } from "./hello.ts";
import { otherEnd } from "./other-end.ts";
import { Inbox } from "./inbox.ts";
import { FRAME_CREDIT, type TlsLimits } from "../limits.ts";
import type { ReadTurn, ReadTurns } from "./read-turns.ts";
import { SendQueue } from "./send-queue.ts";

/**
 * Bytes that are read and dropped of a dialer that was turned away, before its connection is destroyed. An honest one sends nothing
 * between its hello and the answer.
 */
const DROPPED_BYTES_MAX: number = 64 * 1024;

/** Callbacks of a connection. All are called from the event loop, none after `closed`. */
export interface ConnectionHooks {
  /** The other side's hello has come. A returned reason refuses it. */
  greet(connection: Connection, hello: Hello): string | undefined;
  /** Both hellos have been exchanged. */
  up(connection: Connection): void;
  /** A frame arrived. */
  frame(frame: Uint8Array): void;
  /** There is room again after a `full`. */
  writable(connection: Connection): void;
  /** The connection is over; `reason` is a stable name. */
  closed(connection: Connection, reason: string): void;
}

/** Parts that all connections of a transport share. */
export interface ConnectionParts {
  readonly hello: Hello;
  readonly limits: TlsLimits;
  readonly clock: Pick<Clock, "schedule">;
  readonly turns: ReadTurns;
}

/**
 * One TLS connection whose other end has shown the expected key: hellos first, then frames, with heartbeats in
 * between.
 */
export class Connection {
  /** True if this side opened it. */
  readonly dialed: boolean;
  readonly socket: TLSSocket;
  /** Address and port of the other end; undefined if it was gone when the handshake was done. */
  readonly address: string | undefined;
  /** Set once, when it ends. */
  #reason: string | undefined;
  #up = false;
  /**
   * Set from `finish` on, to its reason. Queued frames are still written. Arriving ones are dropped, except for credit, without which
   * nothing could be written.
   */
  #finishing: string | undefined;
  #readBytes = 0;
  #droppedBytes = 0;
  #heard = true;
  #silentMs = 0;
  #cancelTick: Cancel | undefined;
  readonly #turn: ReadTurn = { number: -1, sinceMs: 0 };
  readonly #parts: ConnectionParts;
  readonly #hooks: ConnectionHooks;
  readonly #queue: SendQueue;
  readonly #reader: FrameReader;
  readonly #inbox: Inbox;
  /** Longest frame that both sides take. */
  #frameBytesMax = 0;
  #instance: string | undefined;

  constructor(socket: TLSSocket, dialed: boolean, parts: ConnectionParts, hooks: ConnectionHooks) {
    this.dialed = dialed;
    this.socket = socket;
    this.address = otherEnd(socket);
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

  /** Bytes that are queued. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Frames that no write has taken. */
  get queuedFrames(): number {
    return this.#queue.frames;
  }

  /** Bytes that arrived and are kept while frames are held. */
  get heldBytes(): number {
    return this.#inbox.keptBytes;
  }

  /** Frames that arrived and are kept. */
  get heldFrames(): number {
    return this.#inbox.keptFrames;
  }

  /** Credit that is left. */
  get creditBytes(): number {
    return this.#queue.credit;
  }

  /** Longest frame that both sides take. */
  get frameBytesMax(): number {
    return this.#frameBytesMax;
  }

  /** Key exchange, on the side that dialed. OpenSSL does not report it to the other. */
  get keyExchange(): string | undefined {
    const info = this.#reason === undefined ? this.socket.getEphemeralKeyInfo() : null;
    return info !== null && "name" in info && typeof info.name === "string" ? info.name : undefined;
  }

  /** Instance of the other side, from its hello. */
  get instance(): string | undefined {
    return this.#instance;
  }

  /** Bytes that were read, whatever they are. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** True if the other side will send nothing more. */
  get isEnded(): boolean {
    return this.socket.readableEnded;
  }

  /** True if both hellos had been exchanged. */
  get wasUp(): boolean {
    return this.#up;
  }

  /** Queues a frame; false if it does not fit. */
  send(frame: Uint8Array): boolean {
    return this.#queue.offer(frame);
  }

  /** Starts or ends a hold on arriving frames. */
  hold(held: boolean): void {
    this.#inbox.hold(held);
  }

  /** Destroys the connection. `closed` is called later. */
  close(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#end(reason);
    this.socket.destroy();
  }

  /**
   * Writes the queued frames, then ends the connection. `closed` is called when the other side has ended it too. Until then
   * arriving bytes are read and, except for credit, dropped: closing with unread bytes resets the connection, and a reset
   * destroys what the other side has not read yet.
   */
  finish(reason: string): void {
    if (this.#finishing !== undefined || this.#reason !== undefined) return;
    this.#finishing = reason;
    this.#inbox.discard();
    this.#queue.drain(() => {
      this.#end(reason);
      this.socket.end();
      this.#cancelTick = this.#parts.clock.schedule(this.#parts.limits.handshakeMs, () => this.socket.destroy());
    });
  }

  /** Destroys the connection, even while `finish` is in progress. */
  destroy(): void {
    this.close("destroyed");
    this.socket.destroy();
  }

  /** True if the other side's hello was refused, and only the refusal is left to be written. */
  get #isTurnedAway(): boolean {
    return this.#finishing !== undefined && !this.#up;
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
    this.#readBytes += chunk.length;
    if (this.#reason === undefined && !this.#isTurnedAway) this.#handOver(chunk);
    else if (!this.#up && !this.dialed) this.#drop(chunk);
    if (turns.isOver(this.#turn)) this.#rest(); // also one that is read only to be dropped
  }

  #handOver(chunk: Uint8Array): void {
    this.#heard = true;
    try {
      if (this.#reader.push(chunk) === "too-long") this.close("frame-too-long");
      this.#inbox.settle();
    } catch (error) {
      this.close("handler-threw"); // the rest of the chunk is lost, so nothing after it may pass
      throw error;
    }
  }

  /**
   * Not called for a peer that may have been linked on its side: it has frames in flight, and a reset would destroy what it has not
   * read yet, such as the refusal.
   */
  #drop(chunk: Uint8Array): void {
    this.#droppedBytes += chunk.length;
    if (this.#droppedBytes <= DROPPED_BYTES_MAX) return;
    this.close(this.#finishing ?? "destroyed");
    this.socket.destroy();
  }

  /** Pauses until the next turn of the event loop, because other connections may be waiting. */
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
    if (this.#finishing !== undefined && control?.type !== "credit") return;
    if (control === undefined) this.close("malformed-control");
    else if (control.type === "refusal") this.close(`refused-by-peer-${control.reason}`);
    else if (control.type === "other-version") this.#refuse("version");
    else if (control.type === "hello") this.#greet(control.hello);
    else if (!this.#up) this.close("frame-before-hello");
    else if (control.type === "credit" && !this.#queue.grant(control.bytes)) this.close("false-credit");
  }

  #greet(hello: Hello): void {
    if (this.#up) return this.close("second-hello");
    this.#instance = hello.instance;
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

  /** Sends the reason to the other side, so that its operator can read it there. */
  #refuse(refusal: string): void {
    this.#queue.control(encodeRefusal(refusal));
    this.finish(`refused-${refusal}`);
  }

  #tick(): void {
    const { heartbeatMs, silenceMs } = this.#parts.limits;
    this.#silentMs = this.#heard ? 0 : this.#silentMs + heartbeatMs;
    this.#heard = false;
    if (this.#silentMs >= silenceMs) return this.close("silence");
    if (!this.#queue.isWriting) this.#queue.control(ALIVE_FRAME); // a write in progress is a sign of life
    this.#cancelTick = this.#parts.clock.schedule(heartbeatMs, () => this.#tick());
  }
}

/** Returns the stable name of a socket's error, such as `ECONNRESET`. */
export function nameOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "socket-error";
}

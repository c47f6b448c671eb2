/**
 * Client sessions: what makes a request execute exactly once. They are part of the replicated state, so everything
 * here is a function of the executed log, the order of eviction included, and it is checkpointed with the state.
 *
 * A client numbers its requests in any order within a window below its highest executed number. When there is no room
 * for another client, the one that was executed longest ago is dropped; its numbers stay refused, because a new
 * session must begin above every number that a dropped one has used (`floor`). Numbers count microseconds, about, so
 * an honest client that starts later is above it by itself, and a liar cannot push the floor far: a number more than
 * an hour ahead of the agreed time is refused.
 */
import { type ByteReader, ByteWriter, concatBytes, decodeAll } from "@void-system/bytes";
import { type PeerId, readPeerId } from "@void-system/effects";
import { InvariantError } from "../errors.ts";
import {
  CHUNK_BYTES_MAX,
  RESULT_BYTES_MAX,
  SESSION_AHEAD_MAX,
  SESSION_RESULT_BYTES_MAX,
  SESSION_WINDOW,
} from "../limits.ts";
import { ReplyStatus, type Result } from "../codec/message.ts";

interface Session {
  highest: number;
  /** Status by number, within the window. */
  readonly executed: Map<number, ReplyStatus>;
  /** The results that are kept, in the order of execution. */
  readonly results: Map<number, Uint8Array>;
  resultBytes: number;
}

const EMPTY = new Uint8Array(0);

/** The sessions of all clients. */
export class Sessions {
  /** Longest unused first: a session moves to the end when it executes. */
  readonly #sessions = new Map<PeerId, Session>();
  readonly #sessionsMax: number;
  #floor = 0;

  constructor(sessionsMax: number) {
    this.#sessionsMax = sessionsMax;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The reply to a number that was executed or is stale, or undefined: it is new, and may be executed. */
  answer(client: PeerId, number: number): Result | undefined {
    const session = this.#sessions.get(client);
    if (session === undefined) return number > this.#floor ? undefined : stale(number, this.#floor);
    const status = session.executed.get(number);
    if (status !== undefined) {
      const result = session.results.get(number);
      return result === undefined
        ? { number, status: ReplyStatus.forgotten, result: EMPTY }
        : { number, status, result };
    }
    return number > session.highest - SESSION_WINDOW ? undefined : stale(number, session.highest);
  }

  /**
   * The refusal of a number that runs ahead of the agreed time, or undefined. It says from which time and number on the
   * client may go on, whatever its clock.
   */
  refuseAhead(client: PeerId, number: number, agreedMs: number): Result | undefined {
    if (number <= agreedMs * 1_000 + SESSION_AHEAD_MAX) return undefined;
    const highest = this.#sessions.get(client)?.highest ?? this.#floor;
    return { number, status: ReplyStatus.ahead, result: new ByteWriter(16).u53(agreedMs).u53(highest).finish() };
  }

  /** Remembers an execution. Only for numbers to which {@link answer} has none. */
  record(client: PeerId, { number, status, result }: Result): void {
    const session = this.#touch(client, number);
    session.executed.set(number, status);
    session.results.set(number, result);
    session.resultBytes += result.length;
    if (number > session.highest) this.#raise(session, number);
    for (const [oldest, kept] of session.results) {
      if (session.resultBytes <= SESSION_RESULT_BYTES_MAX) break;
      session.results.delete(oldest);
      session.resultBytes -= kept.length;
    }
  }

  /** The sessions as chunks; the same for the same executed log. */
  encode(): Uint8Array[] {
    const writer = new ByteWriter(4_096).u8(1).u53(this.#floor).u32(this.#sessions.size);
    for (const [client, session] of this.#sessions) {
      writer.ascii(client).u53(session.highest).u32(session.executed.size);
      for (const [number, status] of session.executed) writer.u53(number).u8(status);
      writer.u32(session.results.size);
      for (const [number, result] of session.results) writer.u53(number).block(result);
    }
    const bytes = writer.view();
    const chunks = [];
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES_MAX) chunks.push(bytes.slice(at, at + CHUNK_BYTES_MAX));
    return chunks;
  }

  /**
   * Replaces all sessions by those of chunks that were certified.
   *
   * @throws {@link InvariantError} when they cannot be read: then the replicas have certified nonsense.
   */
  restore(chunks: readonly Uint8Array[]): void {
    const decoded = decodeAll(concatBytes(chunks), (reader) => this.#read(reader));
    if (!decoded.ok) throw new InvariantError(`expected certified sessions that can be read, got ${decoded.reason}`);
  }

  #read(reader: ByteReader): void {
    const version = reader.u8();
    if (version !== 1) reader.fail("sessions of version 1", `version ${version}`);
    this.#sessions.clear();
    this.#floor = reader.u53();
    const count = reader.count(this.#sessionsMax);
    for (let index = 0; index < count; index += 1) {
      const client = readPeerId(reader);
      const session: Session = { highest: reader.u53(), executed: new Map(), results: new Map(), resultBytes: 0 };
      const executed = reader.count(SESSION_WINDOW);
      for (let entry = 0; entry < executed; entry += 1) session.executed.set(reader.u53(), readStatus(reader));
      const results = reader.count(SESSION_WINDOW);
      for (let entry = 0; entry < results; entry += 1) {
        const number = reader.u53();
        const result = reader.block(RESULT_BYTES_MAX);
        session.results.set(number, result);
        session.resultBytes += result.length;
      }
      this.#sessions.set(client, session);
    }
  }

  /** The client's session, now the most recently used; made, at another's cost, if there is none. */
  #touch(client: PeerId, number: number): Session {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      if (this.#sessions.size >= this.#sessionsMax) this.#evict();
      session = { highest: number, executed: new Map(), results: new Map(), resultBytes: 0 };
    } else {
      this.#sessions.delete(client);
    }
    this.#sessions.set(client, session);
    return session;
  }

  #evict(): void {
    for (const [client, session] of this.#sessions) {
      this.#floor = Math.max(this.#floor, session.highest);
      this.#sessions.delete(client);
      return;
    }
  }

  /** Moves the window up and forgets what falls out of it. */
  #raise(session: Session, highest: number): void {
    const from = session.highest - SESSION_WINDOW + 1;
    const to = highest - SESSION_WINDOW;
    session.highest = highest;
    const forget = (number: number): void => {
      session.executed.delete(number);
      session.resultBytes -= session.results.get(number)?.length ?? 0;
      session.results.delete(number);
    };
    if (to - from < SESSION_WINDOW) {
      for (let number = from; number <= to; number += 1) forget(number);
    } else {
      for (const number of session.executed.keys()) if (number <= to) forget(number);
    }
  }
}

function stale(number: number, highest: number): Result {
  return { number, status: ReplyStatus.stale, result: new ByteWriter(8).u53(highest).finish() };
}

function readStatus(reader: ByteReader): ReplyStatus {
  const code = reader.u8();
  if (code === ReplyStatus.ok || code === ReplyStatus.failed) return code;
  return reader.fail("the status ok or failed", `${code}`);
}

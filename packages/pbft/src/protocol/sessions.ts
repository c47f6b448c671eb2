/**
 * Client sessions: what makes a request execute exactly once. They are part of the replicated state, so everything
 * here is a function of the executed log, the order of eviction included, and it is checkpointed with the state.
 *
 * A client numbers its requests in any order within a window below its highest executed number, and above those that it has settled
 * (`lowest`). When there is no room
 * for another client, the one that was executed longest ago is dropped; its numbers stay refused, because a new
 * session must begin above every number that a dropped one has used (`floor`). Numbers count microseconds, about, so
 * an honest client that starts later is above it by itself, and a liar cannot push the floor far: a number more than
 * an hour ahead of the agreed time is refused.
 */
import { type ByteReader, ByteWriter, concatBytes, decodeAll } from "@void-system/bytes";
import { type CommittedBatch, readCommittedBatch, writeCommittedBatch } from "@void-system/crypto";
import { type PeerId, readPeerId } from "@void-system/effects";
import { readResult, writeResult } from "../codec/reply-codec.ts";
import { InvariantError } from "../errors.ts";
import {
  CHUNK_BYTES_MAX,
  SESSION_AHEAD_MAX,
  SESSION_RESULT_BYTES_MAX,
  SESSION_WINDOW,
} from "../limits.ts";
import type { Request } from "../codec/batch.ts";
import { HintReason, type Result } from "../codec/message.ts";
import { Fate } from "../codec/question.ts";
import { readVersion } from "../codec/version.ts";

/** An answer to a request that is not new: its result with the batch that proves it, or a reason why there is none. */
export type Answer =
  | { readonly type: "result"; readonly executed: CommittedBatch; readonly result: Result }
  | { readonly type: "hint"; readonly number: number; readonly reason: HintReason; readonly highest: number };

/** A result that is kept. The requests of one batch share its statement. */
interface Kept {
  readonly executed: CommittedBatch;
  readonly result: Result;
}

interface Session {
  highest: number;
  /** Nothing up to here is executed any longer: it is out of the window, or the client has settled it. */
  low: number;
  /** Numbers above `low` that were executed. */
  readonly executed: Set<number>;
  /** The results that are kept, in the order of execution. */
  readonly results: Map<number, Kept>;
  resultBytes: number;
}

const VERSION = 2;
/** Bytes that a result takes beside itself and its path. */
const KEPT_BYTES = 128;
/** Most batches whose results are kept: each has one at least. */
const BATCHES_MAX = 4_294_967_295;

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

  /** The answer to a number that was executed or is stale, or undefined: it is new, and may be executed. */
  answer(client: PeerId, number: number): Answer | undefined {
    const session = this.#sessions.get(client);
    const hint = (reason: HintReason, highest: number): Answer => ({ type: "hint", number, reason, highest });
    if (session === undefined) return number > this.#floor ? undefined : hint(HintReason.stale, this.#floor);
    const { highest } = session;
    if (session.executed.has(number)) {
      const kept = session.results.get(number);
      return kept === undefined ? hint(HintReason.forgotten, highest) : { type: "result", ...kept };
    }
    return number > session.low ? undefined : hint(HintReason.stale, highest);
  }

  /** Knowledge about a number. */
  fateOf(client: PeerId, number: number): Fate {
    if (this.#sessions.get(client)?.executed.has(number) === true) return Fate.executed;
    return this.answer(client, number) === undefined ? Fate.never : Fate.gone;
  }

  /**
   * Returns the refusal of a request that is not to be executed at an agreed time, or undefined. The refusal of one that runs ahead
   * names the number from which its client may go on, whatever its clock.
   */
  refuseAt(agreedMs: number, { client, number, notAfterMs }: Pick<Request, "client" | "number" | "notAfterMs">): Answer | undefined {
    const highest = this.#sessions.get(client)?.highest ?? this.#floor;
    if (notAfterMs < agreedMs) return { type: "hint", number, reason: HintReason.expired, highest };
    if (number <= agreedMs * 1_000 + SESSION_AHEAD_MAX) return undefined;
    return { type: "hint", number, reason: HintReason.ahead, highest };
  }

  /**
   * Remembers an execution, and forgets what is below the lowest number that its client still wants. Only for numbers to which
   * {@link answer} has none.
   */
  record(client: PeerId, executed: CommittedBatch, result: Result, lowest: number): void {
    const { number } = result;
    const session = this.#touch(client, number);
    session.executed.add(number);
    keep(session, { executed, result });
    session.highest = Math.max(session.highest, number);
    raise(session, Math.max(session.highest - SESSION_WINDOW, lowest - 1));
    for (const oldest of session.results.keys()) {
      if (session.resultBytes <= SESSION_RESULT_BYTES_MAX) break;
      drop(session, oldest);
    }
  }

  /** The sessions as chunks; the same for the same executed log. */
  encode(): Uint8Array[] {
    // A batch stands once, at the place of its first result.
    const batches = new Map<CommittedBatch, number>();
    for (const { results } of this.#sessions.values())
      for (const { executed } of results.values()) if (!batches.has(executed)) batches.set(executed, batches.size);
    const writer = new ByteWriter(4_096).u8(VERSION).u53(this.#floor).u32(batches.size);
    for (const executed of batches.keys()) writeCommittedBatch(writer, executed);
    writer.u32(this.#sessions.size);
    for (const [client, session] of this.#sessions) {
      writer.ascii(client).u53(session.highest).u53(Math.max(0, session.low)).u32(session.executed.size);
      for (const number of session.executed) writer.u53(number);
      writer.u32(session.results.size);
      for (const { executed, result } of session.results.values()) {
        writeResult(writer.u32(batches.get(executed) ?? 0), result);
      }
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
    readVersion(reader, "sessions", VERSION);
    this.#sessions.clear();
    this.#floor = reader.u53();
    const batches: CommittedBatch[] = [];
    for (let left = reader.count(BATCHES_MAX); left > 0; left -= 1) batches.push(readCommittedBatch(reader));
    for (let left = reader.count(this.#sessionsMax); left > 0; left -= 1) {
      const client = readPeerId(reader);
      const session = sessionAt(reader.u53(), reader.u53());
      for (let numbers = reader.count(SESSION_WINDOW); numbers > 0; numbers -= 1) session.executed.add(reader.u53());
      for (let results = reader.count(SESSION_WINDOW); results > 0; results -= 1) {
        const executed = batches[reader.u32()];
        if (executed === undefined) return reader.fail(`a batch below ${batches.length}`, "another");
        keep(session, { executed, result: readResult(reader) });
      }
      this.#sessions.set(client, session);
    }
  }

  /** The client's session, now the most recently used; made, at another's cost, if there is none. */
  #touch(client: PeerId, number: number): Session {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      if (this.#sessions.size >= this.#sessionsMax) this.#evict();
      session = sessionAt(number, 0);
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
}

/** Moves the low watermark up and forgets what falls below it. */
function raise(session: Session, low: number): void {
  if (low <= session.low) return;
  const forget = (number: number): void => {
    session.executed.delete(number);
    drop(session, number);
  };
  if (low - session.low <= SESSION_WINDOW) for (let number = session.low + 1; number <= low; number += 1) forget(number);
  else for (const number of session.executed) if (number <= low) forget(number);
  session.low = low;
}

function sessionAt(highest: number, low: number): Session {
  return { highest, low, executed: new Set(), results: new Map(), resultBytes: 0 };
}

function keep(session: Session, kept: Kept): void {
  session.results.set(kept.result.number, kept);
  session.resultBytes += bytesOf(kept);
}

function drop(session: Session, number: number): void {
  const kept = session.results.get(number);
  if (kept === undefined) return;
  session.results.delete(number);
  session.resultBytes -= bytesOf(kept);
}

function bytesOf({ result: { result, path } }: Kept): number {
  return result.length + path.length + KEPT_BYTES;
}

/**
 * The execution (Castro & Liskov 1999, §4.2): the replicated state, that is the state machine and the sessions, the
 * requests that wait for it, and the checkpoints taken of it.
 */
import { equalBytes } from "@void-system/bytes";
import { requestStatement, resultLeaf, resultTree, type CommittedBatch } from "@void-system/crypto";
import type { PeerId } from "@void-system/effects";
import { Machine, type Batch, type Request } from "../codec/batch.ts";
import { chunkHash, encodeManifest, manifestDigest, type Manifest } from "../codec/manifest.ts";
import { ReplyStatus, type Result } from "../codec/message.ts";
import { decodeQuestion, encodeFate } from "../codec/question.ts";
import { domain } from "../codec/version.ts";
import { configurationDifference } from "../configuration-record.ts";
import { replicaAt, type Configuration } from "../configuration.ts";
import { DeterministicFailure, InvariantError, RecoveryError } from "../errors.ts";
import { CHUNK_BYTES_MAX, CHUNKS_MAX, DIGEST_BYTES, RESULT_BYTES_MAX, ROOT_BYTES_MAX } from "../limits.ts";
import type { Digest } from "../ports.ts";
import { executionTime, TIME_ZERO, type AgreedTime } from "./agreed-time.ts";
import { Checkpoints, type TakenCheckpoint } from "./checkpoints.ts";
import type { ExecutedRequest } from "./delivery.ts";
import { RequestPool } from "./request-pool.ts";
import { Sessions, type Answer } from "./sessions.ts";
import type { Agreed, StateMachine } from "./state-machine.ts";

const RANDOM_DOMAIN = domain("random");
const REASON_BYTES_MAX = 1_024;
const utf8 = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** The effect of a batch. */
export interface Executed {
  readonly agreed: Agreed;
  /** The requests that the state machine has executed, in order. */
  readonly requests: readonly ExecutedRequest[];
  /** The statement of the batch, which the replies to all its clients share. */
  readonly executed: CommittedBatch;
  /** The results, by client. */
  readonly results: ReadonlyMap<PeerId, readonly Result[]>;
  /** The answers to requests of the batch that were executed before, or were not to be. */
  readonly answers: readonly { readonly client: PeerId; readonly answer: Answer }[];
}

/** The execution, owned. */
export class Execution {
  readonly pool: RequestPool = new RequestPool();
  readonly checkpoints: Checkpoints = new Checkpoints();
  readonly #cluster: Configuration;
  readonly #digest: Digest;
  readonly #machine: StateMachine;
  readonly #sessions: Sessions;
  #lastExecuted = 0;
  #lastTime: AgreedTime = TIME_ZERO;
  #progressAtMs = 0;
  #diverged = false;

  constructor(cluster: Configuration, digest: Digest, machine: StateMachine) {
    this.#cluster = cluster;
    this.#digest = digest;
    this.#machine = machine;
    this.#sessions = new Sessions(cluster.sessionsMax);
  }

  /** Sequence number of the last executed batch. */
  get lastExecuted(): number {
    return this.#lastExecuted;
  }

  /** The agreed time of the last executed batch. */
  get lastTime(): AgreedTime {
    return this.#lastTime;
  }

  /** When this replica last executed, or learned that it must catch up; monotonic. */
  get progressAtMs(): number {
    return this.#progressAtMs;
  }

  /** This replica's state is not the certified one; it must be replaced. */
  get diverged(): boolean {
    return this.#diverged;
  }

  get root(): Uint8Array {
    return this.#machine.root();
  }

  /** Clients remembered. */
  get clients(): number {
    return this.#sessions.size;
  }

  /** The answer to a request that is not to be ordered, or undefined: it was executed, or is stale, or expired. */
  answerTo(request: Request): Answer | undefined {
    const { client, number, notAfterMs } = request;
    const answer = this.#sessions.answer(client, number);
    // Only the agreed time of a batch decides if it runs ahead.
    return answer ?? (notAfterMs < this.#lastTime.physicalMs ? this.#sessions.refuseAt(this.#lastTime.physicalMs, request) : undefined);
  }

  /** Drops waiting requests that are not to be ordered any longer. */
  prunePool(): void {
    this.pool.prune((request) => this.answerTo(request) !== undefined);
  }

  waitFrom(nowMs: number): void {
    this.#progressAtMs = nowMs;
  }

  diverge(): void {
    this.#diverged = true;
  }

  /** Executes the batch of sequence number {@link lastExecuted} + 1, each request once. */
  execute(batch: Batch, nowMs: number): Executed {
    const sequence = this.#lastExecuted + 1;
    if (batch.requests.length > 0) this.#lastTime = executionTime(this.#lastTime, batch.time);
    const agreed = this.#agreedOn(batch, sequence);
    const answers: { client: PeerId; answer: Answer }[] = [];
    const fresh = this.#selectNew(batch.requests, agreed.time.physicalMs, (client, answer) => answers.push({ client, answer }));
    const commands = fresh.filter(({ machine }) => machine === Machine.state);
    const outcomes = this.#applyAll(commands, agreed);
    if (outcomes.length !== commands.length)
      throw new InvariantError(`expected a result for each of ${commands.length} commands, got ${outcomes.length}`);
    const next = outcomes[Symbol.iterator]();
    const all = fresh.map((request): ExecutedRequest => {
      const { client, number, operation } = request;
      const outcome = request.machine === Machine.state ? next.next().value : undefined;
      return { client, number, operation, ...(outcome ?? this.#answerQuestion(request)) };
    });
    const digests = fresh.map((request) => this.#digest(requestStatement(this.#cluster, request)));
    const leaves = all.map((request, index) => resultLeaf({ ...request, request: digests[index] ?? NOTHING }, this.#digest));
    const { root, paths } = resultTree(leaves, this.#digest);
    const executed = { sequence, time: this.#lastTime, batch: batch.digest, root };
    const results = new Map<PeerId, Result[]>();
    for (const [index, { client, number, status, result }] of all.entries()) {
      const made = { number, request: digests[index] ?? NOTHING, status, result, path: paths[index] ?? NOTHING };
      this.#sessions.record(client, executed, made, fresh[index]?.lowest ?? 0);
      const due = results.get(client);
      if (due === undefined) results.set(client, [made]);
      else due.push(made);
    }
    for (const { client, number } of batch.requests) this.pool.delete(client, number);
    this.#lastExecuted = sequence;
    this.#progressAtMs = nowMs;
    const requests = all.filter((_, index) => fresh[index]?.machine === Machine.state);
    return { agreed, requests, executed, results, answers };
  }

  /** Returns the sessions' answer, before this batch, about the number that a client asks about. */
  #answerQuestion({ client, operation }: Request): Pick<Result, "status" | "result"> {
    const number = decodeQuestion(operation);
    if (number === undefined) return { status: ReplyStatus.failed, result: utf8.encode("not a question about a number") };
    return { status: ReplyStatus.ok, result: encodeFate(this.#sessions.fateOf(client, number)) };
  }

  #agreedOn(batch: Batch, sequence: number): Agreed {
    const { physicalMs, logical, proposer } = this.#lastTime;
    const seed = new Uint8Array(RANDOM_DOMAIN.length + batch.digest.length);
    seed.set(RANDOM_DOMAIN);
    seed.set(batch.digest, RANDOM_DOMAIN.length);
    return {
      sequence,
      time: { physicalMs, logical, nodeId: replicaAt(this.#cluster, proposer) },
      random: this.#digest(seed),
    };
  }

  /** The requests to execute; those executed before, twice in the batch or out of bounds only get a reply. */
  #selectNew(
    requests: readonly Request[],
    agreedMs: number,
    reply: (client: PeerId, answer: Answer) => void,
  ): Request[] {
    const chosen = new Set<string>();
    return requests.filter((request) => {
      const { client, number } = request;
      const answer = this.#sessions.answer(client, number) ?? this.#sessions.refuseAt(agreedMs, request);
      if (answer !== undefined) {
        reply(client, answer);
        return false;
      }
      const key = `${number} ${client}`;
      if (chosen.has(key)) return false;
      chosen.add(key);
      return true;
    });
  }

  #applyAll(requests: readonly Request[], agreed: Agreed): Pick<Result, "status" | "result">[] {
    if (requests.length === 0) return [];
    try {
      const commands = requests.map(({ client, operation }) => ({ client, operation }));
      return this.#machine.apply(commands, agreed).map((result) =>
        result.length <= RESULT_BYTES_MAX
          ? { status: ReplyStatus.ok, result }
          : {
              status: ReplyStatus.failed,
              result: utf8.encode(`a result of ${result.length} bytes, at most ${RESULT_BYTES_MAX} allowed`),
            },
      );
    } catch (failure) {
      if (!(failure instanceof DeterministicFailure)) throw failure;
      const result = utf8.encode(failure.message).slice(0, REASON_BYTES_MAX);
      return requests.map(() => ({ status: ReplyStatus.failed, result }));
    }
  }

  /**
   * Captures the state as it is now. It reads the whole snapshot once, to hash it, unless the state machine knows the
   * hashes of its chunks.
   */
  capture(): TakenCheckpoint {
    const snapshot = this.#machine.snapshot();
    const sessionChunks = this.#sessions.encode();
    const { root } = this;
    const chunks = sessionChunks.length + snapshot.chunks;
    if (chunks > CHUNKS_MAX || root.length > ROOT_BYTES_MAX) {
      throw new InvariantError(
        `expected at most ${CHUNKS_MAX} chunks and a root of ${ROOT_BYTES_MAX} bytes, got ${chunks} and ${root.length}`,
      );
    }
    const hashes = sessionChunks.map((chunk) => chunkHash(this.#digest, chunk));
    for (let index = 0; index < snapshot.chunks; index += 1) {
      const hash = snapshot.chunkHash?.(index) ?? this.#machineChunkHash(snapshot.chunk(index), index);
      if (hash?.length !== DIGEST_BYTES)
        throw new InvariantError(`expected a hash of ${DIGEST_BYTES} bytes for each chunk, got ${hash?.length}`);
      hashes.push(hash);
    }
    const sequence = this.#lastExecuted;
    const time = this.#lastTime;
    const configuration = this.#cluster.record;
    const manifest = encodeManifest({ configuration, sequence, time, root, sessionChunks: sessionChunks.length, hashes });
    const digest = manifestDigest(this.#digest, sequence, manifest);
    return { sequence, digest, manifest, time, sessionChunks, snapshot, chunks };
  }

  /** Replaces the state by the chunks of a manifest, each checked against its hash. @throws {@link RecoveryError} */
  restore(manifest: Manifest, next: (index: number) => Uint8Array): void {
    requireConfiguration(this.#cluster, manifest.configuration, `checkpoint ${manifest.sequence}`);
    const checked = (index: number): Uint8Array => {
      const chunk = next(index);
      if (!this.isChunk(manifest, index, chunk)) {
        throw new RecoveryError(
          `expected chunk ${index} of checkpoint ${manifest.sequence} to have its certified hash, it has not`,
        );
      }
      return chunk;
    };
    const sessionChunks = [];
    for (let index = 0; index < manifest.sessionChunks; index += 1) sessionChunks.push(checked(index));
    this.#sessions.restore(sessionChunks);
    this.#machine.restore(machineChunks(manifest, checked));
    this.#lastExecuted = manifest.sequence;
    this.#lastTime = manifest.time;
    this.#diverged = false;
  }

  /** Returns whether bytes are chunk `index` of a manifest. */
  isChunk(manifest: Manifest, index: number, bytes: Uint8Array): boolean {
    const expected = manifest.hashes[index];
    const found =
      index < manifest.sessionChunks
        ? chunkHash(this.#digest, bytes)
        : this.#machineChunkHash(bytes, index - manifest.sessionChunks);
    return expected !== undefined && found !== undefined && equalBytes(found, expected);
  }

  /**
   * The hash of the state machine's chunk `index`, as manifests list it; nothing if the state machine takes the bytes for
   * no chunk.
   */
  #machineChunkHash(chunk: Uint8Array, index: number): Uint8Array | undefined {
    if (this.#machine.chunkHash === undefined) return chunkHash(this.#digest, chunk);
    try {
      return this.#machine.chunkHash(chunk, index);
    } catch {
      return undefined;
    }
  }
}

/** Refuses data of another cluster or configuration. @throws {@link RecoveryError} that names the difference */
export function requireConfiguration(cluster: Configuration, found: Uint8Array, what: string): void {
  if (equalBytes(cluster.record, found)) return;
  throw new RecoveryError(
    `expected ${what} to be of this node's configuration, got another: ${configurationDifference(cluster.record, found)}; start the node with the configuration of its cluster`,
  );
}

/** Chunk `index` of a checkpoint: sessions first, then the state machine's. */
export function checkpointChunk(taken: TakenCheckpoint, index: number): Uint8Array {
  const chunk = taken.sessionChunks[index] ?? taken.snapshot.chunk(index - taken.sessionChunks.length);
  if (chunk.length > CHUNK_BYTES_MAX)
    throw new InvariantError(`expected chunks of at most ${CHUNK_BYTES_MAX} bytes, got ${chunk.length}`);
  return chunk;
}

function* machineChunks(manifest: Manifest, read: (index: number) => Uint8Array): Iterable<Uint8Array> {
  for (let index = manifest.sessionChunks; index < manifest.hashes.length; index += 1) yield read(index);
}

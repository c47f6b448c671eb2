/**
 * A client of a whole cluster, for commands that may be sent twice without harm: it speaks RESP to one node, and goes
 * on with the next when that one does not answer.
 */
import { Redis } from "ioredis";
import { CommandError, UnreachableClusterError } from "./errors.ts";
import type { ListenAddress } from "./listen.ts";

/** How often each node is tried before the client gives up. */
const ROUNDS_MAX = 5;
const ROUND_PAUSE_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
/** Longer than a node waits for its quorum, so that the node's own answer comes first. */
const COMMAND_TIMEOUT_MS = 30_000;
/** Answers that another node, or a later try, may turn into a good one. */
const TRANSIENT = /^(BUSY|SHUTDOWN|UNKNOWN)\b/;

/** Speaks to whichever node answers. */
export class ClusterClient {
  readonly #nodes: readonly ListenAddress[];
  readonly #token: string;
  #current = 0;
  #connection: Redis | undefined;

  constructor(nodes: readonly ListenAddress[], token: string) {
    this.#nodes = nodes;
    this.#token = token;
  }

  /**
   * Sends one command that may be repeated: a read, or a write of the same values.
   *
   * @throws {@link CommandError} with the node's words when it refuses.
   * @throws {@link UnreachableClusterError} when no node gives an answer.
   */
  async call(command: string, ...words: readonly (string | Uint8Array)[]): Promise<unknown> {
    let last: unknown;
    for (let attempt = 0; attempt < ROUNDS_MAX * this.#nodes.length; attempt++) {
      if (attempt > 0 && attempt % this.#nodes.length === 0) await pause(ROUND_PAUSE_MS);
      const connection = this.#connect();
      try {
        return await connection.callBuffer(command, ...words.map((word) => Buffer.from(word)));
      } catch (cause) {
        const refusal = cause instanceof Error && cause.name === "ReplyError" ? cause.message : undefined;
        if (refusal !== undefined && !TRANSIENT.test(refusal)) throw new CommandError(command, refusal);
        last = cause;
        this.#next(connection);
      }
    }
    throw new UnreachableClusterError(this.#nodes, last);
  }

  /** Ends the connection. */
  close(): void {
    this.#connection?.disconnect();
    this.#connection = undefined;
  }

  #connect(): Redis {
    if (this.#connection) return this.#connection;
    const node = this.#nodes[this.#current % this.#nodes.length];
    if (!node) throw new UnreachableClusterError(this.#nodes, new Error("no node is listed"));
    const connection = new Redis({
      ...node,
      password: this.#token,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    // Failures come back through the command that waits; without a listener they would end the process.
    connection.on("error", () => undefined);
    this.#connection = connection;
    return connection;
  }

  /** Unless another command has already moved on from that connection. */
  #next(failed: Redis): void {
    if (this.#connection !== failed) return;
    failed.disconnect();
    this.#connection = undefined;
    this.#current++;
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

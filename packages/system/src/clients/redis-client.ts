/**
 * Connections to the nodes of a cluster, by which commands are sent.
 */
import { type Effect, type Eff, effect } from "@void-system/effects/fibers";
import { fromPromise } from "@void-system/effects/world";
import type { Redis as Connection } from "ioredis";
import { CommandError } from "../errors.ts";
import type { ListenAddress } from "../listen.ts";

const CONNECT_TIMEOUT_MS = 2_000;
/** Longer than a node waits for its quorum, so that the node's own answer comes first. */
const COMMAND_TIMEOUT_MS = 30_000;

/** Node and token of a connection. */
export interface RedisNode extends ListenAddress {
  readonly token: string;
}

/** A word of a command. */
export type Word = string | Uint8Array;

/** RESP, as an operation. */
export interface RedisOperations {
  /** Sends a command to a node and waits for its answer. A `CommandError` is a refusal; any other error means no answer. */
  send(node: RedisNode, command: string, words: readonly Word[]): unknown;
  /** Ends the connection to a node, if there is one. */
  leave(node: RedisNode): void;
}

/** RESP: over sockets, or to a store in a test. */
export const Redis: Effect<"void.redis", RedisOperations> = /* @__PURE__ */ effect<RedisOperations>()("void.redis");

/** One connection to each node that was spoken to. */
export class RedisConnections {
  readonly #open = new Map<string, Connection>();
  #isClosed = false;

  send(node: RedisNode, command: string, words: readonly Word[]): Eff<never, unknown> {
    return fromPromise(async () => {
      // A fifth of a second of every start, and most commands and all nodes never speak RESP as a client.
      const { Redis: RedisConnection } = await import("ioredis");
      if (this.#isClosed) throw new CommandError(command, "the connections were closed");
      const connection = this.#to(node, RedisConnection);
      try {
        return await connection.callBuffer(command, ...words.map((word) => Buffer.from(word)));
      } catch (cause) {
        if (cause instanceof Error && cause.name === "ReplyError") throw new CommandError(command, cause.message);
        this.#end(connection);
        throw cause;
      }
    });
  }

  leave(node: RedisNode): void {
    const connection = this.#open.get(nameOf(node));
    if (connection) this.#end(connection);
  }

  /** Ends all. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#open.values()) this.#end(connection);
  }

  #to(node: RedisNode, RedisConnection: typeof Connection): Connection {
    const name = nameOf(node);
    const known = this.#open.get(name);
    if (known) return known;
    const connection = new RedisConnection({
      host: node.host,
      port: node.port,
      password: node.token,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    // Failures come back through the command that waits; without a listener they would end the process.
    connection.on("error", () => undefined);
    connection.once("end", () => this.#forget(connection));
    this.#open.set(name, connection);
    return connection;
  }

  #end(connection: Connection): void {
    this.#forget(connection);
    // ioredis would wait for the end of one that has ended, and keep the process so long.
    if (connection.status !== "end" && connection.status !== "close") connection.disconnect();
  }

  #forget(connection: Connection): void {
    for (const [name, one] of this.#open) if (one === connection) this.#open.delete(name);
  }
}

function nameOf({ host, port, token }: RedisNode): string {
  return JSON.stringify([host, port, token]);
}

/**
 * The RESP face: one TCP listener; every connection is a session of the gateway. Without a capability nothing but
 * `AUTH`, `HELLO`, `PING` and `QUIT` answers.
 */
import { type Server, type Socket, createServer } from "node:net";
import type { Gateway } from "../node/gateway.ts";
import { type ListenAddress, listen } from "../listen.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";

/** Connections at a time; more are told so and closed. */
const RESP_CONNECTIONS_MAX = 4_096;

/** Bounds on what clients can make a {@link RespServer} wait for. */
export interface RespOptions extends ConnectionLimits {
  /** Connections at a time; more are told so and closed. @defaultValue 4_096 */
  readonly connectionsMax: number;
}

const DEFAULTS: RespOptions = { connectionsMax: RESP_CONNECTIONS_MAX, unprovenMs: 30_000, stallMs: 30_000 };

/** A listener for Redis clients. */
export class RespServer {
  readonly #gateway: Gateway;
  readonly #info: (sections: readonly string[]) => string;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  readonly #options: RespOptions;
  #nextId = 1;
  #accepted = 0;
  #protocolErrors = 0;

  /** `info` returns the text of the named sections of `INFO`, or of all when none is named. */
  constructor(gateway: Gateway, info: (sections: readonly string[]) => string, options: Partial<RespOptions> = {}) {
    this.#gateway = gateway;
    this.#info = info;
    this.#options = { ...DEFAULTS, ...options };
    // Half open, because a client may end its side behind its last command and wait for the replies.
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** @throws {@link ListenError} when the port is taken or may not be used. */
  listen(address: ListenAddress): Promise<ListenAddress> {
    return listen(this.#server, "RESP", address);
  }

  /** Counters since the start, and bytes of replies that clients have not taken yet. */
  stats(): { readonly connections: number; readonly accepted: number; readonly protocolErrors: number; readonly unsentBytes: number } {
    let unsentBytes = 0;
    for (const connection of this.#connections) unsentBytes += connection.unsentBytes;
    return { connections: this.#connections.size, accepted: this.#accepted, protocolErrors: this.#protocolErrors, unsentBytes };
  }

  /** Accepts no more clients and reads no more commands; waits for the replies that are due. */
  async drain(): Promise<void> {
    this.#server.close();
    await Promise.all([...this.#connections].map((connection) => connection.finish()));
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.#accepted++;
    socket.on("error", () => socket.destroy());
    if (this.#connections.size >= this.#options.connectionsMax) {
      // Not left open until the client closes too: it may not, and then there would be no bound.
      socket.end("-ERR max number of clients reached\r\n", () => socket.destroy());
      return;
    }
    const hooks = { info: this.#info, protocolError: () => this.#protocolErrors++ };
    const connection = new Connection(this.#nextId++, socket, this.#gateway.session(), hooks, this.#options);
    this.#connections.add(connection);
    socket.on("close", () => {
      this.#connections.delete(connection);
      connection.destroy();
    });
  }
}

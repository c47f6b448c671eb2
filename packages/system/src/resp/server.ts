/**
 * The RESP face: one TCP listener; every connection is a session of the gateway. Without a capability nothing but
 * `AUTH`, `HELLO`, `PING` and `QUIT` answers.
 */
import { type Server, type Socket, createServer } from "node:net";
import type { Gateway } from "../node/gateway.ts";
import { type ListenAddress, listen } from "../listen.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";
import { Turns } from "./turns.ts";

/** Connections at a time. */
const RESP_CONNECTIONS_MAX = 4_096;
/** Connections without a capability at a time: the rest is kept for clients that authenticate. */
const RESP_STRANGERS_MAX = 1_024;
const FULL = "ERR max number of clients reached";

/** Bounds on what clients can make a {@link RespServer} wait for. */
export interface RespOptions extends ConnectionLimits {
  /** Connections at a time. One more takes the place of the oldest without a capability, or is closed when there is none. @defaultValue 4_096 */
  readonly connectionsMax: number;
  /** Connections without a capability at a time. One more takes the place of the oldest of them. @defaultValue 1_024 */
  readonly strangersMax: number;
}

const DEFAULTS: RespOptions = {
  connectionsMax: RESP_CONNECTIONS_MAX,
  strangersMax: RESP_STRANGERS_MAX,
  unprovenMs: 10_000,
  idleMs: 3_600_000,
  stallMs: 30_000,
  lingerMs: 100,
};

/** A listener for Redis clients. */
export class RespServer {
  readonly #gateway: Gateway;
  readonly #info: (sections: readonly string[]) => string;
  readonly #connections = new Set<Connection>();
  /** Those of them that have shown no capability yet, the oldest first. */
  readonly #strangers = new Set<Connection>();
  readonly #turns = new Turns();
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

  /** Accepts no more clients and executes no more commands, which are answered by `SHUTDOWN`; waits for the replies that are due. */
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
    if (!this.#makeRoom()) {
      // Not left open until the client closes too: it may not, and then there would be no bound.
      socket.end(`-${FULL}\r\n`, () => socket.destroy());
      return;
    }
    const hooks = {
      info: this.#info,
      protocolError: () => this.#protocolErrors++,
      proven: () => this.#strangers.delete(connection),
      turns: this.#turns,
    };
    const connection: Connection = new Connection(this.#nextId++, socket, this.#gateway.session(), hooks, this.#options);
    this.#connections.add(connection);
    this.#strangers.add(connection);
    socket.on("close", () => {
      this.#connections.delete(connection);
      this.#strangers.delete(connection);
      connection.destroy();
    });
  }

  /** Dismisses the oldest stranger when there is no room. Returns false when every place has a client with a capability. */
  #makeRoom(): boolean {
    const { connectionsMax, strangersMax } = this.#options;
    if (this.#connections.size < connectionsMax && this.#strangers.size < strangersMax) return true;
    const [oldest] = this.#strangers;
    if (!oldest) return false;
    this.#connections.delete(oldest);
    this.#strangers.delete(oldest);
    oldest.dismiss(FULL);
    return true;
  }
}

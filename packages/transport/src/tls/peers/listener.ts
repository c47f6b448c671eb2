import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls";
import type { Cancel, Clock } from "@void-system/effects";
import { ListenError, PortTakenError } from "../../errors.ts";
import type { Address } from "./dialer.ts";
import { HandshakeBudget } from "./handshake-budget.ts";
import { ALPN } from "../connection/control.ts";
import { type Identity, pinOfOtherSide } from "./identity.ts";
import type { TlsLimits } from "../limits.ts";

/** Parts and callbacks of a listener. */
export interface ListenerParts {
  readonly identity: Identity;
  readonly limits: TlsLimits;
  readonly clock: Pick<Clock, "schedule">;
  /** TLS is done and the other side has shown the key of `pin`. Returns false if no listed peer has it. */
  connected(socket: TLSSocket, pin: string): boolean;
  /** A connection was refused. */
  refused(reason: string): void;
}

interface Stranger {
  readonly socket: Socket;
  readonly cancelDeadline: Cancel;
}

/** Accepts connections: a bounded number of unproven ones at a time, each for a bounded time. */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #server: Server;
  /** Does not listen itself: it gets the connections that were admitted. */
  readonly #tls: TlsServer;
  readonly #budget: HandshakeBudget;
  /** Unproven connections, oldest first, by their other end. */
  readonly #strangers = new Map<string, Stranger>();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#budget = new HandshakeBudget(parts.limits, parts.clock);
    this.#tls = createTlsServer({
      ...parts.identity.options,
      ALPNProtocols: [ALPN],
      requestCert: true,
      rejectUnauthorized: false, // certificates are their own authority: the key is compared in #arrive
      handshakeTimeout: parts.limits.handshakeMs,
    });
    this.#tls.on("secureConnection", (socket) => this.#arrive(socket));
    this.#tls.on("tlsClientError", () => parts.refused("tls"));
    this.#server = createServer((socket) => {
      if (this.#admit(socket)) this.#tls.emit("connection", socket);
    });
  }

  /** Number of unproven connections. */
  get strangers(): number {
    return this.#strangers.size;
  }

  /** Binds; resolves to the address in use. @throws {@link PortTakenError} {@link ListenError} */
  listen({ host, port }: Address): Promise<Address> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        const taken = "code" in cause && cause.code === "EADDRINUSE";
        reject(taken ? new PortTakenError(host, port, { cause }) : new ListenError(host, port, cause));
      };
      this.#server.once("error", fail);
      this.#server.listen({ host, port }, () => {
        this.#server.off("error", fail);
        this.#server.on("error", () => this.#parts.refused("accept")); // such as too many open files: it goes on listening
        const bound = this.#server.address();
        resolve(bound !== null && typeof bound === "object" ? { host: bound.address, port: bound.port } : { host, port });
      });
    });
  }

  /** The peer on `socket` has authenticated: it no longer counts against the limit of unproven connections. */
  proven(socket: TLSSocket): void {
    this.#strangers.delete(otherEnd(socket) ?? "");
  }

  /** Stops listening, and closes unproven connections. Resolves when the port is free. */
  close(): Promise<void> {
    this.#budget.stop();
    for (const stranger of this.#strangers.values()) stranger.socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Returns true if a connection may begin its handshake. A refused one costs none. */
  #admit(socket: Socket): boolean {
    socket.on("error", () => undefined); // reported by `close`, and by the TLS socket above it
    const name = otherEnd(socket);
    const isWelcome = name !== undefined && this.#budget.take(socket.remoteAddress ?? "");
    if (name !== undefined && !isWelcome) this.#parts.refused("too-many-connections");
    if (name === undefined || !isWelcome) {
      socket.destroy();
      return false;
    }
    const [oldest] = this.#strangers;
    if (oldest !== undefined && this.#strangers.size >= this.#parts.limits.unproven) {
      this.#parts.refused("too-many-strangers");
      this.#forget(...oldest);
      oldest[1].socket.destroy();
    }
    const cancelDeadline = this.#parts.clock.schedule(this.#parts.limits.handshakeMs, () => {
      this.#parts.refused("no-handshake");
      socket.destroy();
    });
    const stranger = { socket, cancelDeadline };
    this.#strangers.set(name, stranger);
    socket.on("close", () => this.#forget(name, stranger));
    return true;
  }

  #arrive(socket: TLSSocket): void {
    const pin = pinOfOtherSide(socket);
    this.#strangers.get(otherEnd(socket) ?? "")?.cancelDeadline(); // from here on, the timeout is that of the hello
    if (pin !== undefined && this.#parts.connected(socket, pin)) return;
    this.#parts.refused(pin === undefined ? "no-key" : "unknown-key");
    socket.on("error", () => undefined);
    socket.destroy();
  }

  #forget(name: string, stranger: Stranger): void {
    stranger.cancelDeadline();
    // A later connection may have the same name by now.
    if (this.#strangers.get(name) === stranger) this.#strangers.delete(name);
  }
}

/** Returns address and port of the other end, which no two open connections share. Undefined if it is gone already. */
function otherEnd(socket: Socket): string | undefined {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined || remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}

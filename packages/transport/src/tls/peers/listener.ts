import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls";
import type { Cancel, Clock } from "@void-system/effects";
import { ListenError, PortTakenError } from "../../errors.ts";
import { protocolsIn } from "./client-hello.ts";
import type { Address } from "./dialer.ts";
import { HandshakeBudget, type HandshakeRates, originOf } from "./handshake-budget.ts";
import { ALPN } from "../connection/control.ts";
import { bothEnds, otherEnd } from "../connection/other-end.ts";
import { type Identity, pinOfOtherSide } from "./identity.ts";
import { knockIn, type KnockParts } from "./knock.ts";
import type { TlsLimits } from "../limits.ts";

/**
 * Handshakes that a listed peer may begin by knocking, whatever else its address does. One that reconnects in the usual pauses
 * needs one in two seconds. A hostile one gets one a second more than its address has.
 */
const PEER_RATES: HandshakeRates = { handshakeBurst: 4, handshakesPerSecond: 1 };

/**
 * Unproven connections of one listed peer that strangers do not push out. A peer needs one. Without a bound, whoever records knocks
 * on the wire could fill all places with them.
 */
const KNOWN_PLACES_MAX = 4;

/** Parts and callbacks of a listener. */
export interface ListenerParts {
  readonly identity: Identity;
  readonly limits: TlsLimits;
  readonly clock: Pick<Clock, "schedule">;
  /** Returns the pin of the listed peer that made a knock. */
  pinOf(knock: KnockParts): string | undefined;
  /** TLS is done and the other side has shown the key of `pin`. The callee owns the socket. */
  connected(socket: TLSSocket, pin: string): void;
  /** A connection was refused. */
  refused(reason: string, address: string | undefined): void;
}

interface Stranger {
  readonly socket: Socket;
  /** Both ends of its connection: see {@link bothEnds}. */
  readonly name: string;
  readonly cancelDeadline: Cancel;
  /** Pin of the listed peer that has knocked: strangers do not push it out. */
  knownPin: string | undefined;
}

/**
 * Accepts connections: a bounded number of unproven ones at a time, each for a bounded time. A connection costs a handshake only
 * when it has sent a ClientHello, and when its address, or the listed peer that knocks with it, has one left.
 */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #server: Server;
  /** Does not listen itself: it gets the connections that were admitted. */
  readonly #tls: TlsServer;
  readonly #ofAddresses: HandshakeBudget;
  readonly #ofPeers: HandshakeBudget;
  /** Unproven connections, oldest first. */
  readonly #strangers = new Set<Stranger>();
  /** The same by both ends, which is how the TLS socket above one is recognised. */
  readonly #byName = new Map<string, Stranger>();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#ofAddresses = new HandshakeBudget(parts.limits, parts.clock);
    this.#ofPeers = new HandshakeBudget(PEER_RATES, parts.clock);
    this.#tls = createTlsServer({
      ...parts.identity.options,
      ALPNProtocols: [ALPN],
      requestCert: true,
      rejectUnauthorized: false, // certificates are their own authority: the key is compared in #arrive
      handshakeTimeout: parts.limits.handshakeMs,
    });
    this.#tls.on("secureConnection", (socket) => this.#arrive(socket));
    this.#tls.on("tlsClientError", (_error, socket) => parts.refused("tls", otherEnd(socket)));
    this.#server = createServer((socket) => this.#accept(socket));
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
        this.#server.on("error", () => this.#parts.refused("accept", undefined)); // such as too many open files: it goes on listening
        const bound = this.#server.address();
        resolve(bound !== null && typeof bound === "object" ? { host: bound.address, port: bound.port } : { host, port });
      });
    });
  }

  /** Shows the certificate that the identity has now on all further connections. */
  renew(): void {
    this.#tls.setSecureContext(this.#parts.identity.options);
  }

  /** The peer on `socket` has authenticated: it no longer counts against the limit of unproven connections. */
  proven(socket: TLSSocket): void {
    const stranger = this.#strangerOf(socket);
    if (stranger !== undefined) this.#forget(stranger);
  }

  /** Stops listening, and closes unproven connections. Resolves when the port is free. */
  close(): Promise<void> {
    this.#ofAddresses.stop();
    this.#ofPeers.stop();
    for (const { socket } of this.#strangers) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Takes a connection as a stranger, until its ClientHello has come. */
  #accept(socket: Socket): void {
    socket.on("error", () => undefined); // reported by `close`, and by the TLS socket above it
    const name = bothEnds(socket);
    if (name === undefined) return void socket.destroy();
    this.#byName.get(name)?.socket.destroy(); // a new connection between the same ends: the other side has given up the old one
    this.#makeRoom();
    const cancelDeadline = this.#parts.clock.schedule(this.#parts.limits.handshakeMs, () => this.#turnAway(socket, "no-handshake"));
    const stranger: Stranger = { socket, name, cancelDeadline, knownPin: undefined };
    this.#strangers.add(stranger);
    this.#byName.set(name, stranger);
    socket.on("close", () => this.#forget(stranger));
    this.#awaitClientHello(stranger);
  }

  /** Closes the oldest stranger if there are too many; a listed peer that has knocked only if there are no others. */
  #makeRoom(): void {
    if (this.#strangers.size < this.#parts.limits.unproven) return;
    const oldest = this.#oldest();
    if (oldest === undefined) return;
    this.#forget(oldest);
    this.#turnAway(oldest.socket, "too-many-strangers");
  }

  #oldest(): Stranger | undefined {
    for (const stranger of this.#strangers) if (stranger.knownPin === undefined) return stranger;
    const [first] = this.#strangers;
    return first;
  }

  #awaitClientHello(stranger: Stranger): void {
    const { socket } = stranger;
    let bytes: Uint8Array = new Uint8Array();
    const read = (): void => {
      // `read` returns Buffers, because no encoding is set.
      const chunk: Uint8Array | null = socket.read();
      if (chunk === null) return;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const protocols = protocolsIn(bytes);
      if (protocols === "more") return;
      socket.off("readable", read);
      if (protocols === "other") return this.#turnAway(socket, "tls");
      if (!this.#mayShakeHands(stranger, knockIn(protocols))) return this.#turnAway(socket, "too-many-connections");
      socket.unshift(bytes); // for TLS, which begins with what was read
      this.#tls.emit("connection", socket);
    };
    socket.on("readable", read);
  }

  #mayShakeHands(stranger: Stranger, knock: KnockParts | undefined): boolean {
    const pin = knock && this.#parts.pinOf(knock);
    if (pin !== undefined && this.#placesOf(pin) < KNOWN_PLACES_MAX && this.#ofPeers.take(pin)) stranger.knownPin = pin;
    return stranger.knownPin !== undefined || this.#ofAddresses.take(originOf(stranger.socket.remoteAddress ?? ""));
  }

  #placesOf(pin: string): number {
    let places = 0;
    for (const { knownPin } of this.#strangers) if (knownPin === pin) places += 1;
    return places;
  }

  #turnAway(socket: Socket, reason: string): void {
    this.#parts.refused(reason, otherEnd(socket));
    socket.destroy();
  }

  #arrive(socket: TLSSocket): void {
    const pin = pinOfOtherSide(socket);
    this.#strangerOf(socket)?.cancelDeadline(); // from here on, the timeout is that of the hello
    if (pin !== undefined) return this.#parts.connected(socket, pin);
    socket.on("error", () => undefined);
    this.#turnAway(socket, "no-key");
  }

  #strangerOf(socket: TLSSocket): Stranger | undefined {
    return this.#byName.get(bothEnds(socket) ?? "");
  }

  #forget(stranger: Stranger): void {
    stranger.cancelDeadline();
    this.#strangers.delete(stranger);
    // A later connection may have the same name by now.
    if (this.#byName.get(stranger.name) === stranger) this.#byName.delete(stranger.name);
  }
}

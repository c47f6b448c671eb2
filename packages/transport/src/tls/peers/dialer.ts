import { connect, type TLSSocket } from "node:tls";
import type { Cancel, Clock, Random } from "@void-system/effects";
import { nameOf } from "../connection/connection.ts";
import { Backoff } from "./backoff.ts";
import { type Identity, pinOfOtherSide } from "./identity.ts";
import { knockingProtocols, plainProtocols } from "./knock.ts";
import type { TlsLimits } from "../limits.ts";

/** Highest port. */
export const PORT_MAX = 65_535;

/** Address that a node listens on. */
export interface Address {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Reads an address in the form `host:port`, IPv6 in brackets. Returns undefined for any other text. */
export function addressOf(text: string): Address | undefined {
  const [, six, other, digits] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:[\]]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= PORT_MAX ? { host, port } : undefined;
}

/** Parts and callbacks of a dialer. */
export interface DialerParts {
  readonly identity: Identity;
  readonly limits: TlsLimits;
  readonly clock: Pick<Clock, "schedule">;
  readonly random: Pick<Random, "next">;
  /** TLS is done and the key is the pinned one, if there is one. The callee owns the socket, and calls `retry` when it is closed. */
  connected(socket: TLSSocket, pin: string): void;
  /** An attempt failed. */
  failed(reason: string): void;
}

/** Opens connections to one peer, one at a time, with growing pauses, until it is stopped. */
export class Dialer {
  readonly #address: Address;
  readonly #pin: string | undefined;
  readonly #parts: DialerParts;
  readonly #backoff: Backoff;
  readonly #protocols: Uint8Array;
  /** Cancels the next attempt or, while there is a link, the end of its probation. */
  #cancel: Cancel | undefined;
  /** Aborts the attempt in progress, if there is one. */
  #abort: (() => void) | undefined;
  #stopped = false;

  /** Without a `pin` any key is taken: the caller decides by the hello. */
  constructor(address: Address, pin: string | undefined, parts: DialerParts) {
    this.#address = address;
    this.#pin = pin;
    this.#parts = parts;
    this.#backoff = new Backoff(parts.limits.reconnectMinMs, parts.limits.reconnectMaxMs);
    this.#protocols = pin === undefined ? plainProtocols() : knockingProtocols(parts.identity.pin, pin, parts.identity.sign);
  }

  /** Dials in `delayMs`, unless an attempt is in progress. */
  dial(delayMs: number): void {
    if (this.#stopped || this.#abort !== undefined) return;
    this.#cancel?.();
    this.#cancel = this.#parts.clock.schedule(delayMs, () => this.#attempt());
  }

  /** Dials after a pause of at least `leastMs`, each longer than the one before. */
  retry(leastMs = 0): void {
    this.dial(Math.max(leastMs, this.#backoff.next(this.#parts.random.next())));
  }

  /**
   * Aborts the attempt in progress because there is a link. Pauses are short again once it has been up for the longest pause: one
   * that comes up and breaks at once is a failure like any other.
   */
  rest(): void {
    this.#cancel?.();
    this.#abort?.();
    this.#cancel = this.#parts.clock.schedule(this.#parts.limits.reconnectMaxMs, () => this.#backoff.reset());
  }

  /** Never dials again. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#abort?.();
  }

  #attempt(): void {
    const { identity, limits, clock } = this.#parts;
    const socket = connect({
      ...this.#address,
      secureContext: identity.context,
      ALPNProtocols: this.#protocols,
      // The certificate is its own authority: the key is compared below, before a byte of ours is sent.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const cancelDeadline = clock.schedule(limits.handshakeMs, () => fail("no-handshake"));
    const settle = (): void => {
      cancelDeadline();
      socket.off("error", onError);
      socket.off("close", onClose);
      this.#abort = undefined;
    };
    const abort = (): void => {
      settle();
      socket.on("error", () => undefined); // its later errors change nothing
      socket.destroy();
    };
    this.#abort = abort;
    const fail = (reason: string): void => {
      abort();
      this.#parts.failed(reason);
    };
    const onError = (error: Error): void => fail(nameOf(error));
    const onClose = (): void => fail("closed-in-handshake");
    socket.on("error", onError);
    socket.on("close", onClose);
    socket.once("secureConnect", () => {
      const pin = pinOfOtherSide(socket);
      if (pin === undefined || pin !== (this.#pin ?? pin)) return fail("wrong-key");
      settle();
      this.#parts.connected(socket, pin);
    });
  }
}

import { connect, type TLSSocket } from "node:tls";
import type { Cancel, Clock, Random } from "@void-system/effects";
import { nameOf } from "../connection/connection.ts";
import { ALPN } from "../connection/control.ts";
import { type Identity, pinOfOtherSide } from "./identity.ts";
import type { TlsLimits } from "../limits.ts";

/** Address that a node listens on. */
export interface Address {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Parts and callbacks of a dialer. */
export interface DialerParts {
  readonly identity: Identity;
  readonly limits: TlsLimits;
  readonly clock: Pick<Clock, "schedule">;
  readonly random: Pick<Random, "next">;
  /** TLS is done and the key is the pinned one. The callee owns the socket, and calls `retry` when it is closed. */
  connected(socket: TLSSocket): void;
  /** An attempt failed. */
  failed(reason: string): void;
}

/** Opens connections to one peer, one at a time, with growing pauses, until it is stopped. */
export class Dialer {
  readonly #address: Address;
  readonly #pin: string;
  readonly #parts: DialerParts;
  #pauseMs: number;
  #cancel: Cancel | undefined;
  /** Aborts the attempt in progress, if there is one. */
  #abort: (() => void) | undefined;
  #stopped = false;

  constructor(address: Address, pin: string, parts: DialerParts) {
    this.#address = address;
    this.#pin = pin;
    this.#parts = parts;
    this.#pauseMs = parts.limits.reconnectMinMs;
  }

  /** Dials in `delayMs`, unless an attempt is in progress. */
  dial(delayMs: number): void {
    if (this.#stopped || this.#abort !== undefined) return;
    this.#cancel?.();
    this.#cancel = this.#parts.clock.schedule(delayMs, () => this.#attempt());
  }

  /** Dials after a pause: each is twice as long as the one before, less up to half of it by chance. */
  retry(): void {
    const pauseMs = this.#pauseMs * (0.5 + this.#parts.random.next() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#parts.limits.reconnectMaxMs);
    this.dial(Math.ceil(pauseMs));
  }

  /** Aborts the attempt in progress because there is a link, and makes the next pause a short one. */
  rest(): void {
    this.#cancel?.();
    this.#abort?.();
    this.#pauseMs = this.#parts.limits.reconnectMinMs;
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
      ALPNProtocols: [ALPN],
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
      if (pinOfOtherSide(socket) !== this.#pin) return fail("wrong-key");
      settle();
      this.#parts.connected(socket);
    });
  }
}

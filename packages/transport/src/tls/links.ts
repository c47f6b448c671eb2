import {
  type Cancel,
  type Clock,
  type Logger,
  type LinkState,
  type PeerId,
  peerId,
  platformClock,
  platformRandom,
  type Random,
  silent,
} from "@void-system/effects";
import type { TLSSocket } from "node:tls";
import { ClosedError, OptionError } from "../errors.ts";
import { requireCertificate, requireDeadline, requireFrame, requireFunction } from "../options.ts";
import { LinkCounters, type LinkStats, type TransportStats } from "../transport.ts";
import { Connection, type ConnectionHooks, type ConnectionParts } from "./connection/connection.ts";
import { type Address, addressOf, Dialer } from "./peers/dialer.ts";
import { Handlers } from "./handlers.ts";
import { isOwnReason, REASON_LENGTH_MAX } from "./connection/control.ts";
import { checkHelloFields, drawInstance, type Hello } from "./connection/hello.ts";
import type { Identity } from "./peers/identity.ts";
import { KnownPeers } from "./peers/known-peers.ts";
import { keyIdOf } from "./peers/knock.ts";
import type { TlsLimits } from "./limits.ts";
import { keyIdOfLink, type Link, newLink } from "./link.ts";
import { Listener } from "./peers/listener.ts";
import type { TlsOptions, TlsTransport } from "./tls-transport.ts";
import { pinPeers, type PinnedPeer, type TlsPeer } from "./peers/peers.ts";
import { Records } from "./peers/records.ts";
import { type Refusal, RefusalLog } from "./peers/refusal-log.ts";
import { ReadTurns } from "./connection/read-turns.ts";
import { SelfLink } from "./self-link.ts";

/** Reasons that are counted apart: a peer may refuse with any number of its own. */
const REASONS_MAX = 256;
/** Reason for which a second process with a peer's key is refused. */
const TWIN = "refused-twin";
/** The same reason, as that process gets it. */
const OWN_TWIN = "refused-by-peer-twin";

/** Links with nodes that are not listed. */
const UNLISTED_LINKS_MAX = 256;

/** All links of one node. */
export class Links implements TlsTransport {
  readonly self: PeerId;
  readonly #identity: Identity;
  readonly #limits: TlsLimits;
  readonly #clock: Pick<Clock, "schedule">;
  readonly #random: Pick<Random, "next">;
  readonly #logger: Logger;
  readonly #hello: Omit<Hello, "record">;
  readonly #records: Records | undefined;
  readonly #onHello: NonNullable<TlsOptions["onHello"]>;
  readonly #handlers: Handlers;
  readonly #turns = new ReadTurns();
  readonly #links = new Map<PeerId, Link>();
  /** Peer of the last frame: most frames are for the same peer as the frame before. */
  #last: Link | undefined;
  readonly #connections = new Set<Connection>();
  readonly #refused = new Map<string, number>();
  readonly #refusals: RefusalLog;
  readonly #known: KnownPeers;
  readonly #ownCounters = new LinkCounters();
  readonly #ownLink: SelfLink;
  #listener: Listener | undefined;
  #address: Address | undefined;
  #closed: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: TlsOptions, identity: Identity, limits: TlsLimits) {
    this.self = options.self;
    this.#identity = identity;
    this.#limits = limits;
    this.#clock = options.clock ?? platformClock();
    this.#random = options.random ?? platformRandom();
    this.#logger = options.logger ?? silent;
    this.#hello = {
      cluster: options.cluster,
      id: options.self,
      windowBytes: limits.windowBytes,
      frameBytes: limits.frameBytes,
      instance: drawInstance(),
      fields: checkHelloFields(options.hello ?? {}),
    };
    this.#records = options.records && new Records(options.records, options.self, identity.pin, options.cluster);
    this.#onHello = options.onHello ?? (() => undefined);
    this.#refusals = new RefusalLog(this.#logger, this.#clock);
    this.#known = new KnownPeers(identity.pin, this.#clock);
    this.#handlers = new Handlers(() => this.#upNow());
    this.#ownLink = new SelfLink(
      limits.queueBytes,
      this.#ownCounters,
      (frame) => this.#handlers.frame(this.self, frame),
      () => this.#handlers.link(this.self, "writable"),
    );
  }

  get address(): Address | undefined {
    return this.#address;
  }

  /** Listens, if `listen` is given, then dials. */
  async open(peers: readonly TlsPeer[], listen: TlsOptions["listen"]): Promise<void> {
    const pinned = pinPeers(this.self, this.#identity.pin, peers);
    this.#known.replace(pinned); // before the first of them knocks
    if (listen !== undefined) {
      this.#listener = new Listener({
        identity: this.#identity,
        limits: this.#limits,
        clock: this.#clock,
        pinOf: (knock) => this.#known.pinOf(knock),
        connected: (socket, pin) => this.#answer(socket, pin),
        refused: (reason, address) => this.#refuse({ reason, address }),
      });
      this.#address = await this.#listener.listen({ host: listen.host ?? "127.0.0.1", port: listen.port });
    }
    this.#replacePeers(pinned);
  }

  setPeers(peers: readonly TlsPeer[]): void {
    if (this.#closed !== undefined) throw new ClosedError("set its peers");
    this.#replacePeers(pinPeers(this.self, this.#identity.pin, peers));
  }

  renew(certificate: string): void {
    requireCertificate(certificate);
    if (this.#closed !== undefined) throw new ClosedError("renew its certificate");
    this.#identity.renew(certificate);
    this.#listener?.renew();
  }

  renewRecord(record: Uint8Array): void {
    if (this.#closed !== undefined) throw new ClosedError("renew its record");
    if (this.#records === undefined) throw new OptionError("records", "given to a transport that renews its record", undefined);
    this.#records.renew(record);
  }

  dial(peer: PeerId, address: string): void {
    if (this.#closed !== undefined || peer === this.self) return;
    const known = this.#links.get(peer);
    if (known?.connection !== undefined || known?.isDialed === true) return;
    const place = addressOf(address);
    const mayDial = place !== undefined && (known !== undefined || (this.#records !== undefined && this.#unlisted() < UNLISTED_LINKS_MAX));
    if (!mayDial) {
      setImmediate(() => this.#handlers.link(peer, "failed"));
      return;
    }
    const link = known ?? this.#add(peer, undefined, false);
    link.isDialed = true;
    // A listed peer that this node dials anyway is dialed once more where it is listed.
    if (!link.isListed || link.dialer === undefined) {
      link.dialer?.stop();
      link.dialer = this.#dialerOf(link, place);
    }
    link.dialer.dial(0);
  }

  hangUp(peer: PeerId): void {
    const link = this.#links.get(peer);
    if (link === undefined || link.isListed) return;
    link.isDialed = false;
    link.dialer?.stop();
    link.leaving = link.connection ?? link.leaving;
    link.connection = undefined;
    link.leaving?.close("hung-up");
    this.#forgetIdle(link);
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    requireFrame(frame);
    if (this.#closed !== undefined) return "down";
    let link = this.#last;
    if (link === undefined || link.id !== to) {
      if (to === this.self) return this.#ownLink.send(frame);
      link = this.#links.get(to);
      if (link === undefined) return "down";
      this.#last = link;
    }
    const { connection, counters } = link;
    if (connection === undefined) {
      counters.lostDown += 1;
      return "down";
    }
    if (frame.length > connection.frameBytesMax) {
      this.#logTooLong(link, connection, frame.length);
    } else if (connection.send(frame)) {
      counters.sentFrames += 1;
      counters.sentBytes += frame.length;
      return "sent";
    } else {
      this.#logFull(link, connection);
    }
    counters.lostFull += 1;
    return "full";
  }

  hold(peer: PeerId): Cancel {
    const link = this.#links.get(peer);
    if (link === undefined) return () => undefined;
    link.holds += 1;
    link.connection?.hold(true);
    let holding = true;
    return () => {
      if (!holding) return;
      holding = false;
      link.holds -= 1;
      if (link.holds === 0) link.connection?.hold(false);
    };
  }

  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    requireFunction("the frame handler", handle);
    return this.#handlers.onFrame(handle);
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    requireFunction("the link handler", handle);
    return this.#handlers.onLink(handle);
  }

  stats(): TransportStats {
    const links: Record<string, LinkStats> = { [this.self]: this.#ownCounters.stats("up", this.#ownLink.queuedBytes) };
    for (const { id, counters, connection, trouble } of this.#links.values()) {
      const stats = counters.stats(connection ? "up" : "down", connection?.queuedBytes, connection?.heldBytes);
      const keyExchange = connection?.keyExchange;
      links[id] = {
        ...stats,
        ...(connection !== undefined && { creditBytes: connection.creditBytes }),
        ...(trouble !== undefined && { trouble }),
        ...(keyExchange !== undefined && { keyExchange }),
      };
    }
    return {
      links,
      refused: Object.fromEntries(this.#refused),
      unproven: this.#listener?.strangers ?? 0,
      unhandledFrames: this.#handlers.unhandledFrames,
    };
  }

  close(deadlineMs: number): Promise<void> {
    requireDeadline(deadlineMs);
    return (this.#closed ??= this.#close(deadlineMs));
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#handlers.clear();
    this.#ownLink.stop();
    const gone = new Promise<void>((resolve) => (this.#emptied = resolve));
    this.#refusals.stop();
    this.#known.stop();
    for (const link of this.#links.values()) {
      link.dialer?.stop();
      link.cancelSuspicion?.();
    }
    const portFree = this.#listener?.close();
    for (const connection of this.#connections) {
      if (connection.wasUp) connection.finish("closed");
      else connection.close("closed");
    }
    if (this.#connections.size === 0) this.#emptied?.();
    const cancel = this.#clock.schedule(deadlineMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await gone;
    cancel();
    await portFree;
  }

  /** Logs it once a connection, because its sender may send it again and again. */
  #logTooLong(link: Link, connection: Connection, bytes: number): void {
    if (link.tooLong) return;
    link.tooLong = true;
    this.#logger.log("error", "frame-too-long", { peer: link.id, bytes, limit: connection.frameBytesMax });
  }

  /** Logs a full queue once a connection: `lostFull` counts the frames. */
  #logFull(link: Link, connection: Connection): void {
    if (link.full) return;
    link.full = true;
    const { queuedBytes, creditBytes } = connection;
    this.#logger.log("warn", "link-full", { peer: link.id, queuedBytes, creditBytes });
  }

  *#upNow(): Generator<PeerId> {
    for (const { id, connection } of this.#links.values()) if (connection !== undefined) yield id;
  }

  #replacePeers(peers: readonly PinnedPeer[]): void {
    this.#known.replace(peers);
    const wanted = new Map(peers.map((peer) => [peer.id, peer]));
    for (const link of this.#links.values())
      if ((link.isListed || wanted.has(link.id)) && wanted.get(link.id)?.pin !== link.pin) this.#drop(link);
    for (const peer of peers) {
      const link = this.#links.get(peer.id) ?? this.#add(peer.id, peer.pin, true);
      link.isListed = true;
      if (link.address?.host !== peer.address?.host || link.address?.port !== peer.address?.port) {
        link.dialer?.stop();
        link.address = peer.address;
        link.dialer = peer.address && this.#dialerOf(link, peer.address);
        if (link.connection === undefined) link.dialer?.dial(this.#dialsFirst(link) ? 0 : this.#limits.patienceMs);
      }
    }
  }

  #add(id: PeerId, pin: string | undefined, isListed: boolean): Link {
    const link = newLink(id, pin, isListed);
    this.#links.set(id, link);
    return link;
  }

  #drop(link: Link): void {
    link.dialer?.stop();
    link.cancelSuspicion?.();
    link.connection?.close("peer-removed");
    this.#links.delete(link.id);
    this.#last = undefined;
  }

  /** Returns true for the node with the lesser id, and for one that does not listen. The other one dials after `patienceMs`. */
  #dialsFirst(link: Link): boolean {
    return this.#listener === undefined || this.self < link.id;
  }

  #dialerOf(link: Link, address: Address): Dialer {
    return new Dialer(address, link.pin, {
      identity: this.#identity,
      limits: this.#limits,
      clock: this.#clock,
      random: this.#random,
      connected: (socket, pin) => this.#connect(link, socket, true, pin),
      failed: (reason) => {
        this.#missed(link, reason);
        this.#dialFailed(link);
      },
    });
  }

  /** Logs a new reason for the failure, and dials again later. */
  #missed(link: Link, reason: string): void {
    if (this.#closed !== undefined || this.#links.get(link.id) !== link) return;
    if (link.connection !== undefined || !link.isListed) return;
    if (link.trouble !== reason) this.#logger.log(reason === OWN_TWIN ? "error" : "warn", "link-failed", { peer: link.id, reason });
    link.trouble = reason;
    link.dialer?.retry(this.#dialsFirst(link) ? 0 : this.#limits.patienceMs);
  }

  #answer(socket: TLSSocket, pin: string): void {
    if (this.#closed !== undefined) return void socket.destroy();
    for (const link of this.#links.values()) if (link.isListed && link.pin === pin) return this.#connect(link, socket, false, pin);
    if (this.#records === undefined) this.#turnAway(socket, pin);
    else this.#admit(socket, pin, this.#records);
  }

  /** Takes a node that is not listed, if its hello shows a record that is trusted. */
  #admit(socket: TLSSocket, pin: string, records: Records): void {
    let link: Link | undefined;
    const of = (act: (admitted: Link) => void): void => void (link && act(link));
    const hooks: ConnectionHooks = {
      greet: (connection, hello) => {
        if (!records.accept(hello, pin)) return "unknown-key";
        const id = peerId(hello.id); // of the form of a name, as the reader of hellos has checked
        const known = this.#links.get(id);
        if (known?.isListed === true || id === this.self) return "identity";
        if (known === undefined && this.#unlisted() >= UNLISTED_LINKS_MAX) return "too-many-links";
        link = known ?? this.#add(id, pin, false);
        return this.#greet(link, connection, hello, pin);
      },
      up: (connection) => of((admitted) => this.#up(admitted, connection)),
      frame: (frame) => of((admitted) => this.#frame(admitted, frame)),
      writable: (connection) => of((admitted) => this.#writable(admitted, connection)),
      closed: (connection, reason) => {
        if (link !== undefined) return this.#down(link, connection, reason);
        this.#remove(connection);
        this.#refuse({ reason, address: connection.address, keyId: keyIdOf(pin) });
      },
    };
    this.#connections.add(new Connection(socket, false, this.#parts(), hooks));
  }

  /** Number of links with nodes that are not listed. */
  #unlisted(): number {
    let count = 0;
    for (const { isListed } of this.#links.values()) if (!isListed) count += 1;
    return count;
  }

  /** Reports that a dial has not brought the link up. */
  #dialFailed(link: Link): void {
    if (!link.isDialed || link.connection !== undefined) return;
    link.isDialed = false;
    this.#forgetIdle(link);
    this.#handlers.link(link.id, "failed");
  }

  /** Forgets a node that is not listed, once it is neither linked nor dialed. */
  #forgetIdle(link: Link): void {
    if (link.isListed || link.isDialed || link.connection !== undefined || link.leaving !== undefined) return;
    if (this.#links.get(link.id) === link) this.#drop(link);
  }

  /** Refuses a key that is not listed, in answer to its hello, so that the operator of the other node can read why. */
  #turnAway(socket: TLSSocket, pin: string): void {
    const nothing = (): void => undefined;
    this.#connections.add(
      new Connection(socket, false, this.#parts(), {
        greet: () => "unknown-key",
        up: nothing,
        frame: nothing,
        writable: nothing,
        closed: (connection, reason) => {
          this.#remove(connection);
          this.#refuse({ reason, address: connection.address, keyId: keyIdOf(pin) });
        },
      }),
    );
  }

  #connect(link: Link, socket: TLSSocket, dialed: boolean, pin: string): void {
    const hooks: ConnectionHooks = {
      greet: (connection, hello) => this.#greet(link, connection, hello, pin),
      up: (connection) => this.#up(link, connection),
      frame: (frame) => this.#frame(link, frame),
      writable: (connection) => this.#writable(link, connection),
      closed: (connection, reason) => this.#down(link, connection, reason),
    };
    this.#connections.add(new Connection(socket, dialed, this.#parts(), hooks));
  }

  #frame(link: Link, frame: Uint8Array): void {
    link.counters.receivedFrames += 1;
    link.counters.receivedBytes += frame.length;
    this.#handlers.frame(link.id, frame);
  }

  #writable(link: Link, connection: Connection): void {
    if (link.connection === connection) this.#handlers.link(link.id, "writable");
  }

  /**
   * Returns the reason for which a hello is refused. Of two connections the one that the lesser id dialed stays; of two that
   * were dialed from one side the newer, because the older must be dead.
   */
  #greet(link: Link, connection: Connection, hello: Hello, pin: string): string | undefined {
    if (hello.id !== link.id || this.#links.get(link.id) !== link) return "identity";
    if (!link.isListed) {
      // The record of a node that has dialed was read before there was a link.
      if (connection.dialed && this.#records?.accept(hello, pin) !== true) return "unknown-key";
      if (link.connection !== undefined && link.pin !== pin) return "identity";
      link.pin = pin;
    }
    const rival = link.connection;
    const isDuplicate = rival !== undefined && rival.dialed !== connection.dialed && connection.dialed !== this.self < link.id;
    if (rival !== undefined && link.twins.isBack(hello.instance)) return "twin";
    if (isDuplicate) {
      this.#suspect(link, rival, connection);
      return "duplicate";
    }
    const reason = this.#onHello(link.id, hello.fields);
    if (reason !== undefined && !isOwnReason(reason)) // also what the types refuse, such as null or a promise
      throw new OptionError("the reason that onHello returns", `1 to ${REASON_LENGTH_MAX} of a-z 0-9 - and none of the link's own`, reason);
    return reason;
  }

  #up(link: Link, connection: Connection): void {
    const rival = link.connection;
    if (rival !== undefined) {
      link.twins.replaced(rival.instance, connection.instance);
      rival.close("replaced");
      this.#lose(link, rival, "replaced");
    }
    link.connection = connection;
    link.isDialed = false;
    if (rival === undefined) this.#alone(link, connection);
    link.full = false;
    link.tooLong = false;
    if (link.holds > 0) connection.hold(true);
    link.counters.ups += 1;
    link.trouble = undefined;
    link.dialer?.rest();
    if (!connection.dialed) this.#listener?.proven(connection.socket);
    this.#logger.log("info", "link-up", { peer: link.id, dialed: connection.dialed });
    this.#handlers.link(link.id, "up");
  }

  /**
   * Called when a link comes up with no other connection of the peer beside it. If another process had replaced this one, both have
   * run, and the other one may be back soon, as in a crash loop.
   */
  #alone(link: Link, { instance }: Connection): void {
    if (link.twins.isBack(instance)) this.#reportTwin(link);
    link.twins.forget();
  }

  #down(link: Link, connection: Connection, reason: string): void {
    this.#remove(connection);
    if (link.connection === connection || link.leaving === connection) this.#lose(link, connection, reason);
    else if (!connection.wasUp && !connection.dialed) this.#refuse({ reason, address: connection.address, ...keyIdOfLink(link) });
    if (reason === TWIN) this.#reportTwin(link, connection);
    this.#missed(link, reason);
    if (connection.dialed && !connection.wasUp) this.#dialFailed(link);
    this.#forgetIdle(link);
  }

  #lose(link: Link, connection: Connection, reason: string): void {
    if (link.connection === connection) link.connection = undefined;
    if (link.leaving === connection) link.leaving = undefined;
    link.counters.lostQueued += connection.queuedFrames;
    link.counters.lostHeld += connection.heldFrames;
    link.trouble = reason;
    this.#logger.log("info", "link-down", { peer: link.id, reason });
    this.#handlers.link(link.id, "down");
  }

  /**
   * Called when a process other than the linked one was refused as a duplicate. Either the linked one is dead, or both run, which
   * bytes of the linked one show that arrive from here on. Time alone shows nothing: this node may have been stopped itself.
   */
  #suspect(link: Link, rival: Connection, refused: Connection): void {
    const { instance } = refused;
    if (instance === rival.instance || link.cancelSuspicion !== undefined) return;
    const { silenceMs, heartbeatMs } = this.#limits;
    const { readBytes } = rival;
    link.cancelSuspicion = this.#clock.schedule(silenceMs + 3 * heartbeatMs, () => {
      link.cancelSuspicion = undefined;
      if (link.connection !== rival || rival.readBytes === readBytes || rival.isEnded) return;
      link.twins.replaced(instance, rival.instance);
      this.#reportTwin(link, refused);
    });
  }

  /** Logs once, while the link is up, that two processes have the key of a peer. */
  #reportTwin(link: Link, refused?: Connection): void {
    link.trouble = TWIN;
    if (!link.twins.isNews()) return;
    const addresses = { linked: link.connection?.address, ...(refused !== undefined && { refused: refused.address }) };
    const fields = { peer: link.id, ...keyIdOfLink(link), ...addresses };
    this.#logger.log("error", "two-processes-with-one-key", fields);
  }

  #parts(): ConnectionParts {
    return { hello: { ...this.#hello, record: this.#records?.own }, limits: this.#limits, clock: this.#clock, turns: this.#turns };
  }

  #remove(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#emptied?.();
  }

  #refuse(refusal: Refusal): void {
    const { reason } = refusal;
    const name = this.#refused.has(reason) || this.#refused.size < REASONS_MAX ? reason : "other";
    this.#refused.set(name, (this.#refused.get(name) ?? 0) + 1);
    if (this.#closed === undefined) this.#refusals.log(refusal);
  }
}

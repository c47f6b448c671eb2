/**
 * J. Leitão, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007. Payloads travel
 * along a spanning tree that forms itself; the other links only announce them, and mend the tree when it breaks.
 *
 * The paper's links lose nothing. Ours may, so what a peer is not known to have is announced to it again and again
 * until it says so, or the message is too old.
 */
import type { Core, Input, LinkState, Now, Output, PeerId } from "@void-system/effects";
import { epochPrefix, type MessageId, partsOf } from "./brand.ts";
import { FRAME_IDS_MAX, limitsFrom, NEIGHBOURS_MAX, type PlumtreeLimits } from "./limits.ts";
import { AGE_MS_MAX, ROUND_MAX } from "./message-codec.ts";
import type { Gossip, PlumtreeMessage } from "./message.ts";
import { type CachedMessage, MessageCache } from "./message-cache.ts";
import { MissingMessages } from "./missing.ts";
import { Neighbour } from "./neighbour.ts";
import type { PlumtreeStats } from "./stats.ts";

/** What may be asked of a core. */
export type PlumtreeRequest = BroadcastRequest | AddPeerRequest | RemovePeerRequest;

/** Broadcasts a payload. */
export interface BroadcastRequest {
  readonly type: "broadcast";
  /** An id of this node's present life that was not used before; another one is ignored. */
  readonly id: MessageId;
  /** At most 64 KiB. */
  readonly payload: Uint8Array;
}

/** Makes a peer a neighbour whenever its link is up. */
export interface AddPeerRequest {
  readonly type: "add-peer";
  /** Its name. */
  readonly peer: PeerId;
  /** Whether payloads are pushed to it in the beginning. */
  readonly eager: boolean;
}

/** Has nothing more to do with a peer, until it is added again. */
export interface RemovePeerRequest {
  readonly type: "remove-peer";
  /** Its name. */
  readonly peer: PeerId;
}

/** A message of another node that has arrived. */
export interface PlumtreeDelivery {
  /** Its name. */
  readonly id: MessageId;
  /** Who broadcast it, as far as the peers that relayed it can be trusted. */
  readonly origin: PeerId;
  /** What was broadcast. */
  readonly payload: Uint8Array;
  /** How many links it took. */
  readonly hops: number;
}

type Outputs = Output<PlumtreeMessage, never, PlumtreeDelivery>[];

const TIMER = "plumtree";
/** How often what is too old is looked for, in milliseconds. */
const SWEEP_MS = 1_000;

/**
 * One node of a broadcast tree, without I/O: a `Core` for the driver of `@void-system/effects`. It has no log and draws
 * no chance. {@link PlumtreeNode} is the same with everything around it.
 *
 * @example
 * ```ts
 * import { peerId, verified } from "@void-system/effects";
 * import { messageId, PlumtreeCore } from "@void-system/plumtree";
 *
 * const now = { wallMs: 0, monotonicMs: 0 };
 * const [a, b] = [peerId("a"), peerId("b")];
 * const core = new PlumtreeCore({ self: b, epoch: 7 });
 * core.step({ type: "link", peer: a, state: "up" }, now);
 * const id = messageId(a, 1, 1);
 * const gossip = verified({ type: "gossip" as const, id, round: 1, ageMs: 0, payload: Uint8Array.of(42) });
 * const outputs = core.step({ type: "message", from: a, message: gossip }, now);
 * outputs.find((output) => output.type === "deliver")?.value.payload[0]; // => 42
 * ```
 */
export class PlumtreeCore implements Core<PlumtreeMessage, PlumtreeRequest, never, PlumtreeDelivery> {
  readonly #self: PeerId;
  readonly #limits: PlumtreeLimits;
  /** What the ids of this life begin with: nobody else can have made one. */
  readonly #own: string;
  readonly #cache: MessageCache;
  readonly #missing = new MissingMessages();
  readonly #neighbours = new Map<PeerId, Neighbour>();
  readonly #up = new Set<PeerId>();
  readonly #added = new Map<PeerId, boolean>();
  readonly #removed = new Set<PeerId>();
  readonly #count = {
    broadcast: 0, delivered: 0, duplicates: 0, hopsLast: 0, hopsMax: 0, payloadsSent: 0, announced: 0, grafts: 0,
    confirmed: 0, prunes: 0, unservable: 0, expired: 0, forged: 0, ignored: 0,
  };
  /** When something is to be done next, when old things are looked for next, and what the timer stands at. */
  #dueMs = Number.POSITIVE_INFINITY;
  #sweepMs = Number.POSITIVE_INFINITY;
  #timerMs = Number.POSITIVE_INFINITY;

  /**
   * @param parts - `self` is this node's name; `epoch` a number of 48 bits, drawn by chance for each of its lives.
   * @throws {@link InvalidOptionError} if a limit cannot work.
   */
  constructor(parts: { readonly self: PeerId; readonly epoch: number; readonly limits?: Partial<PlumtreeLimits> }) {
    this.#self = parts.self;
    this.#limits = limitsFrom(parts.limits ?? {});
    this.#own = epochPrefix(parts.self, parts.epoch);
    this.#cache = new MessageCache(this.#limits);
  }

  /** Nothing is kept, so there is nothing to restore. */
  restore(): void {}

  /** Nothing is kept, so there is nothing to recover. */
  recover(): void {}

  /** Begins with nothing to say. */
  start(): readonly Output<PlumtreeMessage, never, PlumtreeDelivery>[] {
    return [];
  }

  /** One input, and what follows from it. */
  step(
    input: Input<PlumtreeMessage, PlumtreeRequest>,
    now: Now,
  ): readonly Output<PlumtreeMessage, never, PlumtreeDelivery>[] {
    const out: Outputs = [];
    const nowMs = now.monotonicMs;
    if (input.type === "message") this.#receive(input.from, input.message, nowMs, out);
    else if (input.type === "request") this.#request(input.request, nowMs, out);
    else if (input.type === "link") this.#link(input.peer, input.state, nowMs);
    else if (input.type === "timer") this.#due(nowMs, out);
    this.#setTimer(nowMs, out);
    return out;
  }

  /** What was counted, and what is held. */
  stats(): PlumtreeStats {
    const { duplicates, delivered } = this.#count;
    return {
      ...this.#count,
      ...this.#cache.stats(),
      neighbours: this.#neighbours.size,
      eager: [...this.#neighbours.values()].filter((neighbour) => neighbour.eager).length,
      redundancy: delivered === 0 ? 0 : duplicates / delivered,
      missing: this.#missing.size,
    };
  }

  // ── requests and links ──

  #request(request: PlumtreeRequest, nowMs: number, out: Outputs): void {
    if (request.type === "broadcast") {
      if (!request.id.startsWith(this.#own) || this.#cache.firstFrom(request.id) !== undefined) return;
      this.#count.broadcast += 1;
      this.#keepAndPush(request.id, { payload: request.payload, round: 0, bornMs: nowMs }, this.#self, nowMs, out);
    } else if (request.type === "add-peer") {
      this.#removed.delete(request.peer);
      this.#added.set(request.peer, request.eager);
      const neighbour = this.#neighbours.get(request.peer);
      if (neighbour) neighbour.eager = request.eager;
      else this.#join(request.peer, request.eager, nowMs);
    } else {
      this.#added.delete(request.peer);
      this.#removed.add(request.peer);
      this.#leave(request.peer);
    }
  }

  #link(peer: PeerId, state: LinkState, nowMs: number): void {
    if (state === "up") {
      this.#up.add(peer);
      this.#leave(peer); // a link that is up anew knows nothing of what was said before
      const eager = this.#added.get(peer);
      if (eager !== undefined) this.#join(peer, eager, nowMs);
    } else if (state === "down") {
      this.#up.delete(peer);
      this.#leave(peer);
    }
    // `writable`: what the link could not take will be announced.
  }

  /** NeighborUp: beyond the paper, whatever is kept is announced, so that those who come late miss little. */
  #join(peer: PeerId, eager: boolean, nowMs: number): Neighbour | undefined {
    if (!this.#up.has(peer) || peer === this.#self) return undefined;
    const neighbour = new Neighbour(peer, eager, nowMs, this.#limits.repairMs);
    this.#neighbours.set(peer, neighbour);
    this.#wake(nowMs);
    for (const id of this.#cache.ids(nowMs)) this.#announceFrom(neighbour, id, nowMs + this.#limits.lazyMs);
    return neighbour;
  }

  /** NeighborDown: nothing can be expected of it. */
  #leave(peer: PeerId): void {
    const neighbour = this.#neighbours.get(peer);
    if (!neighbour) return;
    this.#neighbours.delete(peer);
    this.#missing.gone(neighbour);
  }

  /** The sender of a message. Neighbourhood is mutual: one that this node was not told of is taken when it speaks. */
  #sender(peer: PeerId, nowMs: number): Neighbour | undefined {
    const known = this.#neighbours.get(peer);
    const isTaken = known === undefined && !this.#removed.has(peer) && this.#neighbours.size < NEIGHBOURS_MAX;
    const neighbour = isTaken ? this.#join(peer, true, nowMs) : known;
    if (neighbour) neighbour.heard = true;
    return neighbour;
  }

  // ── messages ──

  #receive(from: PeerId, message: PlumtreeMessage, nowMs: number, out: Outputs): void {
    const sender = this.#sender(from, nowMs);
    if (!sender) return;
    switch (message.type) {
      case "gossip":
        this.#gossip(sender, message, nowMs, out);
        break;
      case "hello":
        if (message.answer) out.push({ type: "send", to: from, message: { type: "hello", answer: false } });
        break;
      case "ihave":
        for (const id of message.ids) this.#announcement(sender, id, nowMs);
        break;
      case "graft":
        sender.eager = true;
        for (const id of message.ids) this.#serve(sender, id, nowMs, out);
        break;
      case "prune":
        sender.eager = false;
        for (const id of message.ids) sender.confirmed(id);
        break;
      case "seen":
        for (const id of message.ids) sender.confirmed(id);
        break;
    }
  }

  /** Receive(GOSSIP): builds the tree. */
  #gossip(sender: Neighbour, { id, round, ageMs, payload }: Gossip, nowMs: number, out: Outputs): void {
    sender.confirmed(id);
    const first = this.#cache.firstFrom(id);
    if (first === sender.peer) {
      // Doubled on the way, or asked for twice: no second branch of the tree, so nothing to prune.
      this.#count.duplicates += 1;
      this.#owe(sender, id, nowMs);
    } else if (first !== undefined) {
      this.#count.duplicates += 1;
      this.#count.prunes += 1;
      sender.eager = false;
      out.push({ type: "send", to: sender.peer, message: { type: "prune", ids: [id] } });
    } else if (id.startsWith(this.#own)) {
      this.#count.forged += 1;
    } else if (ageMs >= this.#limits.cacheMs) {
      this.#count.expired += 1;
    } else {
      sender.eager = true;
      this.#missing.arrived(id);
      this.#owe(sender, id, nowMs);
      const { origin } = partsOf(id);
      if (origin !== this.#self) {
        this.#count.delivered += 1;
        this.#count.hopsLast = round;
        this.#count.hopsMax = Math.max(this.#count.hopsMax, round);
        out.push({ type: "deliver", value: { id, origin, payload, hops: round } });
      }
      this.#keepAndPush(id, { payload, round, bornMs: nowMs - ageMs }, sender.peer, nowMs, out);
    }
  }

  /** Receive(IHAVE): the tree may have a gap. */
  #announcement(sender: Neighbour, id: MessageId, nowMs: number): void {
    sender.confirmed(id);
    if (this.#cache.firstFrom(id) !== undefined) {
      this.#owe(sender, id, nowMs);
    } else if (id.startsWith(this.#own)) {
      this.#count.forged += 1;
    } else if (this.#missing.announced(id, sender, nowMs + this.#limits.graftMs)) {
      this.#wake(nowMs + this.#limits.graftMs);
    } else {
      this.#count.ignored += 1;
    }
  }

  /** Receive(GRAFT), for one id. */
  #serve(sender: Neighbour, id: MessageId, nowMs: number, out: Outputs): void {
    const message = this.#cache.get(id, nowMs);
    if (!message) {
      this.#count.unservable += 1;
      return;
    }
    this.#announceFrom(sender, id, nowMs + this.#limits.repairMs);
    this.#sendPayload([sender.peer], id, message, nowMs, out);
  }

  /** EagerPush and LazyPush. */
  #keepAndPush(id: MessageId, message: CachedMessage, from: PeerId, nowMs: number, out: Outputs): void {
    this.#cache.add(id, message, from, nowMs);
    if (this.#sweepMs === Number.POSITIVE_INFINITY) this.#sweepMs = nowMs + SWEEP_MS;
    this.#wake(this.#sweepMs);
    const eager: PeerId[] = [];
    for (const neighbour of this.#neighbours.values()) {
      if (neighbour.peer === from) continue;
      if (neighbour.eager) eager.push(neighbour.peer);
      this.#announceFrom(neighbour, id, nowMs + (neighbour.eager ? this.#limits.repairMs : this.#limits.lazyMs));
    }
    if (eager.length > 0) this.#sendPayload(eager, id, message, nowMs, out);
  }

  #sendPayload(to: readonly PeerId[], id: MessageId, message: CachedMessage, nowMs: number, out: Outputs): void {
    const round = Math.min(message.round + 1, ROUND_MAX);
    const ageMs = Math.min(Math.max(0, Math.ceil(nowMs - message.bornMs)), AGE_MS_MAX);
    this.#count.payloadsSent += to.length;
    out.push({ type: "send", to, message: { type: "gossip", id, round, ageMs, payload: message.payload } });
  }

  // ── time ──

  /** The paper's timers, which mend the tree; dispatch of what was gathered; and forgetting. */
  #due(nowMs: number, out: Outputs): void {
    this.#timerMs = Number.POSITIVE_INFINITY;
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.#sweepMs <= nowMs) this.#sweepMs = this.#cache.sweep(nowMs) ? nowMs + SWEEP_MS : Number.POSITIVE_INFINITY;
    this.#wake(this.#sweepMs);

    const { asks, nextMs } = this.#missing.takeDue(nowMs, this.#limits.graftRetryMs);
    this.#wake(nextMs);
    for (const [peer, ids] of asks) {
      const neighbour = this.#neighbours.get(peer);
      if (neighbour) neighbour.eager = true;
      this.#count.grafts += ids.length;
      this.#sendIds("graft", peer, ids, out);
    }

    const isKept = (id: MessageId): boolean => this.#cache.get(id, nowMs) !== undefined;
    for (const neighbour of this.#neighbours.values()) {
      const hello = neighbour.takeHello(nowMs);
      this.#wake(hello.nextMs);
      if (hello.isDue) out.push({ type: "send", to: neighbour.peer, message: { type: "hello", answer: true } });
      const owed = neighbour.takeOwed();
      this.#count.confirmed += owed.length;
      this.#sendIds("seen", neighbour.peer, owed, out);
      const due = neighbour.takeDue(nowMs, isKept);
      this.#wake(due.nextMs);
      this.#count.announced += due.ids.length;
      this.#sendIds("ihave", neighbour.peer, due.ids, out);
    }
  }

  #sendIds(type: "ihave" | "graft" | "seen", to: PeerId, ids: readonly MessageId[], out: Outputs): void {
    for (let start = 0; start < ids.length; start += FRAME_IDS_MAX) {
      out.push({ type: "send", to, message: { type, ids: ids.slice(start, start + FRAME_IDS_MAX) } });
    }
  }

  #announceFrom(neighbour: Neighbour, id: MessageId, dueMs: number): void {
    neighbour.announceFrom(id, dueMs, this.#limits.repairMs);
    this.#wake(dueMs);
  }

  #owe(neighbour: Neighbour, id: MessageId, nowMs: number): void {
    neighbour.owe(id);
    this.#wake(nowMs + this.#limits.lazyMs);
  }

  #wake(atMs: number): void {
    this.#dueMs = Math.min(this.#dueMs, atMs);
  }

  #setTimer(nowMs: number, out: Outputs): void {
    if (this.#dueMs >= this.#timerMs) return;
    this.#timerMs = this.#dueMs;
    out.push({ type: "timer", name: TIMER, delayMs: Math.max(0, this.#dueMs - nowMs) });
  }
}

/**
 * J. Leitão, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007. Payloads travel along a spanning tree that
 * forms itself. The other links only announce them, and mend the tree when it breaks.
 *
 * Links keep the order of frames and lose them visibly: a link that was `full` or `down` compares digests afterwards.
 */
import type { Core, Input, LinkState, Now, PeerId } from "@void-system/effects";
import { Announcements } from "./announcements.ts";
import { AntiEntropy } from "./anti-entropy.ts";
import { Deliveries } from "./deliveries.ts";
import type { PlumtreeDelivery } from "./delivery.ts";
import { Peak } from "./latency.ts";
import { limitsFrom, NEIGHBOURS_MAX, type PlumtreeLimits, WAIT_MS_MAX } from "./limits.ts";
import { AGE_MS_MAX, ROUND_MAX } from "./message-codec.ts";
import type { Gossip, IdRun, PlumtreeMessage } from "./message.ts";
import { MessageCache } from "./message-cache.ts";
import { MissingMessages } from "./missing.ts";
import { Neighbour } from "./neighbour.ts";
import { Origins } from "./origins.ts";
import type { PlumtreeStats } from "./stats.ts";
import { type PlumtreeOutput, Step } from "./step.ts";
import type { KeptMessage, Stream } from "./stream.ts";

/** Request to a core. */
export type PlumtreeRequest = BroadcastRequest | AddPeerRequest | RemovePeerRequest;

/** Broadcasts a payload. */
export interface BroadcastRequest {
  readonly type: "broadcast";
  /** Epoch of this node in which the broadcast is numbered. */
  readonly epoch: number;
  /** The next number of that epoch, from 1. Any other one is ignored. */
  readonly counter: number;
  /** At most 64 KiB. */
  readonly payload: Uint8Array;
}

/** Makes a peer a neighbour whenever its link is up. */
export interface AddPeerRequest {
  readonly type: "add-peer";
  /** Name of the peer. */
  readonly peer: PeerId;
  /** True to push payloads to it in the beginning, false to announce them. */
  readonly eager: boolean;
}

/** Ignores a peer until it is added again. */
export interface RemovePeerRequest {
  readonly type: "remove-peer";
  /** Name of the peer. */
  readonly peer: PeerId;
}

/** Parts of a {@link PlumtreeCore}. */
export interface PlumtreeCoreParts {
  /** This node's name. */
  readonly self: PeerId;
  /** Epoch of this life of the node, greater than that of any earlier life. */
  readonly epoch: number;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<PlumtreeLimits>;
  /** Delivers the messages of each origin in the order of their counters. @defaultValue false */
  readonly ordered?: boolean;
  /** Expects links to lose frames without a sign, and compares digests again and again. @defaultValue false */
  readonly lossy?: boolean;
}

/** Shortest time between two epochs that this node takes because it was told of a later one, in milliseconds. */
const EPOCH_PAUSE_MS = 1_000;
const K = Number(globalThis.process?.env?.K ?? 8);
/** Links that an exchange of links must save at least, so that the links of many senders settle. */
const OPTIMIZE_HOPS = Number(globalThis.process?.env?.OPT ?? 5);
/** Shortest wait for an announced payload, in round trips of the link that announced it. */
const WAIT_ROUND_TRIPS = 5;
/** Time between two searches for messages that are too old, in milliseconds. */
const SWEEP_MS = 5_000;

/**
 * One node of a broadcast tree, without I/O: a `Core` for the driver of `@void-system/effects`. It has no log and uses no
 * randomness. {@link PlumtreeNode} is the same with everything around it.
 *
 * @example
 * ```ts
 * import { peerId, verified } from "@void-system/effects";
 * import { PlumtreeCore } from "@void-system/plumtree";
 *
 * const now = { wallMs: 0, monotonicMs: 0 };
 * const [a, b] = [peerId("a"), peerId("b")];
 * const core = new PlumtreeCore({ self: b, epoch: 7 });
 * core.step({ type: "link", peer: a, state: "up" }, now);
 * const gossip = { type: "gossip" as const, origin: a, epoch: 1, counter: 1, round: 1, ageMs: 0, payload: Uint8Array.of(42) };
 * const outputs = core.step({ type: "message", from: a, message: verified(gossip) }, now);
 * outputs.find((output) => output.type === "deliver")?.value; // => { type: "message", id: "a/00000000000001/1", origin: "a", payload: Uint8Array.of(42), hops: 1 }
 * ```
 */
export class PlumtreeCore implements Core<PlumtreeMessage, PlumtreeRequest, never, PlumtreeDelivery> {
  readonly #self: PeerId;
  readonly #limits: PlumtreeLimits;
  readonly #step = new Step();
  readonly #neighbours = new Map<PeerId, Neighbour>();
  readonly #up = new Set<PeerId>();
  readonly #added = new Map<PeerId, boolean>();
  readonly #removed = new Set<PeerId>();
  readonly #origins: Origins;
  readonly #cache: MessageCache;
  readonly #deliveries: Deliveries;
  readonly #missing: MissingMessages;
  readonly #announcements: Announcements;
  readonly #antiEntropy: AntiEntropy;
  /** Delay of a payload behind its first announcement. */
  readonly #lateness = new Peak();
  /** Links that become a part of the tree, unless it brings the message that they brought. In the order of `dueMs`. */
  readonly #repairs: { readonly kept: KeptMessage; readonly dueMs: number }[] = [];
  readonly #count = {
    broadcast: 0, duplicates: 0, hopsLast: 0, hopsMax: 0, payloadsSent: 0, prunes: 0, optimized: 0, repaired: 0, received: 0,
    unservable: 0, stale: 0, ahead: 0, forged: 0, ignored: 0,
  };
  /** Epochs of this life: those that it may number broadcasts in. */
  readonly #ownEpochs = new Set<number>();
  #epoch: number;
  #epochMs = Number.NEGATIVE_INFINITY;
  #sweepMs = Number.POSITIVE_INFINITY;

  /** @throws {@link InvalidOptionError} if a limit cannot work. */
  constructor({ self, epoch, limits = {}, ordered = false, lossy = false }: PlumtreeCoreParts) {
    this.#self = self;
    this.#epoch = epoch;
    this.#ownEpochs.add(epoch);
    this.#limits = limitsFrom(limits);
    this.#cache = new MessageCache(this.#limits);
    this.#deliveries = new Deliveries(self, ordered, this.#step);
    this.#missing = new MissingMessages(this.#step, this.#limits.cacheMs);
    this.#announcements = new Announcements(this.#step, this.#limits);
    this.#origins = new Origins(this.#limits.originsMax, (stream) => {
      this.#antiEntropy.forget(stream);
      this.#cache.forget(stream);
    });
    this.#antiEntropy = new AntiEntropy({
      step: this.#step,
      limits: this.#limits,
      isLossy: lossy,
      origins: this.#origins,
      missing: this.#missing,
      deliveries: this.#deliveries,
      neighbours: this.#neighbours,
      open: ({ origin, epoch: its, low, runs }) => this.#open(origin, its, runs.at(-1)?.to ?? low),
    });
  }

  /** Does nothing: nothing is stored. */
  restore(): void {}

  /** Does nothing: nothing is stored. */
  recover(): void {}

  /** Has nothing to say in the beginning. */
  start(): readonly PlumtreeOutput[] {
    return [];
  }

  /** Takes one input, and returns what follows from it. */
  step(input: Input<PlumtreeMessage, PlumtreeRequest>, now: Now): readonly PlumtreeOutput[] {
    this.#step.begin(now);
    if (input.type === "message") this.#receive(input.from, input.message);
    else if (input.type === "request") this.#request(input.request);
    else if (input.type === "link") this.#link(input.peer, input.state);
    else if (input.type === "timer") this.#due();
    return this.#step.end();
  }

  /** Returns counters and sizes. */
  stats(): PlumtreeStats {
    const { received, ...count } = this.#count;
    return {
      ...count,
      ...this.#cache.stats(),
      ...this.#deliveries.stats(),
      neighbours: this.#neighbours.size,
      eager: [...this.#neighbours.values()].filter((neighbour) => neighbour.eager).length,
      origins: this.#origins.size,
      redundancy: received === 0 ? 0 : count.duplicates / received,
      announced: this.#announcements.announced,
      grafts: this.#missing.asked,
      digests: this.#antiEntropy.digests,
      missing: this.#missing.size,
    };
  }

  // ── requests and links ──

  #request(request: PlumtreeRequest): void {
    if (request.type === "broadcast") {
      this.#broadcast(request);
    } else if (request.type === "add-peer") {
      this.#removed.delete(request.peer);
      this.#added.set(request.peer, request.eager);
      const neighbour = this.#neighbours.get(request.peer);
      if (neighbour) neighbour.eager = request.eager;
      else this.#join(request.peer, request.eager);
    } else {
      this.#added.delete(request.peer);
      this.#removed.add(request.peer);
      this.#leave(request.peer);
    }
  }

  #broadcast({ epoch, counter, payload }: BroadcastRequest): void {
    const { nowMs } = this.#step;
    const stream = this.#ownEpochs.has(epoch) ? this.#origins.open(this.#self, epoch, nowMs, Number.POSITIVE_INFINITY) : "stale";
    if (typeof stream === "string" || counter !== stream.got.low + 1) return;
    this.#count.broadcast += 1;
    this.#keepAndPush(stream, counter, { payload, round: 0, bornMs: nowMs, from: this.#self, announcedMs: undefined, fetchedFrom: undefined, holders: undefined }, []);
  }

  #link(peer: PeerId, state: LinkState): void {
    if (state === "up") {
      this.#up.add(peer);
      // The other end has forgotten the earlier link, too.
      this.#leave(peer);
      const eager = this.#added.get(peer);
      if (eager !== undefined) this.#join(peer, eager);
    } else if (state === "down") {
      this.#up.delete(peer);
      this.#leave(peer);
    } else {
      // The link has lost frames while it was full.
      const neighbour = this.#neighbours.get(peer);
      if (neighbour) this.#antiEntropy.send(neighbour, true);
    }
  }

  /** NeighborUp: beyond the paper, both ends compare what they have received. */
  #join(peer: PeerId, eager: boolean): Neighbour | undefined {
    if (!this.#up.has(peer) || peer === this.#self) return undefined;
    const neighbour = new Neighbour(peer, eager, this.#step.nowMs, this.#limits);
    this.#neighbours.set(peer, neighbour);
    this.#step.wake(neighbour.syncDueMs);
    return neighbour;
  }

  /** NeighborDown: nothing can be expected of it. */
  #leave(peer: PeerId): void {
    const neighbour = this.#neighbours.get(peer);
    if (!neighbour) return;
    this.#neighbours.delete(peer);
    this.#missing.gone(neighbour);
    this.#antiEntropy.gone();
  }

  /** Returns the sender of a message. Neighbourhood is mutual, so a linked peer that speaks becomes a neighbour. */
  #sender(peer: PeerId): Neighbour | undefined {
    const known = this.#neighbours.get(peer);
    if (known || this.#removed.has(peer) || this.#neighbours.size >= NEIGHBOURS_MAX) return known;
    return this.#join(peer, true);
  }

  // ── messages ──

  #receive(from: PeerId, message: PlumtreeMessage): void {
    const sender = this.#sender(from);
    if (!sender) return;
    switch (message.type) {
      case "gossip":
        this.#gossip(sender, message);
        break;
      case "sync":
        this.#antiEntropy.receive(sender, message);
        break;
      case "ihave":
        sender.stamped(message, this.#step.nowMs);
        for (const run of message.runs) this.#announcement(sender, run);
        break;
      case "graft":
        if (message.link) sender.eager = true;
        this.#serve(sender, message.runs);
        break;
      case "prune":
        sender.eager = false;
        break;
      case "gone":
        for (const { origin, epoch, from: first, length } of message.runs) {
          const stream = this.#origins.find(origin, epoch);
          for (let counter = first; stream && counter < first + length; counter += 1) this.#missing.denied(stream, counter, sender);
        }
        break;
    }
  }

  /** Returns the epoch of a broadcast of a peer, unless it is refused. */
  #open(origin: PeerId, epoch: number, counter: number): Stream | undefined {
    const { nowMs, wallMs } = this.#step;
    const isOwn = origin === this.#self && this.#ownEpochs.has(epoch);
    const stream = isOwn ? this.#origins.find(origin, epoch) : this.#origins.open(origin, epoch, nowMs, wallMs);
    if (typeof stream === "string") {
      this.#count[stream] += 1;
      return undefined;
    }
    const isForged = isOwn && !(stream && counter <= stream.got.low);
    if (isForged) this.#count.forged += 1;
    if (origin === this.#self && epoch >= this.#epoch && (isForged || !isOwn)) this.#takeEpoch(epoch + 1);
    return isForged ? undefined : stream;
  }

  /** Takes a new epoch, because another life of this node seems to have used the present one, or a later one. */
  #takeEpoch(epoch: number): void {
    const { nowMs } = this.#step;
    if (nowMs < this.#epochMs + EPOCH_PAUSE_MS) return;
    this.#epochMs = nowMs;
    this.#epoch = epoch;
    this.#ownEpochs.add(epoch);
    this.#step.deliver({ type: "epoch", epoch });
  }

  /** Receive(GOSSIP): builds the tree. */
  #gossip(sender: Neighbour, { origin, epoch, counter, round, ageMs, payload }: Gossip): void {
    const stream = this.#open(origin, epoch, counter);
    if (!stream) return;
    if (stream.got.has(counter)) {
      this.#duplicate(sender, origin, stream.kept.get(counter));
      return;
    }
    const { nowMs } = this.#step;
    const { missing, wasAsked = false } = this.#missing.arrived(stream, counter, sender) ?? {};
    if (!wasAsked) {
      sender.eager = true;
      sender.cameFirst(origin, this.#count.received);
      // A payload that was asked for says nothing about the tree.
      if (missing?.isFresh) this.#lateness.sample(nowMs - missing.sinceMs);
    }
    this.#count.received += 1;
    this.#count.hopsLast = round;
    this.#count.hopsMax = Math.max(this.#count.hopsMax, round);
    const holders = missing ? [sender, ...missing.holders] : [sender];
    const announcedMs = missing?.isFresh ? missing.sinceMs : undefined;
    const fetchedFrom = missing?.isFresh && wasAsked ? sender : undefined;
    const kept: KeptMessage = { payload, round, bornMs: nowMs - ageMs, from: sender.peer, announcedMs, fetchedFrom, holders: undefined };
    this.#keepAndPush(stream, counter, kept, holders);
    if (fetchedFrom) this.#repairSoon(kept, sender);
    this.#deliveries.arrived(stream, { counter, payload, hops: round });
    while (this.#deliveries.heldBytes > this.#limits.cacheBytes && stream.held.size > 0) this.#antiEntropy.closeFirst(stream);
  }

  #duplicate(sender: Neighbour, origin: PeerId, kept: KeptMessage | undefined): void {
    this.#count.duplicates += 1;
    // A message that is kept no longer is a replay, and one that the same peer sends again was asked for twice.
    if (!kept || kept.from === sender.peer) return;
    kept.holders?.push(sender);
    if (kept.announcedMs !== undefined) this.#lateness.sample(this.#step.nowMs - kept.announcedMs);
    if (kept.fetchedFrom) {
      // The tree was late, and not broken.
      kept.fetchedFrom = undefined;
      return;
    }
    if (!sender.isNeededByOthers(origin, this.#count.received - K)) this.#prune(sender);
  }

  #prune(neighbour: Neighbour): void {
    this.#count.prunes += 1;
    neighbour.eager = false;
    this.#step.send(neighbour.peer, { type: "prune" });
  }

  /** Receive(IHAVE): the tree may have a hole. */
  #announcement(sender: Neighbour, { origin, epoch, from, length, round }: IdRun): void {
    const stream = this.#open(origin, epoch, from + length - 1);
    if (!stream) return;
    const dueMs = this.#step.nowMs + this.#waitMs(sender);
    for (let counter = from; counter < from + length; counter += 1) {
      if (stream.got.has(counter)) this.#announcedAgain(sender, stream.kept.get(counter), round);
      else if (!this.#missing.announced({ stream, counter, by: sender, dueMs, isFresh: true })) this.#count.ignored += 1;
    }
  }

  /** Returns the time to wait for a payload that the tree should bring. */
  #waitMs({ roundTrip: { recentMs } }: Neighbour): number {
    const linkMs = recentMs === undefined ? this.#limits.graftMs : Math.min(WAIT_ROUND_TRIPS * recentMs, WAIT_MS_MAX);
    return Math.max(this.#lateness.waitMs, linkMs);
  }

  #repairSoon(kept: KeptMessage, by: Neighbour): void {
    const dueMs = Math.max(this.#step.nowMs + this.#waitMs(by), this.#repairs.at(-1)?.dueMs ?? 0);
    this.#repairs.push({ kept, dueMs });
    this.#step.wake(dueMs);
  }

  /** Makes links a part of the tree that have brought what the tree has not brought even later. */
  #repair(): void {
    const { nowMs } = this.#step;
    for (let repair = this.#repairs[0]; repair && repair.dueMs <= nowMs; repair = this.#repairs[0]) {
      this.#repairs.shift();
      const neighbour = repair.kept.fetchedFrom;
      repair.kept.fetchedFrom = undefined;
      if (neighbour && !neighbour.eager && this.#neighbours.get(neighbour.peer) === neighbour) this.#graft(neighbour);
    }
    if (this.#repairs[0]) this.#step.wake(this.#repairs[0].dueMs);
  }

  #graft(neighbour: Neighbour): void {
    this.#count.repaired += 1;
    neighbour.eager = true;
    this.#step.send(neighbour.peer, { type: "graft", link: true, runs: [] });
  }

  /** Optimize: exchanges the link that brought a message for one with fewer links behind it. */
  #announcedAgain(sender: Neighbour, kept: KeptMessage | undefined, round: number): void {
    if (!kept) return;
    kept.holders?.push(sender);
    const parent = this.#neighbours.get(kept.from);
    if (sender.eager || !parent?.eager || round === 0 || kept.round - round <= OPTIMIZE_HOPS) return;
    this.#count.optimized += 1;
    this.#graft(sender);
    this.#prune(parent);
  }

  /** Receive(GRAFT): sends what is kept. */
  #serve(sender: Neighbour, runs: readonly IdRun[]): void {
    const gone: IdRun[] = [];
    for (const run of runs) {
      const stream = this.#origins.find(run.origin, run.epoch);
      for (let counter = run.from; counter < run.from + run.length; counter += 1) {
        const message = stream && this.#cache.get(stream, counter, this.#step.nowMs);
        if (message) this.#sendPayload([sender.peer], stream, counter, message);
        else gone.push({ ...run, from: counter, length: 1 });
      }
    }
    this.#count.unservable += gone.length;
    if (gone.length > 0) this.#step.send(sender.peer, { type: "gone", runs: gone });
  }

  /** EagerPush and LazyPush. `holders` are peers that have the message. */
  #keepAndPush(stream: Stream, counter: number, message: KeptMessage, holders: Neighbour[]): void {
    const { high } = stream.got;
    stream.got.add(counter);
    this.#cache.add(stream, counter, message);
    this.#antiEntropy.arrived(stream, counter, high);
    this.#sweepMs = Math.min(this.#sweepMs, this.#step.nowMs + SWEEP_MS);
    this.#step.wake(this.#sweepMs);
    const eager: PeerId[] = [];
    for (const neighbour of this.#neighbours.values()) {
      if (!neighbour.eager || holders.includes(neighbour)) continue;
      eager.push(neighbour.peer);
      holders.push(neighbour);
    }
    if (eager.length > 0) this.#sendPayload(eager, stream, counter, message);
    if (holders.length >= this.#neighbours.size) return;
    message.holders = holders;
    this.#announcements.add(stream, counter, message);
  }

  #sendPayload(to: readonly PeerId[], stream: Stream, counter: number, message: KeptMessage): void {
    const round = Math.min(message.round + 1, ROUND_MAX);
    const ageMs = Math.min(Math.max(0, Math.ceil(this.#step.nowMs - message.bornMs)), AGE_MS_MAX);
    this.#count.payloadsSent += to.length;
    const { origin, epoch } = stream;
    this.#step.send(to, { type: "gossip", origin, epoch, counter, round, ageMs, payload: message.payload });
  }

  // ── time ──

  #due(): void {
    const { nowMs } = this.#step;
    this.#step.fired();
    if (this.#sweepMs <= nowMs) this.#sweepMs = this.#cache.sweep(nowMs) ? nowMs + SWEEP_MS : Number.POSITIVE_INFINITY;
    this.#step.wake(this.#sweepMs);
    this.#missing.ask();
    this.#repair();
    this.#announcements.send(this.#neighbours.values());
    this.#antiEntropy.due();
  }
}

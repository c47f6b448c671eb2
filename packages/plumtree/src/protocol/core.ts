/**
 * J. Leitão, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007. Payloads travel along a spanning tree that
 * forms itself. The other links only announce them, and mend the tree when it breaks.
 *
 * Links keep the order of frames and lose them visibly: a link that was `full` or `down` compares digests afterwards.
 */
import { type Core, type Input, type LinkState, type Now, type PeerId, SeededRandom } from "@void-system/effects";
import { Announcements } from "./announcements.ts";
import { AntiEntropy } from "./anti-entropy.ts";
import { BroadcastTree } from "./broadcast-tree.ts";
import { Deliveries } from "./deliveries.ts";
import type { PlumtreeDelivery } from "./delivery.ts";
import { HyParView } from "../membership/hyparview.ts";
import type { Contact, ReadRecord, ViewLimits } from "../membership/member.ts";
import { FRAME_RUNS_MAX, limitsFrom, NEIGHBOURS_MAX, type PlumtreeLimits } from "../limits.ts";
import type { Graft, IdRun, MembershipMessage, PlumtreeMessage } from "../codec/message.ts";
import { MessageCache } from "./message-cache.ts";
import { MissingMessages } from "./missing.ts";
import { Neighbour } from "./neighbour.ts";
import { Origins } from "./origins.ts";
import type { PlumtreeStats } from "./stats.ts";
import { type PlumtreeOutput, Step } from "./step.ts";
import type { Stream } from "./stream.ts";

/** Request to a core. */
export type PlumtreeRequest = BroadcastRequest | AddPeerRequest | RemovePeerRequest | RenewRecordRequest;

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

/** Replaces this node's record. A core without membership ignores it. */
export interface RenewRecordRequest {
  readonly type: "renew-record";
  /** The new record, which expires later than the one before. */
  readonly record: Uint8Array;
}

/** Membership of a {@link PlumtreeCore}: it finds its neighbours itself. */
export interface MembershipParts {
  /** This node's own record, at most 1,024 bytes. */
  readonly record: Uint8Array;
  /** Reads the records of others. */
  readonly readRecord: ReadRecord;
  /** Members by which this node joins. The first node of a network has none. */
  readonly contacts: readonly Contact[];
  /** Sizes of the views, and times. */
  readonly limits: ViewLimits;
  /** Seed of the choices among peers. */
  readonly seed: number;
}

/** Peers of a node, by name. No name is in two of these. */
export interface Neighbours {
  /** Peers that payloads are pushed to: the links of the tree. */
  readonly eager: readonly PeerId[];
  /** Peers that payloads are announced to. */
  readonly lazy: readonly PeerId[];
  /** Peers that membership remembers as replacements. */
  readonly passive: readonly PeerId[];
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
  /** Finds neighbours by HyParView. @defaultValue those that are added */
  readonly membership?: MembershipParts;
}

/** Shortest time between two epochs that this node takes after hearing of a later one, in milliseconds. */
const EPOCH_PAUSE_MS = 1_000;
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
 * const value = outputs.find((output) => output.type === "deliver")?.value;
 * value?.type === "message" && [value.id, value.payload, value.hops]; // => ["a/00000000000001/1", Uint8Array.of(42), 1]
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
  readonly #tree: BroadcastTree;
  readonly #membership: HyParView | undefined;
  readonly #count = { broadcast: 0, stale: 0, ahead: 0, forged: 0 };
  /** Epochs of this life that broadcasts may be numbered in: the present one, and the one before. */
  readonly #ownEpochs: number[];
  #epoch: number;
  #epochMs = Number.NEGATIVE_INFINITY;
  #sweepMs = Number.POSITIVE_INFINITY;

  /** @throws {@link InvalidOptionError} if a limit cannot work. */
  constructor({ self, epoch, limits = {}, ordered = false, lossy = false, membership }: PlumtreeCoreParts) {
    this.#self = self;
    this.#epoch = epoch;
    this.#ownEpochs = [epoch];
    this.#limits = limitsFrom(limits);
    this.#cache = new MessageCache(this.#limits);
    this.#deliveries = new Deliveries(self, ordered, this.#step);
    this.#missing = new MissingMessages(this.#step, (stream, counter) => this.#antiEntropy.hopeless(stream, counter));
    this.#announcements = new Announcements(this.#step, this.#limits);
    this.#origins = new Origins(self, this.#limits.originsMax, (stream) => {
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
    this.#tree = new BroadcastTree({
      step: this.#step,
      limits: this.#limits,
      neighbours: this.#neighbours,
      cache: this.#cache,
      deliveries: this.#deliveries,
      missing: this.#missing,
      announcements: this.#announcements,
      antiEntropy: this.#antiEntropy,
    });
    this.#membership = membership && this.#views(membership);
  }

  #views({ seed, ...parts }: MembershipParts): HyParView {
    return new HyParView({
      ...parts,
      self: this.#self,
      step: this.#step,
      up: this.#up,
      random: new SeededRandom(seed, "views"),
      entered: (peer) => void this.#join(peer, true),
      left: (peer) => this.#leave(peer),
    });
  }

  /** Does nothing: nothing is stored. */
  restore(): void {}

  /** Does nothing: nothing is stored. */
  recover(): void {}

  /** Joins by the contacts, if it finds its neighbours itself. */
  start(_fresh: boolean, now: Now): readonly PlumtreeOutput[] {
    this.#step.begin(now);
    this.#membership?.start();
    return this.#step.end();
  }

  /** Takes one input, and returns what follows from it. */
  step(input: Input<PlumtreeMessage, PlumtreeRequest>, now: Now): readonly PlumtreeOutput[] {
    this.#step.begin(now);
    if (input.type === "message") this.#receive(input.from, input.message);
    else if (input.type === "request") this.#request(input.request);
    else if (input.type === "link") this.#link(input.peer, input.state);
    else if (input.type === "timer") this.#due();
    if (this.#sweepMs === Number.POSITIVE_INFINITY && !this.#cache.isEmpty) this.#sweepMs = now.monotonicMs + SWEEP_MS;
    this.#step.wake(this.#sweepMs);
    return this.#step.end();
  }

  /** Returns counters and sizes. */
  stats(): PlumtreeStats {
    return {
      ...this.#count,
      ...this.#tree.stats(),
      ...this.#cache.stats(),
      ...this.#deliveries.stats(),
      neighbours: this.#neighbours.size,
      struck: [...this.#neighbours.values()].filter(({ isStruck }) => isStruck).length,
      eager: [...this.#neighbours.values()].filter((neighbour) => neighbour.eager).length,
      origins: this.#origins.size,
      announced: this.#announcements.announced,
      grafts: this.#missing.asked,
      digests: this.#antiEntropy.digests,
      missing: this.#missing.size,
      membership: this.#membership?.stats(),
    };
  }

  /** Returns the names of its neighbours. */
  neighbours(): Neighbours {
    const all = [...this.#neighbours.values()];
    const names = (isEager: boolean): PeerId[] => all.filter(({ eager }) => eager === isEager).map(({ peer }) => peer);
    return { eager: names(true), lazy: names(false), passive: this.#membership?.passive ?? [] };
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
    } else if (request.type === "renew-record") {
      this.#membership?.renew(request.record);
    } else {
      this.#added.delete(request.peer);
      this.#removed.add(request.peer);
      this.#leave(request.peer);
    }
  }

  #broadcast({ epoch, counter, payload }: BroadcastRequest): void {
    const { nowMs } = this.#step;
    const stream = this.#ownEpochs.includes(epoch) ? this.#origins.open(this.#self, epoch, nowMs, Number.POSITIVE_INFINITY) : "stale";
    if (typeof stream === "string" || counter !== stream.got.low + 1) return;
    this.#count.broadcast += 1;
    this.#tree.broadcast(stream, counter, payload);
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
      if (neighbour && state === "writable") this.#antiEntropy.send(neighbour, true);
    }
    this.#membership?.link(peer, state);
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
    if (known || this.#membership || this.#removed.has(peer) || this.#neighbours.size >= NEIGHBOURS_MAX) return known;
    return this.#join(peer, true);
  }

  // ── messages ──

  #receive(from: PeerId, message: PlumtreeMessage): void {
    this.#membership?.heard(from);
    switch (message.type) {
      case "gossip":
      case "sync":
      case "ihave":
      case "graft":
      case "prune":
      case "gone": {
        const sender = this.#sender(from);
        if (sender) this.#receiveFrom(sender, message);
        break;
      }
      default:
        this.#membership?.receive(from, message);
    }
  }

  #receiveFrom(sender: Neighbour, message: Exclude<PlumtreeMessage, MembershipMessage>): void {
    switch (message.type) {
      case "gossip": {
        const stream = this.#open(message.origin, message.epoch, message.counter);
        if (stream) this.#tree.gossip(sender, stream, message);
        break;
      }
      case "sync":
        this.#antiEntropy.receive(sender, message);
        break;
      case "ihave":
        sender.stamped(message, this.#step.nowMs);
        for (const run of message.runs) {
          const stream = this.#open(run.origin, run.epoch, run.from + run.length - 1);
          if (stream) this.#tree.announcement(sender, stream, run);
        }
        break;
      case "graft":
        this.#graft(sender, message);
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
    const isOwn = origin === this.#self && this.#ownEpochs.includes(epoch);
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
    this.#ownEpochs.splice(0, this.#ownEpochs.length, epoch, this.#ownEpochs[0] ?? epoch);
    this.#step.deliver({ type: "epoch", epoch });
  }

  /** Receive(GRAFT): sends what is kept, and says what is not. */
  #graft(sender: Neighbour, { link, runs }: Graft): void {
    if (link) sender.eager = true;
    const gone: IdRun[] = [];
    for (const run of runs) {
      const counters = this.#tree.serve(sender, this.#origins.find(run.origin, run.epoch), run);
      for (const from of counters) gone.push({ ...run, from, length: 1 });
    }
    for (let start = 0; start < gone.length; start += FRAME_RUNS_MAX)
      this.#step.send(sender.peer, { type: "gone", runs: gone.slice(start, start + FRAME_RUNS_MAX) });
  }

  // ── time ──

  #due(): void {
    const { nowMs } = this.#step;
    this.#step.fired();
    if (this.#sweepMs <= nowMs) {
      this.#cache.sweep(nowMs);
      this.#sweepMs = Number.POSITIVE_INFINITY;
    }
    this.#membership?.due();
    this.#missing.ask();
    this.#tree.due();
    this.#announcements.send(this.#neighbours.values());
    this.#antiEntropy.due();
  }
}

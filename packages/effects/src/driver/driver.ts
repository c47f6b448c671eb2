/**
 * The driver performs a core's outputs in a world. It is the same code for every protocol and every world, so its one
 * rule is kept in one place: an output that names a log position leaves only once the log is durable up to it.
 *
 * Syncs are group commits. At most one is in flight, and the next covers everything appended meanwhile. A sync begins
 * when an output waits for it, when too many bytes are unsynced, or when a record has been unsynced for too long.
 */
import type { Codec } from "@void-system/bytes";
import { type Lsn, lsn, type PeerId, verified } from "../brand.ts";
import type { Input, Limits, Output, Running } from "../core.ts";
import {
  CoreContractError,
  CoreFailedError,
  DeliverFailedError,
  EffectsError,
  LogFailedError,
  reasonOf,
  RecordError,
} from "../errors.ts";
import type { Cancel, DurableLog, Recovered } from "../world.ts";
import { type HostParts, LIMITS } from "./host-parts.ts";
import type { Leaving, Opening, Peer, Timer } from "./under-way.ts";

/** Most requests stepped in one turn of the event loop. */
const REQUESTS_PER_TURN = 256;

/** The phases of a driver's life. */
const OPENING = 0;
const RUNNING = 1;
const STOPPING = 2;
const DEAD = 3;

/** Runs a core in a world. */
export class Driver<M, Q, R, D> implements Running<Q> {
  readonly #parts: HostParts<M, Q, R, D>;
  readonly #limits: Limits;
  readonly #inbox: Input<M, Q>[] = [];
  readonly #requests: Q[] = [];
  readonly #peers = new Map<PeerId, Peer<M, Q>>();
  readonly #timers = new Map<string, Timer>();
  readonly #detach: Cancel[] = [];
  readonly #stopped: (() => void)[] = [];
  #phase: typeof OPENING | typeof RUNNING | typeof STOPPING | typeof DEAD = OPENING;
  #stepping = false;
  #requestsDue = false;
  /** Undefined for a core without records. Its outputs cannot wait. */
  #log: DurableLog | undefined;
  #appended: Lsn = lsn(0);
  #durable: Lsn = this.#appended;
  #unsyncedBytes = 0;
  #syncing = false;
  #checkpointing = false;
  #idle: Cancel | undefined;
  readonly #held: Leaving<M, R, D>[] = [];
  /** The held outputs that the current step added. */
  readonly #heldNow: Leaving<M, R, D>[] = [];
  #heldDeliveries = 0;
  readonly #count = {
    steps: 0, received: 0, early: 0, rejected: 0, overrun: 0, appends: 0, syncs: 0, checkpoints: 0,
    sends: 0, loopbacks: 0, lostFull: 0, lostDown: 0, deliveries: 0,
  };

  constructor(parts: HostParts<M, Q, R, D>) {
    const { world, records } = parts;
    this.#parts = parts;
    this.#limits = { ...LIMITS, ...parts.limits };
    this.#detach.push(world.network.onFrame((from, frame) => this.#received(from, frame)));
    if (records) world.disk.open(parts.name, (opened) => this.#opened(opened, records));
    else this.#schedule(0, () => this.#start(true));
  }

  submit(request: Q): "accepted" | "busy" | "stopped" {
    if (this.#phase >= STOPPING) return "stopped";
    if (this.#requests.length >= this.#limits.pendingRequests) return "busy";
    this.#requests.push(request);
    this.#wakeForRequests();
    return "accepted";
  }

  stop(deadlineMs: number, done: () => void): void {
    this.#stopped.push(done);
    // Nothing is in flight in either phase, so the end is reported at once, also to a late caller.
    if (this.#phase === OPENING || this.#phase === DEAD) this.#end();
    if (this.#phase !== RUNNING) return;
    // From here on the driver takes no input: no frames, timers or requests.
    this.#phase = STOPPING;
    this.#detach.push(
      this.#schedule(deadlineMs, () => this.#end()),
      this.#schedule(0, () => this.#endIfSettled()),
    );
  }

  stats(): Readonly<Record<string, number>> {
    let pendingOpens = 0;
    for (const { openings } of this.#peers.values()) pendingOpens += openings.length;
    return {
      ...this.#count,
      pendingOpens,
      held: this.#held.length,
      appended: this.#appended,
      durable: this.#durable,
      pendingRequests: this.#requests.length,
      timers: this.#timers.size,
    };
  }

  #schedule(delayMs: number, wake: () => void): Cancel {
    return this.#parts.world.clock.schedule(delayMs, wake);
  }

  // ── the beginning ──

  /** Rebuilds the core from its checkpoint and the records after it. */
  #opened(opened: Recovered | Error, records: Codec<R>): void {
    if (this.#phase !== OPENING) return;
    const { core, name } = this.#parts;
    try {
      if (opened instanceof Error) throw new LogFailedError("open", opened);
      const { checkpoint } = opened;
      if (checkpoint) core.restore((this.#appended = checkpoint.upTo), checkpoint.chunks);
      for (const bytes of opened.records) {
        const record = records.decode(bytes);
        this.#appended = lsn(this.#appended + 1);
        if (!record.ok) throw new RecordError(name, this.#appended, record.reason);
        core.recover(this.#appended, record.value);
      }
      this.#durable = this.#appended;
      this.#log = opened.log;
    } catch (error) {
      this.#failed(error, "recovery");
      return;
    }
    this.#start(opened.fresh);
  }

  #start(fresh: boolean): void {
    if (this.#phase !== OPENING) return;
    this.#phase = RUNNING;
    this.#detach.push(this.#parts.world.network.onLink((peer, state) => this.#run({ type: "link", peer, state })));
    this.#step(undefined, fresh);
    this.#drain();
    this.#wakeForRequests();
    if (this.#phase === RUNNING) this.#parts.ready?.();
  }

  // ── inputs ──

  #received(from: PeerId, frame: Uint8Array): void {
    if (this.#phase !== RUNNING) {
      this.#count.early += 1;
      return;
    }
    this.#count.received += 1;
    let peer = this.#peers.get(from);
    if (!peer) this.#peers.set(from, (peer = { openings: [], rejections: 0 }));
    if (peer.openings.length >= this.#limits.pendingOpens) this.#count.overrun += 1;
    else this.#open(from, frame, peer);
  }

  /** Opens a frame. Accepted messages of a peer are stepped in the order of their frames. Rejections are logged at once. */
  #open(from: PeerId, frame: Uint8Array, peer: Peer<M, Q>): void {
    const { wire, world, name } = this.#parts;
    const opening: Opening<M, Q> = {};
    const decide = (decided: Input<M, Q> | string): void => {
      if (opening.decided !== undefined) return;
      opening.decided = decided;
      if (typeof decided === "string") {
        this.#count.rejected += 1;
        const times = (peer.rejections += 1);
        // Only its first, second, fourth, eighth … rejection is logged, so a bad peer cannot fill the disk with log lines.
        if (this.#phase === RUNNING && (times & (times - 1)) === 0)
          world.logger.log("warn", "frame-rejected", { log: name, from, reason: decided, times });
      }
      if (opening.late) this.#advance(peer);
    };
    peer.openings.push(opening);
    try {
      wire.open(
        from,
        frame,
        (message) => decide({ type: "message", from, message }),
        (reason) => decide(`${reason}`),
      );
    } catch (error) {
      // By contract `open` does not throw. A stranger may have crafted a frame that makes it throw, so this is not fatal.
      decide(`the wire threw: ${reasonOf(error)}`);
    }
    opening.late = true;
    this.#advance(peer);
  }

  #advance({ openings }: Peer<M, Q>): void {
    while (openings[0]?.decided !== undefined) {
      const decided = openings.shift()?.decided;
      if (typeof decided === "object") this.#run(decided);
    }
  }

  #wakeForRequests(): void {
    if (this.#requestsDue || this.#phase !== RUNNING || this.#requests.length === 0) return;
    this.#requestsDue = true;
    this.#schedule(0, () => {
      this.#requestsDue = false;
      // Requests submitted meanwhile wait for the next turn.
      for (const request of this.#requests.splice(0, REQUESTS_PER_TURN)) this.#run({ type: "request", request });
      this.#wakeForRequests();
    });
  }

  /** Steps the core with an input, then with the messages that it sent to itself. Inputs that arrive meanwhile queue. */
  #run(input: Input<M, Q>): void {
    if (this.#phase !== RUNNING) return;
    this.#inbox.push(input);
    this.#drain();
  }

  #drain(): void {
    if (this.#stepping) return;
    for (let input = this.#inbox.shift(); input && this.#phase === RUNNING; input = this.#inbox.shift())
      // An earlier step may have cancelled or replaced the timer.
      if (input.type !== "timer" || (this.#timers.get(input.name)?.input === input && this.#timers.delete(input.name)))
        this.#step(input);
  }

  /** Makes one step, or the start if there is no input. */
  #step(input?: Input<M, Q>, fresh = false): void {
    const { core, world } = this.#parts;
    let decided = false;
    this.#stepping = true;
    this.#count.steps += 1;
    try {
      const now = { wallMs: world.clock.wallMs(), monotonicMs: world.clock.monotonicMs() };
      const outputs = input ? core.step(input, now) : core.start(fresh, now);
      decided = true;
      for (const output of outputs) if (this.#phase !== DEAD) this.#perform(output);
      // The sync begins first, so that signing overlaps with the disk's work.
      this.#sync(false);
      for (const leaving of this.#heldNow.splice(0)) {
        // An output that waits for a record which is never appended would wait forever.
        this.#mustExist(leaving.after);
        this.#seal(leaving);
      }
    } catch (error) {
      this.#failed(decided ? error : new CoreFailedError(`the core on ${input?.type ?? "start"}`, error));
    }
    this.#stepping = false;
  }

  // ── outputs ──

  #perform(output: Output<M, R, D>): void {
    switch (output.type) {
      case "append":
        this.#append(output.lsn, output.record);
        break;
      case "checkpoint":
        this.#checkpoint(output.upTo, output.chunks);
        break;
      case "timer":
        this.#setTimer(output.name, output.delayMs);
        break;
      case "dial":
        this.#parts.world.network.dial(output.peer, output.address);
        break;
      case "hang-up":
        this.#parts.world.network.hangUp(output.peer);
        break;
      case "report":
        this.#parts.world.logger.log("info", output.event, output.fields);
        break;
      case "send":
      case "deliver":
        this.#leave({ output, after: output.after ?? -1 });
        break;
      default:
        output satisfies never;
    }
  }

  /** Sets, replaces or cancels the timer of a name. A cancelled timer never fires, even if it was due. */
  #setTimer(name: string, delayMs: number | "cancel"): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    if (delayMs === "cancel" || this.#phase !== RUNNING) return;
    if (!(delayMs >= 0)) throw new CoreContractError("a timer of 0 ms or more", delayMs);
    const input = { type: "timer", name } as const;
    this.#timers.set(name, { input, cancel: this.#schedule(delayMs, () => this.#run(input)) });
  }

  /**
   * Releases an output, or holds it. To keep outputs in order, a held output also holds later ones with `after`, and a
   * held delivery holds back later deliveries.
   */
  #leave(leaving: Leaving<M, R, D>): void {
    const { after, output } = leaving;
    const deliver = output.type === "deliver";
    if (!(after > this.#durable || (after >= 0 && this.#held.length > 0) || (deliver && this.#heldDeliveries > 0))) {
      this.#go(leaving);
      return;
    }
    this.#logFor("`after`");
    if (this.#held.length >= this.#limits.heldOutputs)
      throw new CoreContractError(`at most ${this.#limits.heldOutputs} held outputs`, "more");
    this.#held.push(leaving);
    this.#heldNow.push(leaving);
    if (deliver) this.#heldDeliveries += 1;
  }

  #go(leaving: Leaving<M, R, D>): void {
    if (this.#phase === DEAD) return;
    const { output } = leaving;
    if (output.type === "deliver") {
      this.#count.deliveries += 1;
      try {
        this.#parts.deliver(output.value);
      } catch (error) {
        throw new DeliverFailedError(error);
      }
      return;
    }
    const { network } = this.#parts.world;
    this.#seal(leaving);
    for (const peer of peersOf(output.to))
      if (peer === network.self) {
        this.#count.loopbacks += 1;
        this.#inbox.push({ type: "message", from: peer, message: verified(output.message) });
      } else {
        const fate = leaving.frame && network.send(peer, leaving.frame);
        this.#count[fate === "sent" ? "sends" : fate === "full" ? "lostFull" : "lostDown"] += 1;
      }
  }

  /** Seals the frame of a send once. A held send is sealed while it waits, so it can leave without delay. */
  #seal(leaving: Leaving<M, R, D>): void {
    const { output } = leaving;
    if (output.type === "deliver" || leaving.frame) return;
    const { wire, world } = this.#parts;
    const others = peersOf(output.to).filter((peer) => peer !== world.network.self);
    if (others.length > 0) leaving.frame = wire.seal(output.message, others);
  }

  // ── the log ──

  #logFor(what: string): DurableLog {
    if (!this.#log) throw new CoreContractError("nothing that needs `records`", what);
    return this.#log;
  }

  #mustExist(position: number): void {
    if (position > this.#appended) throw new CoreContractError(`positions up to ${this.#appended}`, position);
  }

  #append(at: Lsn, record: R): void {
    const log = this.#logFor("append");
    const next = this.#appended + 1;
    if (at !== next) throw new CoreContractError(`append ${next}`, at);
    // There is a log only if there are `records`, so the fallback is never used.
    const bytes = this.#parts.records?.encode(record) ?? new Uint8Array();
    this.#appended = at;
    this.#count.appends += 1;
    this.#unsyncedBytes += bytes.length;
    try {
      log.append(bytes);
    } catch (error) {
      throw new LogFailedError("append", error);
    }
  }

  #checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>): void {
    const log = this.#logFor("checkpoint");
    if (this.#checkpointing) throw new CoreContractError("one checkpoint at a time", "two");
    this.#mustExist(upTo);
    this.#checkpointing = true;
    this.#count.checkpoints += 1;
    log.checkpoint(upTo, chunks, (failure) => {
      this.#checkpointing = false;
      // A durable checkpoint makes every record that it replaces durable, synced or not.
      this.#reached("checkpoint", upTo, failure);
    });
  }

  /** Begins a sync if records are unsynced and none is in flight. Unless `asked`, it may wait for the idle timer. */
  #sync(asked: boolean): void {
    const upTo = this.#appended;
    const { unsyncedBytes, syncIdleMs } = this.#limits;
    if (this.#phase === DEAD || this.#syncing || this.#durable === upTo) return;
    if (asked || this.#held.length > 0 || this.#unsyncedBytes >= unsyncedBytes) {
      this.#syncing = true;
      this.#unsyncedBytes = 0;
      this.#count.syncs += 1;
      this.#log?.sync((failure) => {
        this.#syncing = false;
        this.#reached("sync", upTo, failure);
      });
    } else
      this.#idle ??= this.#schedule(syncIdleMs, () => {
        this.#idle = undefined;
        this.#sync(true);
      });
  }

  #reached(by: "sync" | "checkpoint", upTo: Lsn, failure: Error | undefined): void {
    if (this.#phase === DEAD) return;
    if (failure) {
      this.#failed(new LogFailedError(by, failure));
      return;
    }
    if (by === "checkpoint") this.#run({ type: "checkpointed", upTo });
    if (upTo > this.#durable) this.#durable = upTo;
    const waits = this.#held.findIndex(({ after }) => after > this.#durable);
    // As in a step, inputs that arrive meanwhile queue.
    const inStep = this.#stepping;
    this.#stepping = true;
    for (const leaving of this.#held.splice(0, waits < 0 ? Infinity : waits)) {
      if (leaving.output.type === "deliver") this.#heldDeliveries -= 1;
      try {
        this.#go(leaving);
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#stepping = inStep;
    this.#drain();
    this.#endIfSettled();
    this.#sync(false);
  }

  // ── the end ──

  /** Ends a stopping driver once nothing is held, in flight or unsynced. */
  #endIfSettled(): void {
    if (this.#phase !== STOPPING) return;
    this.#sync(true);
    if (!(this.#stepping || this.#syncing || this.#checkpointing || this.#held.length > 0)) this.#end();
  }

  #failed(error: unknown, doing = "an output"): void {
    if (this.#phase === DEAD) return;
    const cause = error instanceof EffectsError ? error : new CoreFailedError(doing, error);
    this.#end();
    this.#parts.world.logger.log("error", "driver-dead", { log: this.#parts.name, error: cause.message });
    this.#parts.fatal(cause);
  }

  /** Ends the driver. Afterwards only the callbacks of `stop` run, from the event loop. */
  #end(): void {
    this.#phase = DEAD;
    this.#idle?.();
    for (const cancel of this.#detach.splice(0)) cancel();
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#inbox.length = this.#requests.length = this.#held.length = this.#heldNow.length = 0;
    for (const done of this.#stopped.splice(0)) this.#schedule(0, done);
  }
}

function peersOf(to: PeerId | readonly PeerId[]): readonly PeerId[] {
  return typeof to === "string" ? [to] : to;
}

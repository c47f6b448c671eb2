/**
 * The driver: performs a core's outputs in a world, the same code for every protocol and for every world.
 */
import { type Lsn, type PeerId, verified } from "../brand.ts";
import { CommitQueue } from "./commit-queue.ts";
import type { Codec, Input, Limits, Output, Running } from "../core.ts";
import {
  CoreContractError,
  CoreFailedError,
  EffectsError,
  LogFailedError,
} from "../errors.ts";
import { Fifo } from "../fifo.ts";
import { type HostParts, LIMITS } from "./host-parts.ts";
import { NamedTimers } from "./named-timers.ts";
import { OpenOrder } from "./open-order.ts";
import { type Leaving, Outbox } from "./outbox.ts";
import { rebuild } from "./rebuild.ts";
import type { Cancel, Now, Recovered } from "../world.ts";

/** Requests stepped before the event loop gets a turn. */
const REQUESTS_PER_TURN = 256;

/**
 * Opens the core's log, rebuilds the core from it, starts it, and from then on steps it and performs its outputs.
 *
 * - Outputs are performed in order, except that those with `after` wait until the log is durable up to it. Those that
 *   wait keep their order among each other, and deliveries always keep theirs.
 * - A message that the core sends to itself comes back after the step (and after its `after`), never inside of it.
 * - The core is never re-entered: `submit` from inside `deliver` is stepped later, from the event loop.
 * - A failing log, a core that throws or breaks its contract, a `deliver` that throws: `fatal`, once, then silence.
 *
 * `stats()` counts `steps`, `sends` (frames handed to the network), `loopbacks`, `lostFull` and `lostDown` (frames that
 * the network refused), `received`, `early` (frames before the start, dropped), `rejected` (by the wire),
 * `overrun` (dropped, too many undecided), `appends`, `syncs`, `checkpoints`, `deliveries`, and shows `held`,
 * `pendingOpens`, `pendingRequests`, `timers`, `appended` and `durable` (log positions) as they are.
 *
 * @example
 * ```ts
 * import { type Core, host, memoryHub, peerId, platformWorld, verified } from "@void-system/effects";
 *
 * // A core that delivers twice what it is asked. It keeps nothing, so it has no log.
 * const twice: Core<never, number, never, number> = {
 *   restore() {},
 *   recover() {},
 *   start: () => [],
 *   step: (input) => (input.type === "request" ? [{ type: "deliver", value: input.request * 2 }] : []),
 * };
 * const world = platformWorld({ network: memoryHub().join(peerId("a")) });
 * const answer = await new Promise<number>((resolve, reject) => {
 *   const running = host({
 *     world, name: "twice", core: twice, deliver: resolve, fatal: reject,
 *     wire: { seal: () => new Uint8Array(0), open: (_from, _frame, _accept, refuse) => refuse("no messages here") },
 *     ready: () => { running.submit(21); },
 *   });
 * });
 * answer; // => 42
 * ```
 */
export function host<M, Q, R, D>(parts: HostParts<M, Q, R, D>): Running<Q> {
  return new Driver(parts);
}

class Driver<M, Q, R, D> implements Running<Q> {
  readonly #parts: HostParts<M, Q, R, D>;
  readonly #limits: Limits;
  readonly #outbox: Outbox<M, Q, R, D>;
  readonly #opens: OpenOrder<M>;
  readonly #inbox = new Fifo<Input<M, Q>>();
  readonly #requests = new Fifo<Q>();
  readonly #timers: NamedTimers;
  readonly #detach: Cancel[] = [];
  readonly #stopped: (() => void)[] = [];
  #commit: CommitQueue<Leaving<M, R, D>> | undefined;
  #phase: "opening" | "running" | "stopping" | "dead" = "opening";
  #stepping = false;
  #requestsDue = false;
  readonly #rejections = new Map<PeerId, number>();
  readonly #count = {
    steps: 0,
    received: 0,
    early: 0,
    rejected: 0,
    overrun: 0,
    appends: 0,
  };

  constructor(parts: HostParts<M, Q, R, D>) {
    this.#parts = parts;
    this.#limits = { ...LIMITS, ...parts.limits };
    const { self } = parts.world.network;
    this.#outbox = new Outbox(parts, (message) => {
      this.#inbox.push({ type: "message", from: self, message: verified(message) });
    });
    this.#timers = new NamedTimers(parts.world.clock, (input) => this.#run(input));
    this.#opens = new OpenOrder({
      wire: parts.wire,
      pendingMax: this.#limits.pendingOpens,
      accept: (from, message) => this.#run({ type: "message", from, message }),
      reject: (from, reason) => this.#rejected(from, reason),
    });
    this.#detach.push(parts.world.network.onFrame((from, frame) => this.#received(from, frame)));
    if (parts.records) {
      const { records } = parts;
      parts.world.disk.open(parts.name, (opened) => this.#opened(opened, records));
    } else {
      parts.world.clock.schedule(0, () => this.#start(true));
    }
  }

  submit(request: Q): "accepted" | "busy" | "stopped" {
    if (this.#phase === "stopping" || this.#phase === "dead") return "stopped";
    if (this.#requests.length >= this.#limits.pendingRequests) return "busy";
    this.#requests.push(request);
    this.#wakeForRequests();
    return "accepted";
  }

  stop(deadlineMs: number, done: () => void): void {
    const { clock } = this.#parts.world;
    if (this.#phase === "dead") {
      clock.schedule(0, done);
      return;
    }
    this.#stopped.push(done);
    if (this.#phase === "stopping") return;
    if (this.#phase === "opening") {
      this.#end();
      return;
    }
    this.#phase = "stopping";
    this.#requests.clear();
    this.#timers.clear();
    this.#detach.push(clock.schedule(deadlineMs, () => this.#end()));
    this.#detach.push(
      clock.schedule(0, () => {
        this.#commit?.sync();
        this.#endIfSettled();
      })
    );
  }

  stats(): Readonly<Record<string, number>> {
    return {
      ...this.#count,
      ...this.#outbox.count,
      syncs: this.#commit?.syncs ?? 0,
      checkpoints: this.#commit?.checkpoints ?? 0,
      held: this.#commit?.held ?? 0,
      appended: this.#commit?.appended ?? 0,
      durable: this.#commit?.durable ?? 0,
      pendingOpens: this.#opens.pending,
      pendingRequests: this.#requests.length,
      timers: this.#timers.size,
    };
  }

  // ── the beginning ──

  #opened(opened: Recovered | Error, records: Codec<R>): void {
    if (this.#phase !== "opening") return;
    if (opened instanceof Error) {
      this.#die(new LogFailedError("open", opened));
      return;
    }
    let last = 0;
    try {
      last = rebuild(this.#parts.core, this.#parts.name, opened, records);
    } catch (error) {
      this.#failed("the core's recovery", error);
      return;
    }
    this.#commit = new CommitQueue({
      log: opened.log,
      last,
      clock: this.#parts.world.clock,
      limits: this.#limits,
      release: (leaving) => this.#release(leaving),
      released: () => this.#released(),
      fail: (cause) => this.#die(cause),
    });
    this.#outbox.commit = this.#commit;
    this.#start(opened.fresh);
  }

  #start(fresh: boolean): void {
    if (this.#phase !== "opening") return;
    this.#phase = "running";
    this.#detach.push(this.#parts.world.network.onLink((peer, state) => this.#run({ type: "link", peer, state })));
    this.#step(undefined, fresh);
    this.#drain();
    if (this.#phase !== "running") return;
    if (this.#requests.length > 0) this.#wakeForRequests();
    this.#parts.ready?.();
  }

  // ── inputs ──

  #received(from: PeerId, frame: Uint8Array): void {
    if (this.#phase !== "running") {
      this.#count.early += 1;
      return;
    }
    this.#count.received += 1;
    if (!this.#opens.open(from, frame)) this.#count.overrun += 1;
  }

  #rejected(from: PeerId, reason: string): void {
    this.#count.rejected += 1;
    const times = (this.#rejections.get(from) ?? 0) + 1;
    this.#rejections.set(from, times);
    // Each peer's first, second, fourth, eighth …: whoever sends rubbish must not fill the disk with lines about it.
    if (this.#phase === "running" && Math.log2(times) % 1 === 0)
      this.#parts.world.logger.log("warn", "frame-rejected", { log: this.#parts.name, from, reason, times });
  }

  #wakeForRequests(): void {
    if (this.#requestsDue || this.#phase === "opening") return;
    this.#requestsDue = true;
    this.#parts.world.clock.schedule(0, () => {
      this.#requestsDue = false;
      // What is submitted meanwhile waits for the next turn.
      for (
        let left = Math.min(this.#requests.length, REQUESTS_PER_TURN);
        left > 0 && this.#phase === "running";
        left -= 1
      ) {
        // The length was checked: what comes out is a Q, which may itself be `undefined`.
        this.#run({ type: "request", request: this.#requests.shift() as Q });
      }
      if (this.#phase === "running" && this.#requests.length > 0) this.#wakeForRequests();
    });
  }

  /** Steps the core with one input and with what it sent to itself; an input that comes meanwhile waits its turn. */
  #run(input: Input<M, Q>): void {
    if (this.#phase !== "running") return;
    if (this.#stepping || this.#inbox.length > 0) {
      this.#inbox.push(input);
      this.#drain();
      return;
    }
    this.#take(input);
    if (this.#inbox.length > 0) this.#drain();
  }

  #drain(): void {
    if (this.#stepping) return;
    for (let input = this.#inbox.shift(); input && this.#phase === "running"; input = this.#inbox.shift()) this.#take(input);
  }

  #take(input: Input<M, Q>): void {
    // A step before this one may have cancelled or replaced the timer.
    if (input.type !== "timer" || this.#timers.take(input)) this.#step(input, false);
  }

  /** No input: the start. */
  #step(input: Input<M, Q> | undefined, fresh: boolean): void {
    const { clock } = this.#parts.world;
    this.#stepping = true;
    this.#count.steps += 1;
    try {
      const outputs = this.#decide(input, fresh, { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() });
      for (const output of outputs) {
        if (this.#phase === "dead") return;
        this.#perform(output);
      }
      // The sync begins first.
      this.#commit?.endStep();
      this.#outbox.seal();
    } catch (error) {
      this.#failed("performing an output", error);
    } finally {
      this.#stepping = false;
    }
  }

  #decide(input: Input<M, Q> | undefined, fresh: boolean, now: Now): readonly Output<M, R, D>[] {
    try {
      return input ? this.#parts.core.step(input, now) : this.#parts.core.start(fresh, now);
    } catch (error) {
      throw new CoreFailedError(input ? `the core's step on a ${input.type}` : "the core's start", error);
    }
  }

  // ── outputs ──

  #perform(output: Output<M, R, D>): void {
    switch (output.type) {
      case "send":
      case "deliver":
        this.#outbox.leave(output);
        break;
      case "append":
        this.#append(output.lsn, output.record);
        break;
      case "checkpoint":
        this.#checkpoint(output.upTo, output.chunks);
        break;
      case "timer":
        this.#setTimer(output.name, output.delayMs);
        break;
      case "report":
        this.#parts.world.logger.log("info", output.event, output.fields);
        break;
    }
  }

  #release(leaving: Leaving<M, R, D>): void {
    try {
      this.#outbox.release(leaving);
    } catch (error) {
      this.#failed("performing an output", error);
    }
  }

  #released(): void {
    this.#drain();
    if (this.#phase !== "stopping") return;
    this.#commit?.sync();
    this.#endIfSettled();
  }

  #append(at: Lsn, record: R): void {
    const { records } = this.#parts;
    if (!this.#commit || !records)
      throw new CoreContractError("no append without a log (`records` was left out)", `one at ${at}`);
    this.#count.appends += 1;
    const bytes = records.encode(record);
    try {
      this.#commit.append(at, bytes);
    } catch (error) {
      throw error instanceof CoreContractError ? error : new LogFailedError("append", error);
    }
  }

  #checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>): void {
    if (!this.#commit)
      throw new CoreContractError("no checkpoint without a log (`records` was left out)", `one up to ${upTo}`);
    this.#commit.checkpoint(upTo, chunks, () => this.#run({ type: "checkpointed", upTo }));
  }

  #setTimer(name: string, delayMs: number | "cancel"): void {
    if (delayMs === "cancel" || this.#phase !== "running") {
      this.#timers.cancel(name);
      return;
    }
    if (!(delayMs >= 0))
      throw new CoreContractError("a timer of 0 ms or more", `${delayMs} for ${JSON.stringify(name)}`);
    this.#timers.set(name, delayMs);
  }

  // ── the end ──

  #endIfSettled(): void {
    if (this.#phase === "stopping" && !this.#stepping && (this.#commit?.settled ?? true)) this.#end();
  }

  #failed(doing: string, error: unknown): void {
    this.#die(error instanceof EffectsError ? error : new CoreFailedError(doing, error));
  }

  #die(cause: Error): void {
    if (this.#phase === "dead") return;
    this.#end();
    this.#parts.world.logger.log("error", "driver-dead", { log: this.#parts.name, error: cause.message });
    this.#parts.fatal(cause);
  }

  /** From here on nothing of this driver runs, except those who wait for `stop`: they are told from the event loop. */
  #end(): void {
    this.#phase = "dead";
    for (const cancel of this.#detach) cancel();
    this.#timers.clear();
    this.#inbox.clear();
    this.#requests.clear();
    this.#outbox.clear();
    this.#commit?.close();
    for (const done of this.#stopped.splice(0)) this.#parts.world.clock.schedule(0, done);
  }
}

/**
 * The driver: performs a core's outputs in a world, the same code for every protocol and for every world.
 */
import { type PeerId, verified } from "../brand.ts";
import type { Codec, Input, Limits, Output, Running } from "../core.ts";
import { CoreContractError, CoreFailedError, EffectsError, LogFailedError, reasonOf } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import { type HostParts, LIMITS } from "./host-parts.ts";
import { Outbox } from "./outbox.ts";
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

/** A frame on its way through `Wire.open`. */
interface Opening<M, Q> {
  /** What it became; false when it was rejected, nothing as long as that is open. */
  decided: Input<M, Q> | false | undefined;
}

interface Timer {
  /** What the core will be told: the very object is also the timer's identity. */
  readonly input: object;
  readonly cancel: Cancel;
}

class Driver<M, Q, R, D> implements Running<Q> {
  readonly #parts: HostParts<M, Q, R, D>;
  readonly #limits: Limits;
  readonly #outbox: Outbox<M, Q, R, D>;
  /** Each peer's frames in their order, until those before them are decided. */
  readonly #openings = new Map<PeerId, Fifo<Opening<M, Q>>>();
  readonly #inbox = new Fifo<Input<M, Q>>();
  readonly #requests = new Fifo<Q>();
  readonly #timers = new Map<string, Timer>();
  readonly #detach: Cancel[] = [];
  readonly #stopped: (() => void)[] = [];
  #phase: "opening" | "running" | "stopping" | "dead" = "opening";
  #stepping = false;
  #requestsDue = false;
  readonly #rejections = new Map<PeerId, number>();
  readonly #count = { steps: 0, received: 0, early: 0, rejected: 0, overrun: 0, pendingOpens: 0 };

  constructor(parts: HostParts<M, Q, R, D>) {
    const { world, records } = parts;
    const { network, clock } = world;
    this.#parts = parts;
    this.#limits = { ...LIMITS, ...parts.limits };
    this.#outbox = new Outbox(parts, this.#limits, {
      loopback: (message) => this.#inbox.push({ type: "message", from: network.self, message: verified(message) }),
      released: () => {
        this.#drain();
        this.#endIfSettled();
      },
      failed: (error) => this.#failed(error),
    });
    this.#detach.push(network.onFrame((from, frame) => this.#received(from, frame)));
    if (records) world.disk.open(parts.name, (opened) => this.#opened(opened, records));
    else clock.schedule(0, () => this.#start(true));
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
    this.#stopped.push(done);
    // Nothing is under way; or nothing any more, and whoever asks late is told all the same.
    if (this.#phase === "opening" || this.#phase === "dead") this.#end();
    if (this.#phase !== "running") return;
    this.#phase = "stopping";
    this.#requests.clear();
    this.#cancelTimers();
    this.#detach.push(
      clock.schedule(deadlineMs, () => this.#end()),
      clock.schedule(0, () => this.#endIfSettled()),
    );
  }

  stats(): Readonly<Record<string, number>> {
    return {
      ...this.#count,
      ...this.#outbox.stats,
      pendingRequests: this.#requests.length,
      timers: this.#timers.size,
    };
  }

  // ── the beginning ──

  #opened(opened: Recovered | Error, records: Codec<R>): void {
    if (this.#phase !== "opening") return;
    try {
      if (opened instanceof Error) throw new LogFailedError("open", opened);
      const { log } = opened;
      this.#outbox.opened({ log, records }, rebuild(this.#parts.core, this.#parts.name, opened, records));
    } catch (error) {
      this.#failed(error, "the core's recovery");
      return;
    }
    this.#start(opened.fresh);
  }

  #start(fresh: boolean): void {
    if (this.#phase !== "opening") return;
    this.#phase = "running";
    this.#detach.push(this.#parts.world.network.onLink((peer, state) => this.#run({ type: "link", peer, state })));
    this.#step(undefined, fresh);
    this.#drain();
    this.#wakeForRequests();
    if (this.#phase === "running") this.#parts.ready?.();
  }

  // ── inputs ──

  #received(from: PeerId, frame: Uint8Array): void {
    if (this.#phase !== "running") {
      this.#count.early += 1;
      return;
    }
    this.#count.received += 1;
    let queue = this.#openings.get(from);
    if (!queue) this.#openings.set(from, (queue = new Fifo()));
    if (queue.length >= this.#limits.pendingOpens) this.#count.overrun += 1;
    else this.#open(from, frame, queue);
  }

  /** Each peer's messages keep their order although `Wire.open` may answer late and out of turn. */
  #open(from: PeerId, frame: Uint8Array, queue: Fifo<Opening<M, Q>>): void {
    const opening: Opening<M, Q> = { decided: undefined };
    queue.push(opening);
    this.#count.pendingOpens += 1;
    let late = false;
    const advance = (): void => {
      for (let head = queue.peek(); head?.decided !== undefined; head = queue.peek()) {
        queue.shift();
        this.#count.pendingOpens -= 1;
        if (head.decided) this.#run(head.decided);
      }
    };
    const decide = (decided: Input<M, Q> | false, reason: string): void => {
      if (opening.decided !== undefined) return;
      opening.decided = decided;
      if (!decided) this.#rejected(from, reason);
      if (late) advance();
    };
    try {
      this.#parts.wire.open(
        from,
        frame,
        (message) => decide({ type: "message", from, message }, ""),
        (reason) => decide(false, reason),
      );
    } catch (error) {
      // `open` is total by contract. A frame that makes it throw is a stranger's doing, so it must not end this node.
      decide(false, `the wire threw: ${reasonOf(error)}`);
    }
    late = true;
    advance();
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
    if (this.#requestsDue || this.#phase !== "running" || this.#requests.length === 0) return;
    this.#requestsDue = true;
    this.#parts.world.clock.schedule(0, () => {
      this.#requestsDue = false;
      // What is submitted meanwhile waits for the next turn; who stops meanwhile leaves none.
      for (let left = Math.min(this.#requests.length, REQUESTS_PER_TURN); left > 0 && this.#requests.length > 0; left -= 1)
        // The length was checked: what comes out is a Q, which may itself be `undefined`.
        this.#run({ type: "request", request: this.#requests.shift() as Q });
      this.#wakeForRequests();
    });
  }

  /** Steps the core with one input and with what it sent to itself; an input that comes meanwhile waits its turn. */
  #run(input: Input<M, Q>): void {
    if (this.#phase !== "running") return;
    this.#inbox.push(input);
    this.#drain();
  }

  #drain(): void {
    if (this.#stepping) return;
    for (let input = this.#inbox.shift(); input && this.#phase === "running"; input = this.#inbox.shift())
      // A step before this one may have cancelled or replaced the timer.
      if (input.type !== "timer" || (this.#timers.get(input.name)?.input === input && this.#timers.delete(input.name))) this.#step(input, false);
  }

  /** No input: the start. */
  #step(input: Input<M, Q> | undefined, fresh: boolean): void {
    const { core, world } = this.#parts;
    const now: Now = { wallMs: world.clock.wallMs(), monotonicMs: world.clock.monotonicMs() };
    let decided = false;
    this.#stepping = true;
    this.#count.steps += 1;
    try {
      const outputs = input ? core.step(input, now) : core.start(fresh, now);
      decided = true;
      for (const output of outputs) {
        this.#perform(output);
        if (this.#phase === "dead") return;
      }
      this.#outbox.endStep();
    } catch (error) {
      this.#failed(decided ? error : new CoreFailedError(`the core's step on a ${input?.type ?? "start"}`, error));
    } finally {
      this.#stepping = false;
    }
  }

  #perform(output: Output<M, R, D>): void {
    switch (output.type) {
      case "append":
        this.#outbox.append(output.lsn, output.record);
        break;
      case "checkpoint":
        this.#outbox.checkpoint(output.upTo, output.chunks, () => this.#run({ type: "checkpointed", upTo: output.upTo }));
        break;
      case "timer":
        this.#setTimer(output.name, output.delayMs);
        break;
      case "report":
        this.#parts.world.logger.log("info", output.event, output.fields);
        break;
      default:
        this.#outbox.leave(output);
    }
  }

  /** One timer per name: set again it is replaced, and cancelled it never fires, even if it was due. */
  #setTimer(name: string, delayMs: number | "cancel"): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    if (delayMs === "cancel" || this.#phase !== "running") return;
    if (!(delayMs >= 0)) throw new CoreContractError("a timer of 0 ms or more", `${delayMs} for "${name}"`);
    const input = { type: "timer", name } as const;
    this.#timers.set(name, { input, cancel: this.#parts.world.clock.schedule(delayMs, () => this.#run(input)) });
  }

  #cancelTimers(): void {
    for (const name of this.#timers.keys()) this.#setTimer(name, "cancel");
  }

  // ── the end ──

  #endIfSettled(): void {
    if (this.#phase !== "stopping") return;
    this.#outbox.sync();
    if (!this.#stepping && this.#outbox.settled) this.#end();
  }

  #failed(error: unknown, doing = "performing an output"): void {
    if (this.#phase === "dead") return;
    const cause = error instanceof EffectsError ? error : new CoreFailedError(doing, error);
    this.#end();
    this.#parts.world.logger.log("error", "driver-dead", { log: this.#parts.name, error: cause.message });
    this.#parts.fatal(cause);
  }

  /** From here on nothing of this driver runs, except those who wait for `stop`: they are told from the event loop. */
  #end(): void {
    this.#phase = "dead";
    for (const cancel of this.#detach.splice(0)) cancel();
    this.#cancelTimers();
    this.#inbox.clear();
    this.#requests.clear();
    this.#outbox.close();
    for (const done of this.#stopped.splice(0)) this.#parts.world.clock.schedule(0, done);
  }
}

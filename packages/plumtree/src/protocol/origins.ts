import type { PeerId } from "@void-system/effects";
import { EPOCH_AHEAD_MS_MAX } from "../limits.ts";
import { Stream } from "./stream.ts";

/** Epochs of an origin that are kept. */
const EPOCHS_KEPT = 2;
/** Epochs a millisecond. Below it a new epoch is drawn by chance, so that two lives of one millisecond differ. */
const EPOCHS_PER_MS = 1_024;

/** Returns the epoch of a life that begins now. `chance` is a number in [0, 1). */
export function epochAt(wallMs: number, chance: number): number {
  return Math.floor(wallMs) * EPOCHS_PER_MS + Math.floor(chance * EPOCHS_PER_MS);
}

interface Origin {
  readonly name: PeerId;
  /** Newest first. */
  readonly streams: Stream[];
  heardMs: number;
}

/** Origins that a node knows, with their two newest epochs each. Their number is bounded. */
export class Origins {
  readonly #origins = new Map<PeerId, Origin>();
  readonly #self: PeerId;
  readonly #max: number;
  readonly #forget: (stream: Stream) => void;

  /** `forget` is called with each epoch that is dropped. The node itself is never forgotten. */
  constructor(self: PeerId, max: number, forget: (stream: Stream) => void) {
    this.#self = self;
    this.#max = max;
    this.#forget = forget;
  }

  /** Number of origins. */
  get size(): number {
    return this.#origins.size;
  }

  /** Number of epochs. */
  get streamCount(): number {
    let count = 0;
    for (const { streams } of this.#origins.values()) count += streams.length;
    return count;
  }

  /** Returns an epoch that is known. */
  find(origin: PeerId, epoch: number): Stream | undefined {
    const streams = this.#origins.get(origin)?.streams;
    // Nearly always it is the newest.
    return streams?.[0]?.epoch === epoch ? streams[0] : streams?.find((stream) => stream.epoch === epoch);
  }

  /** Returns an epoch, which it adds if it is new: `ahead` of the clock and `stale` ones are refused. */
  open(name: PeerId, epoch: number, nowMs: number, wallMs: number): Stream | "ahead" | "stale" {
    let origin = this.#origins.get(name);
    const known = this.find(name, epoch);
    if (origin && known) {
      origin.heardMs = nowMs;
      return known;
    }
    if (epoch > (wallMs + EPOCH_AHEAD_MS_MAX) * EPOCHS_PER_MS) return "ahead";
    const oldest = origin?.streams[EPOCHS_KEPT - 1];
    if (oldest && epoch < oldest.epoch) return "stale";
    const newest = origin?.streams[0];
    if (!origin) this.#origins.set(name, (origin = { name, streams: [], heardMs: nowMs }));
    const stream = new Stream(name, epoch, newest !== undefined && epoch > newest.epoch);
    origin.streams.push(stream);
    origin.streams.sort((one, other) => other.epoch - one.epoch);
    origin.heardMs = nowMs;
    for (const old of origin.streams.splice(EPOCHS_KEPT)) this.#forget(old);
    if (this.#origins.size > this.#max) this.#forgetQuietest(origin);
    return stream;
  }

  /** Yields all epochs. */
  *streams(): Generator<Stream, void, undefined> {
    for (const { streams } of this.#origins.values()) yield* streams;
  }

  #forgetQuietest(newest: Origin): void {
    let quietest: Origin | undefined;
    for (const origin of this.#origins.values())
      if (origin !== newest && origin.name !== this.#self && (!quietest || origin.heardMs < quietest.heardMs)) quietest = origin;
    if (!quietest) return;
    this.#origins.delete(quietest.name);
    for (const stream of quietest.streams) this.#forget(stream);
  }
}

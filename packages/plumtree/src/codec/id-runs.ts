import { FRAME_IDS_MAX, FRAME_RUNS_MAX } from "../limits.ts";
import type { IdRun } from "./message.ts";
import type { Stream } from "../protocol/stream.ts";

/** Gathers ids into runs, and runs into frames. */
export class IdRuns {
  readonly #runs: { stream: Stream; from: number; length: number; round: number }[] = [];

  /** Adds an id. Consecutive ids of one epoch and round make one run. */
  add(stream: Stream, counter: number, round: number): void {
    const last = this.#runs.at(-1);
    const joins = last?.stream === stream && last.round === round && last.from + last.length === counter;
    if (joins && last.length < FRAME_IDS_MAX) last.length += 1;
    else this.#runs.push({ stream, from: counter, length: 1, round });
  }

  /** Yields the runs of each frame. */
  *frames(): Generator<readonly IdRun[], void, undefined> {
    let frame: IdRun[] = [];
    let ids = 0;
    for (const { stream, from, length, round } of this.#runs) {
      if (frame.length === FRAME_RUNS_MAX || ids + length > FRAME_IDS_MAX) {
        yield frame;
        frame = [];
        ids = 0;
      }
      ids += length;
      frame.push({ origin: stream.origin, epoch: stream.epoch, from, length, round });
    }
    if (frame.length > 0) yield frame;
  }
}

import type { Share } from "./share.ts";

/**
 * - `cause`: another service is behind the target's trouble; the first candidate.
 * - `target-itself`: the trouble began in the target, or in its group.
 * - `nothing-unusual`: windows like this one are in the normal period, more often than the false-alarm rate allows.
 * - `cannot-tell`: something is unusual, and no candidate explains enough of it.
 */
export type Verdict = "cause" | "target-itself" | "nothing-unusual" | "cannot-tell";

/** A metric that was not as in the normal period. */
export interface MovedMetric {
  /** Name of the metric. */
  readonly metric: string;
  /** Direction of its move. */
  readonly direction: "up" | "down";
  /** Its height over its usual largest in a normal window: above 1 is rare. */
  readonly ratio: number;
  /** The change point: the row of the incident where it begins. Row 0 may have begun before. */
  readonly sinceRow: number;
  /** When that was; undefined if the table has no times. */
  readonly sinceMs: number | undefined;
}

/** A suspect. */
export interface Candidate {
  /** The service; of a group, the member that is most suspect. */
  readonly node: string;
  /** All members of its group, which call each other in a circle; the service alone if it is in no circle. */
  readonly members: readonly string[];
  /** Score of the ranker, which orders the candidates. */
  readonly score: number;
  /** The part of the target's excess that it accounts for. */
  readonly share: Share;
  /** Its part of the target's deviation over its usual largest in a normal window: above 1 is rare. */
  readonly ratio: number;
  /** The row of the incident since which it deviates. */
  readonly sinceRow: number;
  /** When that was; undefined if the table has no times. */
  readonly sinceMs: number | undefined;
  /** Its metrics that moved, the furthest first. */
  readonly moved: readonly MovedMetric[];
  /** A shortest way from it to the target, both included; empty for one that is listed apart. */
  readonly path: readonly string[];
  /** By row of the incident: what the target's metric had been without its part; NaN where one of them was not measured. */
  readonly targetWithout: Float64Array;
}

/** The answer of {@link diagnose}. */
export interface Diagnosis {
  /** The answer. */
  readonly verdict: Verdict;
  /** The verdict in a sentence for people. */
  readonly sentence: string;
  /** Part of normal windows that are at least as unusual: the verdict is not `nothing-unusual` if the asked rate is as high. */
  readonly falseAlarmRate: number;
  /** Windows of the normal period that it was compared with. */
  readonly windows: number;
  /** The target: its own trouble as a candidate, without a path. */
  readonly target: Candidate & {
    readonly metric: string;
    readonly worse: "higher" | "lower";
    /** Its normal median. */
    readonly normal: number;
    /** Its mean deviation to the bad side from `sinceRow` to before `toRow`: what the shares are parts of. */
    readonly excess: number;
    /** The row after the last one of its trouble. */
    readonly toRow: number;
  };
  /** The most suspect services with a way to the target. */
  readonly candidates: readonly Candidate[];
  /** Services that moved with the target and have no way to it: an edge may be missing, or both have the same cause. */
  readonly apart: readonly Candidate[];
}

import { NormalTooShortError } from "../errors.ts";
import type { Contribution } from "./contribution.ts";
import type { Evidence } from "./evidence.ts";
import { scan, type Segment, usualLargest, WindowScan } from "./scan.ts";
import { Tail } from "./tail.ts";

/** The normal period is cut into this many parts, and each is judged by the others: see {@link alarmOf}. */
const PARTS = 4;
/** A part of the target's deviation below this many of the target's standard deviations is nobody's trouble. */
const FLOOR_DEVIATIONS = 0.5;
/** Most windows that are calibrated on; a longer period is sampled evenly. */
const WINDOWS_MAX = 2_000;

/** Rarity of one series in the incident. */
export interface Unusual {
  /** The segment of the incident where it is highest. */
  readonly segment: Segment;
  /** Its height there, over its usual largest in a normal window: above 1 is rare. */
  readonly ratio: number;
}

/** Rarity of the incident beside windows of the normal period of the same length. */
export interface Alarm {
  /** The target's whole deviation. */
  readonly target: Unusual;
  /** By node: its part of the target's deviation, no more than the target deviated. */
  readonly nodes: readonly (Unusual | undefined)[];
  /** Part of the normal windows that are at least as unusual, all nodes together: the rate at which this is a false alarm. */
  readonly rate: number;
  /** Windows that it was calibrated on. */
  readonly windows: number;
}

/**
 * Compares the incident with every window of its length in the normal period. A window is as unusual as the most unusual of
 * the nodes with a way to the target, and of the target's whole deviation: one number a window, so that many nodes make no
 * more false alarms than few.
 *
 * A node's usual largest height must not be taken from the window that it judges, or a node that was strange but once
 * hides it. So the period is cut in parts, and the windows of one are judged by those of the others (cross-fitting).
 *
 * @throws {@link NormalTooShortError} if the rate asked for is less than one window.
 */
export function alarmOf(evidence: Evidence, contributions: readonly (Contribution | undefined)[], falseAlarmRate: number): Alarm {
  const { symptom, system } = evidence;
  const rows = symptom.incident.length;
  const all = symptom.normal.length - rows + 1;
  // A rate of 1 / 49 times 49 is a little below 1 in floating point.
  const needed = Math.ceil(1 / falseAlarmRate - 1e-9);
  if (all < needed) throw new NormalTooShortError(falseAlarmRate, needed + rows - 1, symptom.normal.length, rows);
  const stride = Math.ceil(all / Math.max(WINDOWS_MAX, needed));
  const overlap = Math.ceil(rows / stride);
  const floor = FLOOR_DEVIATIONS * symptom.baseline.spread;
  const windowScan = new WindowScan(symptom.normal.length, rows, stride);
  const windows = new Float64Array(windowScan.heights.length);
  let most = 0;
  const judge = (normal: Float64Array, incident: Float64Array, counts: boolean): Unusual => {
    const heights = windowScan.of(normal);
    const segment = scan(incident);
    const ratio = segment.height / usualLargest(heights, floor);
    if (counts) {
      raise(windows, heights, overlap, floor);
      most = Math.max(most, ratio);
    }
    return { segment, ratio };
  };
  const target = judge(symptom.normal, symptom.incident, true);
  const [normal, incident] = [symptom.normal.slice(), symptom.incident.slice()];
  const nodes = contributions.map((part, node) => {
    const hasWay = node === system.target || system.nextHop[node] !== -1;
    return part && judge(lesser(part.normal, symptom.normal, normal), lesser(part.incident, symptom.incident, incident), hasWay);
  });
  return { target, nodes, rate: new Tail(windows).rate(most), windows: windows.length };
}

/** Raises each window to the ratio of its height over the usual largest of the windows that are not in its part, nor overlap it. */
function raise(windows: Float64Array, heights: Float64Array, overlap: number, floor: number): void {
  for (let part = 0; part < PARTS; part++) {
    const [from, to] = [Math.floor((heights.length * part) / PARTS), Math.floor((heights.length * (part + 1)) / PARTS)];
    const [skipFrom, skipTo] = [Math.max(0, from - overlap + 1), Math.min(heights.length, to + overlap - 1)];
    // Too short a period has no windows that do not overlap: all of them are better than none.
    const usual = skipTo - skipFrom < heights.length ? usualLargest(heights, floor, skipFrom, skipTo) : usualLargest(heights, floor);
    for (let at = from; at < to; at++) windows[at] = Math.max(windows[at] ?? 0, (heights[at] ?? 0) / usual);
  }
}

/** Puts the lesser of two series, row by row, into a third. */
function lesser(part: Float64Array, whole: Float64Array, least: Float64Array): Float64Array {
  for (let row = 0; row < least.length; row++) least[row] = Math.min(part[row] ?? Number.NaN, whole[row] ?? Number.NaN);
  return least;
}

import { escaped, linePath, round } from "./markup.ts";

const [WIDTH, HEIGHT, TOP] = [720, 180, 14];
/** Points that a line is drawn by: the lowest and the highest of as many stretches. */
const STRETCHES_MAX = 300;
/** Part of the width that the incident has beside the normal period, at least. */
const INCIDENT_PART_MIN = 0.25;

/** A series over the normal period and the incident, the incident shaded, with the row since which it deviates. */
export function drawContext(label: string, normal: ArrayLike<number>, incident: ArrayLike<number>, sinceRow: number): string {
  const [before, now] = [Array.from(normal), Array.from(incident)];
  const part = before.length === 0 ? 1 : Math.max(INCIDENT_PART_MIN, now.length / (now.length + before.length));
  const from = WIDTH * (1 - part);
  const y = scaleOf([...before, ...now]);
  const xNormal = (row: number): number => round((row / Math.max(1, before.length)) * from);
  const xIncident = (row: number): number => round(from + (row / Math.max(1, now.length - 1)) * (WIDTH - from));
  const { rows, values } = thinned(before);
  return frame(label, y, [
    `<rect class="shade" x="${round(from)}" width="${round(WIDTH - from)}" height="${HEIGHT}"/>`,
    `<path class="measured" d="${linePath(values, (at) => xNormal(rows[at] ?? 0), y.of)}"/>`,
    `<path class="measured" d="${linePath(now, xIncident, y.of)}"/>`,
    `<path class="since" d="M${xIncident(sinceRow)} 0V${HEIGHT}"/>`,
  ]);
}

/** The target in the incident: measured, without a suspect, and its normal median. */
export function drawIncident(label: string, measured: ArrayLike<number>, without: ArrayLike<number>, normal: number, sinceRow: number): string {
  const y = scaleOf([...Array.from(measured), ...Array.from(without), normal]);
  const x = (row: number): number => round((row / Math.max(1, measured.length - 1)) * WIDTH);
  return frame(label, y, [
    `<path class="normal" d="M0 ${y.of(normal)}H${WIDTH}"/>`,
    `<path class="since" d="M${x(sinceRow)} 0V${HEIGHT}"/>`,
    `<path class="without" d="${linePath(without, x, y.of)}"/>`,
    `<path class="measured" d="${linePath(measured, x, y.of)}"/>`,
    `<path class="at" d=""/>`,
  ]);
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly of: (value: number) => number;
}

function scaleOf(values: readonly number[]): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high, of: (value) => round(HEIGHT - TOP - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * TOP)) };
}

function frame(label: string, { low, high }: Scale, parts: readonly string[]): string {
  const edge = (value: number, y: number): string => (Number.isFinite(value) ? `<text x="4" y="${y}">${Number(value.toPrecision(3))}</text>` : "");
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${parts.join("")}${edge(high, TOP - 3)}${edge(low, HEIGHT - 2)}</svg>`;
}

/** The lowest and the highest value of each stretch, in their order, so that no spike is lost. */
function thinned(values: readonly number[]): { readonly rows: readonly number[]; readonly values: readonly number[] } {
  if (values.length <= 2 * STRETCHES_MAX) return { rows: [...values.keys()], values };
  const rows: number[] = [];
  const length = values.length / STRETCHES_MAX;
  for (let stretch = 0; stretch < STRETCHES_MAX; stretch++) {
    const [from, to] = [Math.floor(stretch * length), Math.floor((stretch + 1) * length)];
    let [low, high] = [from, from];
    for (let row = from; row < to; row++) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      if (!((values[low] ?? Number.NaN) <= value)) low = row;
      if (!((values[high] ?? Number.NaN) >= value)) high = row;
    }
    rows.push(Math.min(low, high), Math.max(low, high));
  }
  return { rows, values: rows.map((row) => values[row] ?? Number.NaN) };
}

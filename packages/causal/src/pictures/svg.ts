import type { Candidate, Diagnosis } from "../diagnosis/diagnosis.ts";
import type { MetricTable } from "../metric-table.ts";
import { checkDiagnosis, columnOf } from "./check-diagnosis.ts";
import { escaped, linePath, percent, round, shortened } from "./markup.ts";

const WIDTH = 880;
const ROW = 26;
const LEFT = 300;
const BARS_MAX = 8;
const WAY_BOXES_MAX = 9;
const LABEL_CHARACTERS_MAX = 40;
const COLOURS = { ink: "#222", pale: "#999", cause: "#b02a37", bar: "#5b8def", without: "#2a8f5b" };

/**
 * A diagnosis as one SVG picture: the way from the cause to the target, the share of each candidate with its interval, and
 * the target's metric over the incident, with the change point and what it had been without the first candidate.
 *
 * @param incident - the table that the diagnosis was asked about.
 * @returns a whole SVG document, without scripts or links.
 * @throws `InvalidQueryError` for what is no diagnosis, or no table.
 */
export function toSvg(diagnosis: Diagnosis, incident: MetricTable): string {
  checkDiagnosis(diagnosis);
  const { candidates, target, verdict, sentence } = diagnosis;
  const cause = verdict === "cause" ? candidates[0] : undefined;
  const way = cause?.path ?? [target.node];
  const bars = [...candidates.slice(0, BARS_MAX), target];
  const parts = [text(16, 28, sentence, COLOURS.ink, 15), drawWay(way, 46), ...bars.map((bar, at) => drawBar(bar, bar === cause, bar === target, 110 + at * ROW))];
  const seriesTop = 130 + bars.length * ROW;
  parts.push(drawSeries(diagnosis, incident, seriesTop));
  const height = seriesTop + 240;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" role="img" aria-label="${escaped(sentence)}">\n<rect width="100%" height="100%" fill="#fff"/>\n${parts.join("\n")}\n</svg>\n`;
}

/** Boxes in a row, the cause first; of a long way its ends. */
function drawWay(all: readonly string[], top: number): string {
  const half = WAY_BOXES_MAX >> 1;
  const way = all.length > WAY_BOXES_MAX ? [...all.slice(0, half), `${all.length - WAY_BOXES_MAX + 1} more`, ...all.slice(half + 1 - WAY_BOXES_MAX)] : all;
  const step = (WIDTH - 32) / way.length;
  return way
    .map((node, at) => {
      const [left, width] = [16 + at * step, step - 24];
      const arrow = at + 1 < way.length ? text(left + width + 4, top + 22, "→", COLOURS.ink, 16) : "";
      const stroke = at === 0 && way.length > 1 ? COLOURS.cause : COLOURS.ink;
      return `<rect x="${round(left)}" y="${top}" width="${round(width)}" height="34" rx="4" fill="none" stroke="${stroke}"/>${text(left + 8, top + 22, node, stroke, 12, Math.max(3, Math.floor(width / 7)))}${arrow}`;
    })
    .join("");
}

function drawBar({ node, share }: Candidate, isCause: boolean, isTarget: boolean, top: number): string {
  const x = (part: number): number => round(LEFT + part * (WIDTH - LEFT - 80));
  const middle = top + 9;
  const colour = isCause ? COLOURS.cause : isTarget ? COLOURS.pale : COLOURS.bar;
  return [
    text(16, top + 13, isTarget ? `${node} itself` : node, COLOURS.ink, 12),
    `<rect x="${x(0)}" y="${top}" width="${round(x(share.value) - x(0))}" height="18" fill="${colour}" fill-opacity="0.6"/>`,
    `<path d="M${x(share.low)} ${middle}H${x(share.high)}M${x(share.low)} ${top + 4}v10M${x(share.high)} ${top + 4}v10" stroke="${COLOURS.ink}" fill="none"/>`,
    text(WIDTH - 68, top + 13, percent(share.value), COLOURS.ink, 12),
  ].join("");
}

function drawSeries({ target, candidates, verdict }: Diagnosis, incident: MetricTable, top: number): string {
  const measured = Array.from(columnOf("incident", incident, target.node, target.metric));
  const without = verdict === "cause" ? [...(candidates[0]?.targetWithout ?? [])] : [];
  const seen = [...measured, ...without, target.normal].filter((value) => Number.isFinite(value));
  const [low, high] = [seen.reduce((least, value) => Math.min(least, value)), seen.reduce((most, value) => Math.max(most, value))];
  const x = (row: number): number => round(60 + (row / Math.max(1, measured.length - 1)) * (WIDTH - 80));
  const y = (value: number): number => round(top + 190 - ((value - low) / (high - low || 1)) * 160);
  const line = (values: readonly number[], colour: string, dash: string): string =>
    `<path d="${linePath(values, x, y)}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
  return [
    text(16, top + 12, `${target.metric} of ${target.node}`, COLOURS.ink, 13, 90),
    `<path d="M60 ${y(target.normal)}H${WIDTH - 20}" stroke="${COLOURS.pale}"/>`,
    text(8, y(target.normal) + 4, "normal", COLOURS.pale, 11),
    `<path d="M${x(target.sinceRow)} ${top + 20}V${top + 195}" stroke="${COLOURS.cause}" stroke-dasharray="4 3"/>`,
    text(x(target.sinceRow) + 4, top + 30, "since here", COLOURS.cause, 11),
    line(without, COLOURS.without, ' stroke-dasharray="6 4"'),
    line(measured, COLOURS.ink, ""),
    without.length > 0 ? text(60, top + 215, `dashed: without ${candidates[0]?.node ?? ""}`, COLOURS.without, 12, 80) : "",
  ].join("");
}

function text(x: number, y: number, content: string, colour: string, size: number, most: number = size > 13 ? 120 : LABEL_CHARACTERS_MAX): string {
  return `<text x="${round(x)}" y="${round(y)}" fill="${colour}" font-size="${size}">${escaped(shortened(content, most))}</text>`;
}

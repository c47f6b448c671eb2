import type { ChartMark, ChartRow, SequenceChart } from "./sequence-chart.ts";

const LEFT = 120;
const COLUMN = 150;
const ROW = 24;
/** Width of one character in pixels, slightly too large. */
const CHARACTER = 7.5;

const COLOURS: Readonly<Record<ChartMark, string>> = {
  message: "#1f5fbf",
  lost: "#c0392b",
  waiting: "#c0392b",
  timer: "#7a5c00",
  disk: "#2e7d32",
  start: "#2e7d32",
  end: "#c0392b",
  fault: "#c0392b",
  link: "#777777",
  client: "#6a3fa0",
  failure: "#c0392b",
  other: "#444444",
};

/**
 * Returns a chart as a standalone SVG. It has no scripts, loads nothing, and escapes all text of nodes and clients.
 * Arrows slope from the row in which a frame was sent to the row in which it arrived.
 *
 * @example
 * ```ts
 * import { chartSvg, sequenceChart } from "@void-system/simulation";
 *
 * const start = { event: 1, atMs: 0, kind: "start", node: "a", peer: undefined, bytes: undefined, cause: 0, note: "" };
 * const svg = chartSvg(sequenceChart([start], { title: "<script>" }));
 * svg.startsWith("<svg "); // => true
 * svg.includes("<script>"); // => false
 * ```
 */
export function chartSvg(chart: SequenceChart): string {
  const { nodes, rows, title, omitted } = chart;
  const top = title === "" ? 44 : 68;
  const y = (row: number): number => top + ROW * (row + 1);
  const longest = Math.max(0, ...rows.map((row) => row.text.length));
  const width = Math.ceil(x(nodes.length - 1) + 80 + longest * CHARACTER);
  const height = y(rows.length) + ROW;
  const label = title === "" ? "message sequence chart" : title;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `role="img" aria-label="${escaped(label)}" font-family="ui-monospace, monospace" font-size="12">`,
    `<title>${escaped(label)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...(title === "" ? [] : [text(16, 24, title, "#111111", 'font-size="14" font-weight="bold"')]),
    ...(omitted > 0 ? [text(16, top - 2, `${omitted} earlier events`, "#777777")] : []),
    ...nodes.map((name, column) =>
      text(x(column), top - 20, name, "#111111", 'text-anchor="middle" font-weight="bold"')
    ),
    ...nodes.flatMap((_, column) => lifeline(chart, column, y)),
    ...rows.flatMap((row, at) => drawn(row, at, y, nodes.length)),
    "</svg>",
    "",
  ].join("\n");
}

/** Draws a solid line while the node is up, and a dotted one while it is down. */
function lifeline({ rows, upBefore }: SequenceChart, column: number, y: (row: number) => number): string[] {
  const lines: string[] = [];
  let since = -0.7;
  let up = upBefore[column] ?? false;
  const until = (row: number): void => {
    const style = up ? 'stroke="#555555"' : 'stroke="#bbbbbb" stroke-dasharray="2 4"';
    lines.push(`<line x1="${x(column)}" y1="${y(since)}" x2="${x(column)}" y2="${y(row)}" ${style}/>`);
    since = row;
  };
  for (const [at, row] of rows.entries()) {
    const next = row.up[column] ?? false;
    if (next === up) continue;
    until(at);
    up = next;
  }
  until(rows.length - 0.3);
  return lines;
}

function drawn(row: ChartRow, at: number, y: (row: number) => number, columns: number): string[] {
  const colour = COLOURS[row.mark];
  const here = y(at);
  const event = row.event > 0 ? String(row.event) : "";
  const bold = row.mark === "failure" ? 'font-weight="bold"' : "";
  return [
    text(44, here + 4, event, "#999999", 'text-anchor="end"'),
    text(LEFT - 10, here + 4, row.atMs.toFixed(3), "#999999", 'text-anchor="end"'),
    ...sign(row, at, y, colour),
    text(x(columns - 1) + 40, here + 4, row.text, colour, bold),
  ];
}

function sign(row: ChartRow, at: number, y: (row: number) => number, colour: string): string[] {
  const { column, from, mark, sentRow } = row;
  if (column < 0) return [];
  const here = y(at);
  if (from >= 0 && from !== column)
    return arrow(x(from), sentRow >= 0 ? y(sentRow) : here, x(column), here, mark, colour);
  switch (mark) {
    case "end":
      return [cross(x(column), here, colour)];
    case "disk":
      return [`<rect x="${x(column) - 4}" y="${here - 4}" width="8" height="8" fill="${colour}"/>`];
    case "timer":
      return [`<circle cx="${x(column)}" cy="${here}" r="4" fill="#ffffff" stroke="${colour}"/>`];
    default:
      return [`<circle cx="${x(column)}" cy="${here}" r="4" fill="${colour}"/>`];
  }
}

/** Draws an arrow from the sender's row to the receiver's. A lost frame ends half way with a cross, a waiting one with a bar. */
function arrow(x1: number, y1: number, x2: number, y2: number, mark: ChartMark, colour: string): string[] {
  if (mark === "lost" || mark === "waiting") {
    const [middle, down] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const end = mark === "lost" ? cross(middle, down, colour) : line(middle, down - 7, middle, down + 7, colour);
    return [line(x1, y1, middle, down, colour, 'stroke-dasharray="5 3"'), end];
  }
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = [
    [x2, y2],
    [x2 - 9 * dx - 4 * dy, y2 - 9 * dy + 4 * dx],
    [x2 - 9 * dx + 4 * dy, y2 - 9 * dy - 4 * dx],
  ];
  const points = head.map(([px = 0, py = 0]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
  return [line(x1, y1, x2, y2, colour), `<polygon points="${points}" fill="${colour}"/>`];
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, more = ""): string {
  const ends = `x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"`;
  return `<line ${ends} stroke="${colour}" stroke-width="1.5"${more === "" ? "" : ` ${more}`}/>`;
}

function cross(cx: number, cy: number, colour: string): string {
  return `<path d="M${cx - 5} ${cy - 5}l10 10m0 -10l-10 10" stroke="${colour}" stroke-width="2" fill="none"/>`;
}

/** Draws text with a white rim, which keeps it legible over lines. */
function text(at: number, y: number, content: string, colour: string, more = ""): string {
  if (content === "") return "";
  const rim = 'stroke="#ffffff" stroke-width="3" paint-order="stroke"';
  return `<text x="${at}" y="${y}" fill="${colour}" ${rim}${more === "" ? "" : ` ${more}`}>${escaped(content)}</text>`;
}

function x(column: number): number {
  return LEFT + COLUMN * column + 40;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes text for elements and attributes. Characters that XML cannot hold (control characters, lone surrogates)
 * become U+FFFD.
 */
function escaped(content: string): string {
  return content
    .replaceAll(/(?![\t\n\r])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

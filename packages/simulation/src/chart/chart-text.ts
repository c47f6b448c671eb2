import type { ChartMark, ChartRow, SequenceChart } from "./sequence-chart.ts";

const COLUMN_MIN = 9;
const NAME_MAX = 16;

const SIGNS: Readonly<Record<ChartMark, string>> = {
  message: "*",
  lost: "*",
  waiting: "*",
  timer: "t",
  disk: "d",
  start: "o",
  end: "X",
  fault: "!",
  link: "~",
  client: "",
  failure: "",
  other: "*",
};

/**
 * Returns a chart as text, with one line an event. Arrows go from sender to receiver (`--->`, `---x` if the frame is
 * lost, or `---=` if a clogged link holds it back). `o` is a start, `X` an end, `t` a timer, `d` the disk, `~` a link,
 * and `:` a node that is down.
 *
 * @example
 * ```ts
 * import { chartText, sequenceChart } from "@void-system/simulation";
 *
 * const start = { event: 1, atMs: 0, kind: "start", node: "a", peer: undefined, bytes: undefined, cause: 0, note: "" };
 * chartText(sequenceChart([start])).split("\n");
 * // => [
 * //   "event       ms  a",
 * //   "    1    0.000  o        a starts",
 * // ]
 * ```
 */
export function chartText(chart: SequenceChart): string {
  const names = chart.nodes.map((name) => (name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name));
  const width = Math.max(COLUMN_MIN, ...names.map((name) => name.length + 2));
  const head = `event       ms  ${names.map((name) => name.padEnd(width)).join("")}`.trimEnd();
  const lines = chart.rows.map((row, at) => line(row, chart.rows[at - 1]?.up ?? chart.upBefore, width));
  const omitted = chart.omitted > 0 ? [`  ...  ${chart.omitted} earlier events`] : [];
  return [...(chart.title === "" ? [] : [chart.title]), head, ...omitted, ...lines].join("\n");
}

function line(row: ChartRow, upBefore: readonly boolean[], width: number): string {
  const event = row.event > 0 ? String(row.event) : row.mark === "failure" ? "FAIL" : "";
  const cells = [...row.up.map((up) => (up ? "|" : ":").padEnd(width)).join("")];
  const put = (at: number, sign: string): void => {
    if (sign !== "") cells[at] = sign;
  };
  if (row.column >= 0 && row.from >= 0 && row.from !== row.column) arrow(cells, row, width);
  else if (row.column >= 0) put(row.column * width, SIGNS[row.mark]);
  // Draws the end of a node only where the node was up.
  if (row.mark === "end" && row.column >= 0 && upBefore[row.column] === false) put(row.column * width, ":");
  return `${event.padStart(5)} ${row.atMs.toFixed(3).padStart(8)}  ${cells.join("")}${row.text}`.trimEnd();
}

function arrow(cells: string[], { column, from, mark }: ChartRow, width: number): void {
  const right = column > from;
  const [low, high] = right ? [from, column] : [column, from];
  for (let at = low * width + 1; at < high * width; at += 1) cells[at] = "-";
  const middle = Math.floor(((low + high) / 2) * width);
  if (mark === "lost") cells[middle] = "x";
  else if (mark === "waiting") cells[middle] = "=";
  else cells[right ? high * width - 1 : low * width + 1] = right ? ">" : "<";
}

import type { FaultKind } from "../world/fault.ts";
import { frameLabel } from "./frame-label.ts";

/** One event of a run, as `simulate` records it with `trace: true`. */
export interface ChartEvent {
  /** Number of the event in the run. */
  readonly event: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  readonly kind: string;
  /** Node of the event; undefined for the simulation itself. */
  readonly node: string | undefined;
  /** Sender of a frame, or the other end of a link. */
  readonly peer: string | undefined;
  /** Bytes of a frame. */
  readonly bytes: Uint8Array | undefined;
  /** Number of the event that caused this one by sending the frame or setting the timer. */
  readonly cause: number;
  /** Result of the event: `lost`, `up`, `sync`, …; may be empty. */
  readonly note: string;
}

/** An operation of a client, as `simulate` records it. */
export interface ChartOperation {
  /** The client. */
  readonly client: string;
  readonly op: string;
  /** Object of the operation. */
  readonly key?: string;
  /** Request. */
  readonly input: unknown;
  /** Answer. */
  readonly output: unknown;
  /** Time of the call, in virtual milliseconds. */
  readonly invokedAtMs: number;
  /** Time of the return; undefined if there was none. */
  readonly returnedAtMs: number | undefined;
}

/** Contents of a chart. */
export interface ChartOptions {
  /** The nodes from left to right. @defaultValue those of the events, in the order in which they appear */
  readonly nodes?: readonly string[];
  /** Operations of clients. @defaultValue none */
  readonly operations?: readonly ChartOperation[];
  /** Reason of the failure: the last line of the chart. */
  readonly failure?: string;
  /** Most events to show; the last ones are kept. @defaultValue 60 */
  readonly eventsMax?: number;
  /** Shows links that come up and go down. Without them, a chart of many nodes is about half as long. @defaultValue true */
  readonly links?: boolean;
  /** Returns the label of a frame. @defaultValue its text if printable, otherwise its length and first bytes */
  readonly describe?: (frame: Uint8Array) => string;
  /** Heading. @defaultValue none */
  readonly title?: string;
}

/** Kind of a row. */
export type ChartMark =
  | "message"
  | "lost"
  | "waiting"
  | "timer"
  | "disk"
  | "start"
  | "end"
  | "fault"
  | "link"
  | "client"
  | "failure"
  | "other";

/** One line of a chart. */
export interface ChartRow {
  /** Number of the event; 0 for rows that are no events. */
  readonly event: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  /** Kind of the row. */
  readonly mark: ChartMark;
  /** Column of the row's lifeline; -1 if none. */
  readonly column: number;
  /** Sender's column of a message; otherwise -1. */
  readonly from: number;
  /** Row of the event that sent a message, if shown; otherwise -1. */
  readonly sentRow: number;
  /** Text for people. */
  readonly text: string;
  /** True for each column whose node is up after this row. */
  readonly up: readonly boolean[];
}

/** A run as rows and columns, for {@link chartText} and {@link chartSvg}. */
export interface SequenceChart {
  /** Heading; may be empty. */
  readonly title: string;
  /** The nodes from left to right. */
  readonly nodes: readonly string[];
  /** Events, from top to bottom. */
  readonly rows: readonly ChartRow[];
  /** Number of earlier events that are not shown. */
  readonly omitted: number;
  /** True for each column whose node was up before the first row. */
  readonly upBefore: readonly boolean[];
}

const EVENTS_MAX = 60;
const TEXT_LENGTH_MAX = 160;
/** First words of the notes of faults. Notes of other planned actions are written by the test. */
const FAULTS: Readonly<Record<FaultKind, true>> = {
  crash: true,
  pause: true,
  partition: true,
  block: true,
  clog: true,
  link: true,
  flap: true,
  "clock-jump": true,
  "clock-rate": true,
  "clock-freeze": true,
  "disk-full": true,
  "disk-slow": true,
  "bit-rot": true,
};

/**
 * Lays out the events of a run as a message sequence chart: nodes as lifelines, frames as arrows.
 *
 * @example
 * ```ts
 * import { chartText, sequenceChart } from "@void-system/simulation";
 *
 * const common = { peer: undefined, bytes: undefined, cause: 0, note: "" };
 * const bytes = new TextEncoder().encode("hi");
 * const chart = sequenceChart([
 *   { ...common, event: 1, atMs: 0, kind: "start", node: "a" },
 *   { ...common, event: 2, atMs: 0, kind: "start", node: "b" },
 *   { ...common, event: 3, atMs: 1.5, kind: "frame", node: "b", peer: "a", bytes, cause: 1 },
 * ]);
 * chart.nodes; // => ["a", "b"]
 * chartText(chart).split("\n").at(-1)?.endsWith('b gets "hi" from a'); // => true
 * ```
 */
export function sequenceChart(events: readonly ChartEvent[], options: ChartOptions = {}): SequenceChart {
  const { eventsMax = EVENTS_MAX, operations = [], failure, describe = frameLabel, title = "", links = true } = options;
  const nodes = options.nodes ?? namesIn(events);
  const columns = new Map(nodes.map((name, column) => [name, column]));
  const drawn = links ? events : events.filter(({ kind }) => kind !== "link");
  const omitted = Math.max(0, drawn.length - eventsMax);
  const shown = drawn.slice(omitted);
  const up = nodes.map(() => false);
  for (const event of drawn.slice(0, omitted)) follow(up, markOf(event), columnOf(event, columns));
  const upBefore = [...up];

  const rows: ChartRow[] = [];
  const rowOf = new Map<number, number>();
  const clientRows = linesOfClients(operations, omitted > 0 ? (shown[0]?.atMs ?? 0) : -Infinity);
  /** Adds client rows up to a time; of those at that very time, calls, returns or both. */
  const clientsUntil = (atMs: number, callsToo: boolean, returnsToo: boolean): void => {
    for (let next = clientRows[0]; next; next = clientRows[0]) {
      if (next.atMs > atMs || (next.atMs === atMs && !(next.isReturn ? returnsToo : callsToo))) return;
      clientRows.shift();
      rows.push({ ...next, event: 0, mark: "client", column: -1, from: -1, sentRow: -1, up: [...up] });
    }
  };
  for (const event of shown) {
    // A client calls nothing before it has started.
    clientsUntil(event.atMs, event.kind !== "start", false);
    const column = columnOf(event, columns);
    follow(up, markOf(event), column);
    rowOf.set(event.event, rows.length);
    rows.push({
      event: event.event,
      atMs: event.atMs,
      mark: markOf(event),
      column,
      from: event.kind === "frame" ? (columns.get(event.peer ?? "") ?? -1) : -1,
      sentRow: rowOf.get(event.cause) ?? -1,
      text: cut(textOf(event, describe)),
      up: [...up],
    });
  }
  clientsUntil(Infinity, true, true);
  const atMs = rows.at(-1)?.atMs ?? 0;
  if (failure !== undefined)
    rows.push({ event: 0, atMs, mark: "failure", column: -1, from: -1, sentRow: -1, text: cut(failure), up });
  return { title: cut(title), nodes, rows, omitted, upBefore };
}

function namesIn(events: readonly ChartEvent[]): string[] {
  const names = new Set<string>();
  for (const { node, peer } of events) for (const name of [node, peer]) if (name !== undefined) names.add(name);
  return [...names];
}

/** Returns the column of the node that an event happens to. */
function columnOf({ kind, node, note }: ChartEvent, columns: ReadonlyMap<string, number>): number {
  const name = kind === "fault" ? note.slice(note.lastIndexOf(" ") + 1) : (node ?? "");
  return columns.get(name) ?? -1;
}

/** Tracks which nodes are up. A paused node counts as up. */
function follow(up: boolean[], mark: ChartMark, column: number): void {
  if (column >= 0 && (mark === "start" || mark === "end")) up[column] = mark === "start";
}

function markOf({ kind, note }: ChartEvent): ChartMark {
  if (kind === "fault" && note.startsWith("crash ")) return "end";
  switch (kind) {
    case "frame":
      return note.includes("lost") ? "lost" : note.includes("clogged") ? "waiting" : "message";
    case "timer":
    case "disk":
    case "start":
    case "link":
      return kind;
    case "fault":
      return isFault(note) ? "fault" : "other";
    case "crash":
    case "stop":
      return "end";
    default:
      return "other";
  }
}

function isFault(note: string): boolean {
  return Object.hasOwn(FAULTS, note.replace(/^end of /, "").split(" ", 1)[0] ?? "");
}

function textOf({ kind, node, peer, bytes, note }: ChartEvent, describe: (frame: Uint8Array) => string): string {
  const who = node ?? "";
  switch (kind) {
    case "frame": {
      const said = bytes ? describe(bytes) : "a frame";
      if (note.includes("lost")) return `${said} from ${peer ?? "?"} to ${who} is lost`;
      // It arrives, in an event of its own, when the link is no longer clogged.
      if (note.includes("clogged")) return `${said} from ${peer ?? "?"} waits for ${who} (${note})`;
      return `${who} gets ${said} from ${peer ?? "?"}${note === "" ? "" : ` (${note})`}`;
    }
    case "timer":
      return `${who}: timer`;
    case "link":
      return peer === undefined ? `${who}: links reported` : `${who}: link to ${peer} ${note}`;
    case "start":
      return `${who} starts`;
    case "crash":
      return `${who} ends`;
    case "fault":
      if (isFault(note)) return `fault: ${note}`;
      return note === "" ? "planned action" : note;
    default:
      return `${who}${who === "" ? "" : ": "}${kind}${note === "" ? "" : ` ${note}`}`;
  }
}

/** Returns the rows of clients' calls and returns, in order of time. */
function linesOfClients(
  operations: readonly ChartOperation[],
  fromMs: number
): { readonly atMs: number; readonly isReturn: boolean; readonly text: string }[] {
  const lines = operations.flatMap(({ client, op, key, input, output, invokedAtMs, returnedAtMs }) => {
    const name = key === undefined ? op : `${op} ${key}`;
    const asked = `${client} asks: ${name}${input === undefined ? "" : ` ${json(input)}`}`;
    const got = `${client} gets: ${name}${output === undefined ? "" : ` -> ${json(output)}`}`;
    const call = { atMs: invokedAtMs, isReturn: false, text: cut(asked) };
    return returnedAtMs === undefined ? [call] : [call, { atMs: returnedAtMs, isReturn: true, text: cut(got) }];
  });
  return lines.filter(({ atMs }) => atMs >= fromMs).sort((one, other) => one.atMs - other.atMs);
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === "number" ? rounded(part) : part)) ?? String(value);
  } catch {
    return String(value);
  }
}

/** Removes the noise of binary fractions: 258.63300000000004 is 258.633 to its reader. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** Joins and shortens text to one line of limited length. */
function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > TEXT_LENGTH_MAX ? `${line.slice(0, TEXT_LENGTH_MAX - 1)}…` : line;
}

import { arraysOf } from "./compile/compile.ts";
import type { CompiledProblem } from "./compile/compile.ts";
import { InvalidProblemError, quote } from "./errors.ts";
import { UNPLACED } from "./compile/partners.ts";
import { placeOf } from "./report/place.ts";
import { rowOf } from "./compile/arrays.ts";
import type { Problem } from "./compile/arrays.ts";

/** Most nodes that are drawn; the fullest are. */
export const SVG_NODES_MAX = 200;

/** Parts of a drawing. */
export interface SvgOptions {
  /** Resource whose load is drawn. @defaultValue the one that is used most */
  readonly resource?: string;
  /** Placement of before, drawn above. Tasks that moved stand out. */
  readonly before?: Readonly<Record<string, string>>;
  /** Energies of better and better placements, as `onImprove` reports them, drawn over moves. */
  readonly trace?: readonly { readonly moves: number; readonly energy: number }[];
}

const [BAR, GAP, HEIGHT, MARGIN, LABEL, WIDTH_MIN] = [22, 10, 160, 40, 60, 340];

/**
 * Draws a placement as an SVG image: each node with a line at its capacity and its tasks stacked, beside that the placement
 * of before and the energy over the moves.
 *
 * @throws `InvalidProblemError` if a placement is none of the problem, or there is no such resource.
 * @example
 * ```ts
 * import { compile, solve } from "@void-system/ising-scheduler";
 * import { toSvg } from "@void-system/ising-scheduler/svg";
 * const compiled = compile({ tasks: [{ id: "x", demand: { cpu: 1 } }], nodes: [{ id: "a", capacity: { cpu: 4 } }] });
 * toSvg(compiled, solve(compiled).placement).includes("<title>x: 1 cpu on a</title>"); // => true
 * ```
 */
export function toSvg(compiled: CompiledProblem, placement: Readonly<Record<string, string>>, options: SvgOptions = {}): string {
  const problem = arraysOf(compiled);
  const r = columnOf(problem, options.resource);
  const place = placeOf(problem, placement);
  // A placement of before may lack tasks, and name nodes that are gone.
  const { before } = options;
  const nodeAt = new Map(problem.nodes.map((name, node) => [name, node]));
  const old = before && Int32Array.from(problem.tasks, (task) => nodeAt.get(Object.hasOwn(before, task) ? (before[task] ?? "") : "") ?? UNPLACED);
  const shown = fullest(problem, place, r);
  const width = Math.max(WIDTH_MIN, MARGIN * 2 + shown.length * (BAR + GAP));
  const panels = [
    ...(old ? [["before", old] as const] : []),
    [old ? "after" : `load of ${problem.resources[r] ?? "nothing"}`, place] as const,
  ];
  const parts = panels.map(([title, placed], at) => panel(problem, r, shown, placed, old ?? placed, title, at * (HEIGHT + LABEL)));
  const below = panels.length * (HEIGHT + LABEL);
  const trace = options.trace && options.trace.length > 1 ? energyLine(options.trace, width, below) : "";
  const height = below + (trace === "" ? 0 : HEIGHT + LABEL);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="9">${parts.join("")}${trace}</svg>\n`;
}

function panel(problem: Problem, r: number, shown: readonly number[], place: Int32Array, before: Int32Array, title: string, top: number): string {
  const { tasks, nodes, resources, demand, capacity } = problem;
  const most = Math.max(1e-12, ...shown.map((node) => Math.max(capacity[node * resources.length + r] ?? 0, loadOf(problem, place, node, r))));
  const bars = shown.map((node, column) => {
    const x = MARGIN + column * (BAR + GAP);
    let y = top + MARGIN / 2 + HEIGHT;
    const boxes = [...place.keys()].flatMap((task) => {
      const need = place[task] === node ? (demand[rowOf(problem, task, node) * resources.length + r] ?? 0) : 0;
      if (need === 0) return [];
      const height = (need / most) * HEIGHT;
      y -= height;
      const moved = before[task] !== place[task];
      const hint = escaped(`${tasks[task] ?? ""}: ${need} ${resources[r] ?? ""} on ${nodes[node] ?? ""}`);
      return [`<rect x="${x}" y="${fixed(y)}" width="${BAR}" height="${fixed(height)}" fill="${moved ? "#e4572e" : "#4f8fc0"}" stroke="#fff" stroke-width="0.5"><title>${hint}</title></rect>`];
    });
    const limit = top + MARGIN / 2 + HEIGHT * (1 - (capacity[node * resources.length + r] ?? 0) / most);
    const name = `<text x="${x}" y="${top + MARGIN / 2 + HEIGHT + 12}">${escaped((nodes[node] ?? "").slice(-6))}</text>`;
    return `${boxes.join("")}<line x1="${x - 3}" x2="${x + BAR + 3}" y1="${fixed(limit)}" y2="${fixed(limit)}" stroke="#222" stroke-width="1.5"/>${name}`;
  });
  return `<g><text x="${MARGIN}" y="${top + 12}" font-size="12">${escaped(title)}</text>${bars.join("")}</g>`;
}

function energyLine(trace: NonNullable<SvgOptions["trace"]>, width: number, top: number): string {
  const energies = trace.map(({ energy }) => energy);
  const [low, high, moves] = [Math.min(...energies), Math.max(...energies), Math.max(1, ...trace.map((one) => one.moves))];
  const points = trace.map(({ moves: at, energy }) => {
    const y = top + MARGIN / 2 + HEIGHT * (1 - (energy - low) / Math.max(high - low, 1e-12));
    return `${fixed(MARGIN + (at / moves) * (width - 2 * MARGIN))},${fixed(y)}`;
  });
  const title = `energy over ${moves} moves: ${Number(high.toPrecision(4))} to ${Number(low.toPrecision(4))}`;
  return `<g><text x="${MARGIN}" y="${top + 12}" font-size="12">${title}</text><polyline fill="none" stroke="#4f8fc0" stroke-width="1.5" points="${points.join(" ")}"/></g>`;
}

function columnOf({ resources, totalUnits, demandUnits, tasks }: Problem, resource: string | undefined): number {
  if (resource !== undefined) {
    const at = resources.indexOf(resource);
    if (at < 0) throw new InvalidProblemError(`expected options.resource to be a resource of the problem, got ${quote(resource)}`);
    return at;
  }
  const used = resources.map((_, r) => tasks.reduce((sum, _task, task) => sum + (demandUnits[task * resources.length + r] ?? 0), 0) / Math.max(1, totalUnits[r] ?? 0));
  return Math.max(0, used.indexOf(Math.max(...used)));
}

/** Nodes to draw, in the order of their ids: the fullest, if they are too many. */
function fullest(problem: Problem, place: Int32Array, r: number): readonly number[] {
  const all = [...problem.nodes.keys()];
  if (all.length <= SVG_NODES_MAX) return all;
  const load = new Float64Array(all.length);
  place.forEach((node, task) => node >= 0 && (load[node] = (load[node] ?? 0) + (problem.demandUnits[rowOf(problem, task, node) * problem.resources.length + r] ?? 0)));
  return all.sort((a, b) => (load[b] ?? 0) - (load[a] ?? 0) || a - b).slice(0, SVG_NODES_MAX).sort((a, b) => a - b);
}

function loadOf(problem: Problem, place: Int32Array, node: number, r: number): number {
  const { resources, demand } = problem;
  return place.reduce((sum, on, task) => sum + (on === node ? (demand[rowOf(problem, task, node) * resources.length + r] ?? 0) : 0), 0);
}

function escaped(text: string): string {
  // Other control characters are none of XML.
  return [...text].map((one) => (one < " " ? "\ufffd" : /[<>&"]/.test(one) ? `&#${one.charCodeAt(0)};` : one)).join("");
}

function fixed(value: number): string {
  return String(Number(value.toFixed(2)));
}

import type { ClusterNode, ClusterTask } from "../cluster/model.ts";
import { quote } from "../errors.ts";
import { ImportError } from "./row.ts";
import type { Row } from "./row.ts";

/** Columns of tasks that are no resources. Lists have their values apart by `|`. */
const LISTS: ReadonlySet<string> = new Set(["groups", "tolerates", "affinity", "antiAffinity"]);
const FLAGS: ReadonlySet<string> = new Set(["mayWait", "mayPreempt", "pinned"]);

/**
 * Reads tasks from rows. The column `task` is the id; `priority`, `gang`, `mayWait`, `mayPreempt`, `pinned` (true or
 * false), `groups`, `tolerates`, `affinity`, `antiAffinity` (lists, apart by `|`) and `requires.LABEL` are what they are
 * called. Every other column is a resource with an amount. Empty cells are left out.
 *
 * @throws `ImportError` naming the row and the column of the first mistake.
 */
export function tasksFromRows(rows: readonly Row[]): readonly ClusterTask[] {
  return rows.map((row, at): ClusterTask => {
    const demand: Record<string, number> = {};
    const requires: Record<string, readonly string[]> = {};
    const more: Record<string, unknown> = {};
    for (const [column, cell] of cells(row)) {
      if (column === "task") continue;
      if (LISTS.has(column)) more[column] = cell.split("|");
      else if (FLAGS.has(column)) more[column] = flag(cell, column, at);
      else if (column === "gang") more[column] = cell;
      else if (column === "priority") more[column] = amount(cell, column, at);
      else if (column.startsWith("requires.")) requires[column.slice("requires.".length)] = cell.split("|");
      else demand[column] = amount(cell, column, at);
    }
    return { id: idOf(row, "task", at), demand, ...(Object.keys(requires).length > 0 && { requires }), ...more };
  });
}

/**
 * Reads nodes from rows. The column `node` is the id; `label.NAME` are labels; `taints` and `avoid` are lists, apart by `|`.
 * Every other column is a resource with an amount. Empty cells are left out.
 *
 * @throws `ImportError` naming the row and the column of the first mistake.
 * @example
 * ```ts
 * import { nodesFromRows } from "@void-system/ising-scheduler/import";
 * nodesFromRows([{ node: "a", cpu: "8", "label.zone": "east" }]); // => [{ id: "a", capacity: { cpu: 8 }, labels: { zone: "east" } }]
 * ```
 */
export function nodesFromRows(rows: readonly Row[]): readonly ClusterNode[] {
  return rows.map((row, at): ClusterNode => {
    const capacity: Record<string, number> = {};
    const labels: Record<string, string> = {};
    const more: Record<string, readonly string[]> = {};
    for (const [column, cell] of cells(row)) {
      if (column === "node") continue;
      if (column === "taints" || column === "avoid") more[column] = cell.split("|");
      else if (column.startsWith("label.")) labels[column.slice("label.".length)] = cell;
      else capacity[column] = amount(cell, column, at);
    }
    return { id: idOf(row, "node", at), capacity, ...(Object.keys(labels).length > 0 && { labels }), ...more };
  });
}

function cells(row: Row): readonly (readonly [string, string])[] {
  return Object.entries(row).filter(([, cell]) => cell !== "");
}

function idOf(row: Row, column: string, at: number): string {
  const id = Object.hasOwn(row, column) ? row[column] : undefined;
  if (id === undefined || id === "") throw new ImportError(`expected a ${column} in row ${at + 1}, got none`);
  return id;
}

/** Reads a number of a cell. */
export function amount(cell: string, column: string, at: number): number {
  const value = Number(cell);
  if (cell.trim() !== "" && Number.isFinite(value)) return value;
  throw new ImportError(`expected a number in row ${at + 1}, column ${quote(column)}, got ${quote(cell)}`);
}

function flag(cell: string, column: string, at: number): boolean {
  if (cell === "true" || cell === "false") return cell === "true";
  throw new ImportError(`expected true or false in row ${at + 1}, column ${quote(column)}, got ${quote(cell)}`);
}

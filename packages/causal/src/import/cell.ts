import { quote } from "../errors.ts";
import { ImportError } from "./import-error.ts";

/** The rows of a table, whose cells are text. */
export function readCells(table: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const isTable = Array.isArray(table) && table.every((row) => Array.isArray(row) && row.every((cell) => typeof cell === "string"));
  if (!isTable) throw new ImportError(`rows of cells of text, got ${quote(table)}`);
  return table;
}

/** A cell as a number; undefined if it is empty, or NaN in whatever case. */
export function numberIn(cell: string | undefined, line: number): number | undefined {
  if (cell === undefined || /^\s*(nan)?\s*$/i.test(cell)) return undefined;
  const value = Number(cell);
  if (!Number.isFinite(value)) throw new ImportError(`a number, got ${quote(cell)}`, line);
  return value;
}

/** A cell as a time in milliseconds: seconds since 1970, or a date as ISO 8601. */
export function timeIn(cell: string | undefined, line?: number): number {
  const text = cell?.trim() ?? "";
  const timeMs = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text);
  if (text === "" || !Number.isFinite(timeMs)) throw new ImportError(`a time as seconds since 1970 or ISO 8601, got ${quote(text)}`, line);
  return timeMs;
}

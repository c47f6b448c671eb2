import type { MetricSample } from "../metric-table.ts";
import { numberIn, readCells, timeIn } from "./cell.ts";
import { ImportError } from "./import-error.ts";

/** The columns that a table of long rows has. */
export const COLUMNS = ["time", "node", "metric", "value"] as const;

/**
 * Reads one measurement a row, below a header that names the columns time, node, metric and value in any order. Rows
 * without a value, or with NaN, are left out.
 *
 * @throws {@link ImportError} naming the line.
 */
export function readLongRows(table: readonly (readonly string[])[]): readonly MetricSample[] {
  const [header = [], ...rows] = readCells(table);
  const [time = -1, node = -1, metric = -1, value = -1] = COLUMNS.map((name) => header.indexOf(name));
  if (Math.min(time, node, metric, value) < 0) throw new ImportError(`a header with the columns ${COLUMNS.join(", ")}`, 1);
  return rows.flatMap((row, at): MetricSample[] => {
    const measured = numberIn(row[value], at + 2);
    const [service = "", what = ""] = [row[node], row[metric]];
    if (service === "" || what === "") throw new ImportError("a node and a metric", at + 2);
    return measured === undefined ? [] : [{ node: service, metric: what, timeMs: timeIn(row[time], at + 2), value: measured }];
  });
}

import type { ServiceCall } from "../graph.ts";
import { numberIn, readCells } from "./cell.ts";
import { ImportError } from "./import-error.ts";

/**
 * Reads who calls whom: a list of pairs below the header caller, callee, or an adjacency matrix, in which the service of
 * the row calls the service of the column where the cell is not 0.
 *
 * @throws {@link ImportError} naming the line.
 */
export function readCallRows(table: readonly (readonly string[])[]): readonly ServiceCall[] {
  const [header = [], ...rows] = readCells(table);
  const [from, to] = [header.indexOf("caller"), header.indexOf("callee")];
  const calls = from >= 0 && to >= 0
    ? rows.map((row) => ({ caller: row[from] ?? "", callee: row[to] ?? "" }))
    : rows.flatMap((row, at) =>
        row.slice(1).flatMap((cell, column) => {
          const callee = header[column + 1];
          return (numberIn(cell, at + 2) ?? 0) !== 0 && row[0] && callee ? [{ caller: row[0], callee }] : [];
        }),
      );
  if (calls.length === 0) throw new ImportError("the columns caller and callee, or an adjacency matrix, with at least one call");
  return calls;
}

import { ImportError } from "./row.ts";
import type { Row } from "./row.ts";

/** Most characters of one CSV text. */
export const CSV_CHARACTERS_MAX: number = 64 * 2 ** 20;

/**
 * Reads CSV text into rows by column, with npm `csv-parse`, an optional peer dependency.
 *
 * @throws {@link ImportError} if the text is no CSV, or `csv-parse` is not installed.
 * @example
 * ```ts
 * import { readCsv, tasksFromRows } from "@void-system/ising-scheduler/import";
 * const rows = await readCsv("task,cpu,priority\nweb,2,5\n");
 * tasksFromRows(rows); // => [{ id: "web", demand: { cpu: 2 }, priority: 5 }]
 * ```
 */
export async function readCsv(text: string): Promise<readonly Row[]> {
  if (text.length > CSV_CHARACTERS_MAX) throw new ImportError(`expected at most ${CSV_CHARACTERS_MAX} characters of CSV, got ${text.length}`);
  const { parse } = await import("csv-parse/sync").catch((cause: unknown) => {
    throw new ImportError("expected the package csv-parse, which reads CSV, got none; install it: npm install csv-parse", { cause });
  });
  try {
    return parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (cause) {
    throw new ImportError(`expected CSV with a header, got: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

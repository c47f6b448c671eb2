import type { BinaryQuadraticModel, Vartype } from "../qubo/bqm.ts";
import { FormatError, modelOf, VARIABLES_MAX } from "./format.ts";

const NUMBER = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?";
const LINE = new RegExp(`^(\\d+)\\s+(\\d+)\\s+(${NUMBER})$`);

/**
 * Reads a model from COO text, a line `i j value` for each coefficient, as dimod writes it: `i i value` is that of one
 * variable. A line `# vartype=SPIN` or `# vartype=BINARY` goes before. The format has no offset.
 *
 * @param fallback - values of the variables if the text does not say.
 * @throws {@link FormatError} naming the first line that is wrong.
 * @example
 * ```ts
 * import { fromCoo } from "@void-system/ising-scheduler/ising";
 * fromCoo("# vartype=SPIN\n0 0 1\n0 1 -2\n").energy([1, 1]); // => -1
 * ```
 */
export function fromCoo(text: string, fallback: Vartype = "BINARY"): BinaryQuadraticModel {
  let vartype = fallback;
  let count = 0;
  const entries: [number, number, number][] = [];
  text.split(/\r?\n/).forEach((line, at) => {
    const trimmed = line.trim();
    const said = /^#\s*vartype=(SPIN|BINARY)$/.exec(trimmed)?.[1];
    if (said === "SPIN" || said === "BINARY") vartype = said;
    if (trimmed === "" || trimmed.startsWith("#")) return;
    const [, a, b, value] = LINE.exec(trimmed) ?? [];
    const [i, j, coefficient] = [Number(a), Number(b), Number(value)];
    if (a === undefined || i >= VARIABLES_MAX || j >= VARIABLES_MAX || !Number.isFinite(coefficient)) {
      throw new FormatError(`expected "i j value" with variables below ${VARIABLES_MAX} in line ${at + 1}, got ${JSON.stringify(trimmed.slice(0, 80))}`);
    }
    count = Math.max(count, i + 1, j + 1);
    entries.push([i, j, coefficient]);
  });
  const linear = new Float64Array(count);
  for (const [i, j, value] of entries) if (i === j) linear[i] = (linear[i] ?? 0) + value;
  return modelOf(vartype, linear, entries.filter(([i, j]) => i !== j), 0);
}

/** Writes a model as COO text. The offset, which the format has no place for, is lost. */
export function toCoo({ vartype, linear, quadratic: { row, col, value } }: BinaryQuadraticModel): string {
  const lines = [`# vartype=${vartype}`];
  linear.forEach((bias, at) => lines.push(`${at} ${at} ${bias}`));
  value.forEach((coupling, at) => lines.push(`${row[at] ?? 0} ${col[at] ?? 0} ${coupling}`));
  return `${lines.join("\n")}\n`;
}

import type { ClusterProblem } from "../cluster/index.ts";
import { quote } from "../errors.ts";
import { readCsv } from "../import/csv.ts";
import { fromKubectl } from "../import/kubectl.ts";
import { fromOpenb } from "../import/openb.ts";
import { nodesFromRows, tasksFromRows } from "../import/rows.ts";
import { ImportError } from "../import/row.ts";
import type { Row } from "../import/row.ts";

/** A problem that was read from files, and what of them it does not show. */
export interface ReadProblem {
  /** The problem. */
  readonly problem: ClusterProblem;
  /** Parts of the files that the problem does not show. */
  readonly notes: readonly string[];
}

/**
 * Reads a problem from the contents of files: JSON of a problem or of `kubectl get nodes,pods -o json`, and CSV tables of
 * nodes and tasks or of openb, told apart by their columns. Several files add up.
 *
 * @throws `ImportError` naming the file that is not understood.
 */
export async function readFiles(files: readonly (readonly [name: string, text: string])[]): Promise<ReadProblem> {
  const whole: Record<string, unknown> = { tasks: [], nodes: [] };
  const notes: string[] = [];
  const openb: { nodes: readonly Row[]; pods: readonly Row[] } = { nodes: [], pods: [] };
  const items: unknown[] = [];
  const add = (part: object): void => {
    for (const [key, value] of Object.entries(part)) {
      const known = whole[key];
      whole[key] = Array.isArray(known) && Array.isArray(value) ? [...known, ...value] : value;
    }
  };
  for (const [name, text] of files) {
    if (text.trimStart().startsWith("{")) {
      const json = jsonOf(name, text);
      if (Array.isArray(Reflect.get(json, "items"))) items.push(...Reflect.get(json, "items"));
      else add(json);
      continue;
    }
    const rows = await readCsv(text).catch((cause: unknown) => {
      throw new ImportError(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
    const columns = Object.keys(rows[0] ?? {});
    if (columns.includes("sn")) openb.nodes = rows;
    else if (columns.includes("num_gpu")) openb.pods = rows;
    else if (columns.includes("node")) add({ nodes: nodesFromRows(rows) });
    else if (columns.includes("task")) add({ tasks: tasksFromRows(rows) });
    else throw new ImportError(`expected ${quote(name)} with a column "task", "node", or those of openb, got ${columns.slice(0, 8).map(quote).join(", ") || "none"}`);
  }
  if (openb.nodes.length + openb.pods.length > 0) add(fromOpenb(openb.nodes, openb.pods));
  if (items.length > 0) {
    const { problem, notes: unread } = fromKubectl({ items });
    add(problem);
    notes.push(...unread);
  }
  // Only a shape: compile() checks every part of it by its path.
  return { problem: whole as unknown as ClusterProblem, notes };
}

function jsonOf(name: string, text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null) return json;
  } catch (cause) {
    throw new ImportError(`expected ${quote(name)} to be JSON, got: ${String(cause)}`, { cause });
  }
  throw new ImportError(`expected ${quote(name)} to be an object`);
}

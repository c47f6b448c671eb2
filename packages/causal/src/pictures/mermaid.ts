import type { Diagnosis } from "../diagnosis/diagnosis.ts";
import { checkDiagnosis } from "./check-diagnosis.ts";
import { percent } from "./markup.ts";

/** Candidates whose ways are drawn. */
const WAYS_MAX = 5;

/**
 * The ways from the first candidates to the target as a Mermaid flowchart, the cause and its way marked.
 *
 * @throws `InvalidQueryError` for what is no diagnosis.
 * @example
 * ```ts
 * import { diagnose, MetricTable, CallGraph } from "@void-system/causal";
 * import { toMermaid } from "@void-system/causal/pictures";
 * const table = (rows: number) => new MetricTable(rows)
 *   .set("site", "latency", Array.from({ length: rows }, (_, row) => row % 3)).set("db", "latency", Array.from({ length: rows }, (_, row) => row % 3));
 * const graph = new CallGraph([{ caller: "site", callee: "db" }]);
 * const found = diagnose({ graph, normal: table(150), incident: table(5), target: { node: "site", metric: "latency" } });
 * toMermaid(found).split("\n")[0]; // => "flowchart LR"
 * ```
 */
export function toMermaid(diagnosis: Diagnosis): string {
  checkDiagnosis(diagnosis);
  const { verdict, candidates, target } = diagnosis;
  const numbers = new Map<string, number>();
  const idOf = (node: string): string => {
    const number = numbers.get(node) ?? numbers.size;
    numbers.set(node, number);
    return `n${number}`;
  };
  idOf(target.node);
  const drawn = candidates.slice(0, WAYS_MAX);
  const edges = new Set(drawn.flatMap(({ path }) => path.slice(1).map((node, at) => `  ${idOf(path[at] ?? "")} --> ${idOf(node)}`)));
  const shares = new Map([...drawn, target].map(({ node, share }) => [node, `<br/>${percent(share.value)}`]));
  const cause = verdict === "cause" ? candidates[0] : undefined;
  return [
    "flowchart LR",
    ...[...numbers].map(([node, number]) => `  n${number}["${escaped(node)}${shares.get(node) ?? ""}"]`),
    ...edges,
    `  classDef target stroke-width:3px`,
    `  class n0 target`,
    ...(cause ? ["  classDef cause fill:#f8d7da,stroke:#b02a37", `  class ${idOf(cause.node)} cause`] : []),
    "",
  ].join("\n");
}

/** Text within a quoted label: Mermaid reads entities there. */
function escaped(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} ./:@_-]/gu, (character) => `#${character.codePointAt(0)};`);
}

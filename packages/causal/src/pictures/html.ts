import type { Candidate, Diagnosis } from "../diagnosis/diagnosis.ts";
import type { MetricTable } from "../metric-table.ts";
import { checkDiagnosis, columnOf } from "./check-diagnosis.ts";
import { escaped, percent, round, timeText } from "./markup.ts";
import { SCRIPT, SCRIPT_SHA256, STYLE, STYLE_SHA256 } from "./page-parts.ts";
import { drawContext, drawIncident } from "./series-chart.ts";
import { drawWays } from "./ways-graph.ts";

/** Most candidates, and most services apart, on a page. */
export const PAGE_SUSPECTS_MAX = 8;

/** Tables that a page shows. */
export interface PageTables {
  /** The normal period that the diagnosis was asked about. */
  readonly normal: MetricTable;
  /** The incident that it was asked about. */
  readonly incident: MetricTable;
}

/**
 * A diagnosis as one page: the verdict, the target's series with the change point, and for each suspect its share with the
 * interval, its way to the target in the graph, its own series, and what the target had been without it. The page needs no
 * network: its content security policy allows nothing but its own style and script, by their digests. All but the reading
 * of single rows works without the script.
 *
 * @returns a whole HTML document; the same diagnosis gives the same bytes.
 * @throws `InvalidQueryError` for what is no diagnosis, or no tables.
 * @example
 * ```ts
 * import { CallGraph, diagnose, MetricTable } from "@void-system/causal";
 * import { toHtml } from "@void-system/causal/pictures";
 * const table = (rows: number) => new MetricTable(rows).set("site", "latency", Array.from({ length: rows }, (_, row) => row % 3));
 * const tables = { normal: table(150), incident: table(5) };
 * const found = diagnose({ ...tables, graph: new CallGraph([], ["site"]), target: { node: "site", metric: "latency" } });
 * toHtml(found, tables).startsWith("<!doctype html>"); // => true
 * ```
 */
export function toHtml(diagnosis: Diagnosis, tables: PageTables): string {
  checkDiagnosis(diagnosis);
  const { verdict, sentence, target, candidates, apart, falseAlarmRate, windows } = diagnosis;
  const { normal, incident } = tables ?? {};
  const series = (node: string): readonly [ArrayLike<number>, ArrayLike<number>] => [columnOf("normal", normal, node, target.metric), columnOf("incident", incident, node, target.metric)];
  const shown = candidates.slice(0, PAGE_SUSPECTS_MAX);
  const suspects = verdict === "target-itself" ? [target, ...shown] : [...shown, target];
  const ways = shown.map(({ path }) => path);
  const panel = (suspect: Candidate, isOpen: boolean): string => drawSuspect(diagnosis, suspect, incident, series(suspect.node), ways, isOpen);
  const [before, now] = series(target.node);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-${STYLE_SHA256}'; script-src 'sha256-${SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(sentence)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="verdict ${escaped(verdict)}">${escaped(verdict.replaceAll("-", " "))}</p>
<h1>${escaped(sentence)}</h1>
<p>Compared with ${windows} windows of the normal period: ${percent(falseAlarmRate)} of them are at least as unusual.</p>
</header>
<main>
<section>
<h2>${escaped(target.metric)} of <bdi>${escaped(target.node)}</bdi></h2>
${drawContext(`${target.metric} of ${target.node}`, before, now, target.sinceRow)}
</section>
<section>
<h2>Suspects</h2>
<p>Share of the excess, with its 90 % interval. Open one to see its way, its series, and the target without it.</p>
${suspects.map((suspect, at) => panel(suspect, at === 0)).join("\n")}
</section>
${apart.length === 0 ? "" : `<section>
<h2>Moved with it, without a way to it</h2>
<p>A call may be missing in the graph, or both have the same cause.</p>
${apart.slice(0, PAGE_SUSPECTS_MAX).map((suspect) => panel(suspect, false)).join("\n")}
</section>
`}</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function drawSuspect({ target, verdict, candidates }: Diagnosis, suspect: Candidate, incident: MetricTable, [before, now]: readonly [ArrayLike<number>, ArrayLike<number>], ways: readonly (readonly string[])[], isOpen: boolean): string {
  const { node, members, share, path, moved, sinceRow, sinceMs, targetWithout } = suspect;
  const isTarget = suspect === target;
  const name = `<bdi>${escaped(node)}</bdi>${isTarget ? " itself" : ""}`;
  const isNamed = isTarget ? verdict === "target-itself" : verdict === "cause" && suspect === candidates[0];
  const measured = columnOf("incident", incident, target.node, target.metric);
  const columns = [
    { name: `${target.metric} of ${target.node}`, values: measured },
    { name: `without ${node}`, values: targetWithout },
    ...(isTarget ? [] : [{ name: `${target.metric} of ${node}`, values: now }]),
  ];
  return `<details name="suspect"${isNamed ? ' class="named"' : ""}${isOpen ? " open" : ""}>
<summary><span>${name}</span>${drawShare(suspect)}<span>${percent(share.value)} (${percent(share.low)} to ${percent(share.high)})</span></summary>
<ul>
<li>Since ${escaped(timeText(sinceMs, sinceRow))}</li>
${path.length > 0 ? `<li>Way: ${path.map((step) => `<bdi>${escaped(step)}</bdi>`).join(" → ")}</li>` : ""}
${members.length > 1 ? `<li>One of a group that call each other: ${members.map((member) => `<bdi>${escaped(member)}</bdi>`).join(", ")}</li>` : ""}
${moved.map((one) => `<li>${escaped(one.metric)} went ${escaped(one.direction)} since ${escaped(timeText(one.sinceMs, one.sinceRow))}, ${number(one.ratio)} times its usual largest</li>`).join("\n")}
</ul>
${path.length > 0 ? drawWays(ways, path) : ""}
<figure class="incident">
<figcaption>The incident: <span class="measured">measured</span>, and <span class="without">without ${name}</span></figcaption>
${drawIncident(`${target.metric} of ${target.node}, measured and without ${node}`, measured, targetWithout, target.normal, target.sinceRow)}
</figure>
${isTarget ? "" : `<figure><figcaption>${escaped(target.metric)} of ${name}</figcaption>${drawContext(`${target.metric} of ${node}`, before, now, sinceRow)}</figure>`}
<details class="values"><summary>Values by row</summary>
<div class="wide"><table>
<thead><tr><th scope="col">time</th>${columns.map((column) => `<th scope="col">${escaped(column.name)}</th>`).join("")}</tr></thead>
<tbody>
${Array.from(measured, (_, row) => `<tr><th scope="row">${escaped(timeText(incident.timesMs?.[row], row))}</th>${columns.map(({ values }) => `<td>${number(values[row])}</td>`).join("")}</tr>`).join("\n")}
</tbody>
</table></div></details>
</details>`;
}

function drawShare({ share: { value, low, high } }: Candidate): string {
  const [at, from, to] = [value, low, high].map((part) => round(Math.max(0, Math.min(1, part)) * 100));
  return `<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="${at}" height="10"/><path class="interval" d="M${from} 5H${to}"/></svg>`;
}

function number(value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "–";
}

/**
 * 1,000 incidents of the frozen generator in the tests: verdicts, ranks, false alarms and the coverage of the intervals,
 * beside correlation and the robust score in the window in which each does best.
 *
 *   node bench/incidents.mjs [COUNT] [--no-load]
 */
import { parseArgs } from "node:util";
import { load } from "./typescript.mjs";

const { CallGraph, diagnose, generateIncident, MetricTable } = await load("../test/support/exam.ts");
const { positionals, values } = parseArgs({ allowPositionals: true, options: { "no-load": { type: "boolean" } } });
const COUNT = Number(positionals[0] ?? 1_000);
const RATES = [0.01, 0.02, 0.05, 0.1];
/** Cuts of the incident window for the rankers beside it, as parts of its rows from the end. */
const WINDOWS = [1, 0.75, 0.5, 0.25];

const verdicts = { none: {}, cause: {}, "target-itself": {} };
const alarms = RATES.map(() => 0);
const RANKERS = ["share", "correlation", "robust-score"];
const ranks = { all: [], ...Object.fromEntries(RANKERS.map((ranker) => [ranker, WINDOWS.map(() => [])])) };
const named = { right: 0, wrong: 0 };
const coverage = { inside: 0, of: 0 };
const refused = [];
let milliseconds = 0;

for (let seed = 0; seed < COUNT; seed++) {
  const generated = generateIncident(seed);
  const { calls, truth, normal, incident, target } = generated;
  const question = { graph: new CallGraph(calls, incident.nodes()), normal, incident, target, ...(values["no-load"] ? {} : { load: "requests" }) };
  const began = performance.now();
  let found;
  try {
    found = diagnose(question);
  } catch (error) {
    refused.push(`${seed} ${error.code}`);
    continue;
  }
  milliseconds += performance.now() - began;
  verdicts[truth.kind][found.verdict] = (verdicts[truth.kind][found.verdict] ?? 0) + 1;
  if (truth.kind === "none") {
    RATES.forEach((rate, at) => (alarms[at] += Number(found.falseAlarmRate <= rate)));
    continue;
  }
  ranks.all.push(rankOf(found, truth.node));
  if (truth.kind === "cause") {
    for (const ranker of RANKERS) {
      WINDOWS.forEach((part, at) => ranks[ranker][at].push(rankBy(question, ranker, part, truth.node)));
    }
  }
  const answer = found.verdict === "cause" ? found.candidates[0] : found.verdict === "target-itself" ? found.target : undefined;
  if (!answer) continue;
  const isRight = answer.members.includes(truth.node);
  named[isRight ? "right" : "wrong"]++;
  const share = shareIn(generated, found.target);
  if (!isRight || !Number.isFinite(share)) continue;
  coverage.of++;
  if (share >= answer.share.low && share <= answer.share.high) coverage.inside++;
}

console.log(`${COUNT} incidents, ${refused.length} refused (${refused.join(", ")}), ${(milliseconds / COUNT).toFixed(1)} ms each`);
for (const [kind, counts] of Object.entries(verdicts)) console.log(`truth ${kind}: ${JSON.stringify(counts)}`);
const quiet = Object.values(verdicts.none).reduce((sum, count) => sum + count, 0);
console.log(`false alarms, rate asked -> seen: ${RATES.map((rate, at) => `${rate} -> ${(alarms[at] / quiet).toFixed(3)}`).join(", ")} of ${quiet} quiet windows`);
console.log(`named: ${named.right} right, ${named.wrong} wrong`);
console.log(`true share within the 90 % interval: ${coverage.inside} of ${coverage.of} (${(coverage.inside / coverage.of).toFixed(3)})`);
console.log(`share ranker, all faults, target included: ${tops(ranks.all)}`);
for (const ranker of RANKERS) {
  const best = WINDOWS.map((part, at) => ({ part, ranks: ranks[ranker][at] })).toSorted((a, b) => top(b.ranks, 1) - top(a.ranks, 1))[0];
  console.log(`${ranker}, faults of other services, best window (last ${best.part * 100} % of the rows): ${tops(best.ranks)}`);
}

/** Rank among the candidates and the target, by score. */
function rankOf({ candidates, target }, node) {
  const order = [...candidates, target].toSorted((a, b) => b.score - a.score);
  return order.findIndex(({ members }) => members.includes(node)) + 1;
}

/** Rank among the candidates alone, since correlation and the robust score cannot score the target. */
function rankBy(question, ranker, part, node) {
  try {
    const { candidates } = diagnose({ ...question, incident: lastRows(question.incident, part), ranker });
    return candidates.findIndex(({ members }) => members.includes(node)) + 1;
  } catch (error) {
    if (!error.code) throw error;
    return 0;
  }
}

function lastRows(table, part) {
  const from = Math.floor(table.rows * (1 - part));
  const cut = new MetricTable(table.rows - from);
  for (const node of table.nodes()) for (const metric of table.metrics(node)) cut.set(node, metric, table.get(node, metric).slice(from));
  return cut;
}

/** The true share of the fault in the target's excess, over the rows that the diagnosis took. */
function shareIn({ incident, target, withoutFault }, { sinceRow, toRow, normal }) {
  const sign = target.worse === "higher" ? 1 : -1;
  const measured = incident.get(target.node, target.metric);
  let [effect, excess] = [0, 0];
  for (let row = sinceRow; row < toRow; row++) {
    if (!Number.isFinite(measured[row]) || !Number.isFinite(withoutFault[row])) continue;
    effect += sign * (measured[row] - withoutFault[row]);
    excess += sign * (measured[row] - normal);
  }
  return excess > 0 ? Math.max(0, Math.min(1, effect / excess)) : Number.NaN;
}

function top(ranks, most) {
  return ranks.filter((rank) => rank > 0 && rank <= most).length;
}

function tops(ranks) {
  return `top-1 ${top(ranks, 1)}, top-3 ${top(ranks, 3)} of ${ranks.length}`;
}

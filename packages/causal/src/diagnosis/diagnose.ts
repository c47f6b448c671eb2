import type { CallGraph } from "../call-graph.ts";
import { InvalidQueryError, quote } from "../errors.ts";
import type { CausalGraph } from "../graph.ts";
import { compareNames } from "../inference.ts";
import { checkQuestion, type RootCauseQuestion } from "../question.ts";
import { Random } from "../random.ts";
import { alarmOf } from "./alarm.ts";
import { contributionsOf } from "./contribution.ts";
import type { Candidate, Diagnosis, Verdict } from "./diagnosis.ts";
import { evidenceOf } from "./evidence.ts";
import { gainsOf, usualGainsOf } from "./gains.ts";
import { movedMetrics } from "./moved.ts";
import type { Clues, Ranker } from "./rankers/ranker.ts";
import { RANKERS, type RankerName } from "./rankers/rankers.ts";
import { attribute } from "./share.ts";
import { systemOf, wayToTarget } from "./system.ts";

/** The question of {@link diagnose}. */
export interface DiagnosisQuestion extends RootCauseQuestion {
  readonly graph: CausalGraph | CallGraph;
  /**
   * Greatest part of the windows of the normal period that may be called unusual, above 0 and below 1. The normal period must
   * have at least one window in so many.
   * @defaultValue 0.01
   */
  readonly falseAlarmRate?: number;
  /** Order of the candidates: a ranker by name, or one of your own. @defaultValue "share" */
  readonly ranker?: RankerName | Ranker;
  /** Seed of the intervals' resampling. @defaultValue 1 */
  readonly seed?: number;
}

/** Most candidates in a diagnosis, and most services listed apart. */
export const CANDIDATES_MAX = 20;

const FURTHER = ["falseAlarmRate", "ranker", "seed"];
const FALSE_ALARM_RATE = 0.01;
/** A cause that explains less of the excess than this, by the lower end of its interval, is none to be named. */
const SHARE_NAMED_MIN = 0.05;

/**
 * Finds the service behind a target's trouble, or says that none can be named. The target's deviation from its normal
 * median is split over the services that it waits for; the incident is compared with every window of its length in the
 * normal period, so that `nothing-unusual` is wrong no more often than you ask; and each candidate gets the share that it
 * accounts for, with an interval, the metrics that moved, since when, its way to the target, and what the target had been
 * without it. The same question gives the same bytes.
 *
 * @throws {@link NormalTooShortError} if the normal period has too few windows for the false-alarm rate.
 * @throws {@link InvalidTableError} for a target or a load without values; {@link UnknownNodeError} for a target that is
 * not in the graph; {@link UnknownOptionError} for an option that does not exist; {@link InvalidQueryError} for a
 * value that an option cannot have.
 * @example
 * ```ts
 * import { CallGraph, diagnose, MetricTable } from "@void-system/causal";
 * const graph = new CallGraph([
 *   { caller: "site", callee: "search" },
 *   { caller: "site", callee: "pay" },
 * ]);
 * const wave = (rows: number, middle: number) => Array.from({ length: rows }, (_, row) => middle + Math.sin(row * 2.4));
 * const slow = (values: number[]) => values.map((value, row) => (row > 4 ? value + 40 : value));
 * const normal = new MetricTable(120)
 *   .set("site", "latency", wave(120, 60)).set("search", "latency", wave(120, 20)).set("pay", "latency", wave(120, 30));
 * const incident = new MetricTable(10)
 *   .set("site", "latency", slow(wave(10, 60))).set("search", "latency", slow(wave(10, 20))).set("pay", "latency", wave(10, 30));
 * const found = diagnose({ graph, normal, incident, target: { node: "site", metric: "latency", worse: "higher" } });
 * found.verdict; // => "cause"
 * found.candidates[0]?.node; // => "search"
 * found.candidates[0]?.sinceRow; // => 5
 * ```
 */
export function diagnose(question: DiagnosisQuestion): Diagnosis {
  checkQuestion(question, FURTHER);
  const { graph, target, incident, normal, load, falseAlarmRate = FALSE_ALARM_RATE } = question;
  if (typeof falseAlarmRate !== "number" || !(falseAlarmRate > 0 && falseAlarmRate < 1)) {
    throw new InvalidQueryError(`expected falseAlarmRate above 0 and below 1, got ${quote(falseAlarmRate)}`);
  }
  const ranker = rankerOf(question.ranker);
  const random = new Random(question.seed ?? 1);
  const system = systemOf(graph, target.node);
  const evidence = evidenceOf(question, system);
  const contributions = contributionsOf(evidence, gainsOf(evidence));
  const byCalls = alarmOf(evidence, contributions, falseAlarmRate);
  // Without load, a call a request lets in too much noise of services that are called now and then.
  const alarm = load === undefined ? { ...byCalls, rate: alarmOf(evidence, contributionsOf(evidence, usualGainsOf(evidence)), falseAlarmRate).rate } : byCalls;
  const clues: Clues = { evidence, contributions, alarm };
  const scores: unknown = ranker(clues);
  if (!(scores instanceof Float64Array) || scores.length !== system.names.length) {
    throw new InvalidQueryError(`expected the ranker to return a Float64Array of ${system.names.length} scores, got ${quote(scores)}`);
  }
  const candidateOf = (node: number): Candidate | undefined => describe(question, clues, node, scores[node] ?? 0, random);
  const order = mostSuspect(clues, scores);
  const own = candidateOf(system.target);
  const candidates = order.filter((node) => system.nextHop[node] !== -1).slice(0, CANDIDATES_MAX).flatMap((node) => candidateOf(node) ?? []);
  const apart = order
    .filter((node) => system.nextHop[node] === -1 && (scores[node] ?? 0) > 0 && (alarm.nodes[node]?.ratio ?? 0) > 1)
    .slice(0, CANDIDATES_MAX)
    .flatMap((node) => candidateOf(node) ?? [])
    // Noise is unusual, too, beside a target that hides less of it than it did.
    .filter(({ moved }) => moved.some(({ metric }) => metric === target.metric));
  if (!own) throw new Error("unreachable: a target without measurements was refused");
  const { fromRow, toRow } = alarm.target.segment;
  const { baseline: { centre }, incident: deviations } = evidence.symptom;
  const inTrouble = deviations.subarray(fromRow, toRow).filter((value) => Number.isFinite(value));
  const verdict = alarm.rate > falseAlarmRate ? "nothing-unusual" : verdictOf(own, candidates[0]);
  return {
    verdict,
    sentence: sentenceOf(verdict, target, own, candidates[0], alarm.rate),
    falseAlarmRate: alarm.rate,
    windows: alarm.windows,
    target: {
      ...own,
      metric: target.metric,
      worse: evidence.worse === 1 ? "higher" : "lower",
      normal: centre,
      excess: inTrouble.length === 0 ? 0 : inTrouble.reduce((sum, value) => sum + value, 0) / inTrouble.length,
      sinceRow: fromRow,
      sinceMs: incident.timesMs?.[fromRow],
      toRow,
      moved: movedMetrics(normal, incident, target.node),
    },
    candidates,
    apart,
  };
}

/** Every measured node that stands for its group, the target aside, by score. */
function mostSuspect({ evidence: { system, measured }, alarm }: Clues, scores: Float64Array): readonly number[] {
  const nodes = system.groups.flatMap((members) => {
    if (members.includes(system.target)) return [];
    const known = members.filter((member) => measured[member]);
    return known.length === 0 ? [] : known.reduce((best, member) => ((scores[member] ?? 0) > (scores[best] ?? 0) ? member : best));
  });
  const ratioOf = (node: number): number => alarm.nodes[node]?.ratio ?? 0;
  return nodes.sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || ratioOf(b) - ratioOf(a) || compareNames(system.names[a] ?? "", system.names[b] ?? ""),
  );
}

function describe({ normal, incident, target }: DiagnosisQuestion, { evidence, contributions, alarm }: Clues, node: number, score: number, random: Random): Candidate | undefined {
  const { system, symptom, worse } = evidence;
  const [contribution, unusual] = [contributions[node], alarm.nodes[node]];
  if (!contribution || !unusual) return undefined;
  const name = system.names[node] ?? "";
  const measured = incident.get(target.node, target.metric);
  const { share, part } = attribute(contribution, symptom, alarm.target.segment, node === system.target, random);
  return {
    node: name,
    members: (system.groups[system.groupOf[node] ?? -1] ?? [node]).map((member) => system.names[member] ?? "").sort(),
    score,
    share,
    ratio: unusual.ratio,
    sinceRow: unusual.segment.fromRow,
    sinceMs: incident.timesMs?.[unusual.segment.fromRow],
    moved: movedMetrics(normal, incident, name),
    path: node === system.target ? [] : wayToTarget(system, node),
    targetWithout: part.map((value, row) => (measured?.[row] ?? Number.NaN) - worse * value),
  };
}

function verdictOf(own: Candidate, first: Candidate | undefined): Verdict {
  const isNamed = ({ share, score }: Candidate): boolean => score > 0 && share.low >= SHARE_NAMED_MIN;
  if (first && isNamed(first) && first.score >= own.score) return "cause";
  return isNamed(own) ? "target-itself" : "cannot-tell";
}

function sentenceOf(verdict: Verdict, { node, metric }: { readonly node: string; readonly metric: string }, own: Candidate, first: Candidate | undefined, rate: number): string {
  const what = `${quote(metric)} of ${quote(node)}`;
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  const part = ({ share }: Candidate): string => `${percent(share.value)} of its excess (90 % interval ${percent(share.low)} to ${percent(share.high)})`;
  switch (verdict) {
    case "cause":
      return `${quote(first?.node ?? "")} is behind ${what}: ${first ? part(first) : ""}.`;
    case "target-itself":
      return own.members.length > 1
        ? `The trouble of ${what} comes from within its group of ${own.members.length} services that call each other in circles: ${part(own)}.`
        : `The trouble of ${what} is its own: ${part(own)}.`;
    case "nothing-unusual":
      return `Nothing unusual about ${what}: ${percent(rate)} of the normal windows are like this one.`;
    case "cannot-tell":
      return `${what} is unusual, and no service explains enough of it.`;
  }
}

function rankerOf(ranker: RankerName | Ranker = "share"): Ranker {
  if (typeof ranker === "function") return ranker;
  if (typeof ranker === "string" && Object.hasOwn(RANKERS, ranker)) return RANKERS[ranker];
  throw new InvalidQueryError(`expected a ranker: ${Object.keys(RANKERS).join(", ")}, or a function; got ${quote(ranker)}`);
}

import { readNames, readOptions, readRecord } from "../arguments.ts";
import type { NodeNames } from "../arguments.ts";
import { InvalidQueryError, InvalidTableError, NoAdjustmentSetError, quote } from "../errors.ts";
import { isAdjustmentSet, minimalAdjustmentSets } from "../graphs/adjustment-sets.ts";
import type { Admg } from "../graphs/admg.ts";
import { Random } from "../random.ts";
import { fitLinear, fitLogistic, predict } from "./regression.ts";

/** Columns of numbers by variable, all of one length. */
export type Columns = Readonly<Record<string, ArrayLike<number>>>;

/** An effect that is to be estimated from data. */
export interface BackdoorQuestion {
  /** The causal graph. */
  readonly graph: Admg;
  /** Data: one column a variable. */
  readonly columns: Columns;
  /** The cause: a column of 0 and 1. */
  readonly treatment: string;
  /** The column that shows the effect. */
  readonly outcome: string;
  /** Nodes to adjust for. @defaultValue the first minimal adjustment set whose columns are there */
  readonly adjust?: NodeNames;
}

/** An estimate with its interval. */
export interface BackdoorEffect {
  /** Average of the outcome with the treatment, minus that without it, had everyone been treated alike. */
  readonly effect: number;
  /** Ends of the interval that holds the truth in {@link INTERVAL_LEVEL} of samples, if the models fit. */
  readonly interval: readonly [low: number, high: number];
  /** Nodes that were adjusted for. */
  readonly adjusted: readonly string[];
  /** Rows that had every value. */
  readonly rows: number;
}

/** Share of samples whose interval holds the truth. */
export const INTERVAL_LEVEL = 0.95;
/** The quantile of the normal distribution that belongs to {@link INTERVAL_LEVEL}. */
const NORMAL_QUANTILE = 1.959963984540054;
/** Fewest rows of each treatment, beside one for each covariate. */
export const ARM_ROWS_MIN = 10;
/** Chances of treatment outside of this and its complement are moved there: single rows must not outweigh all others. */
const CHANCE_MIN = 0.01;

/**
 * Estimates the average effect of a treatment on an outcome, adjusted for an adjustment set of the graph. Outcome and
 * treatment are both modelled, linear and logistic in the covariates; the estimate is right if one of them fits
 * (augmented inverse probability weighting; Robins, Rotnitzky and Zhao, JASA 89, 1994). The interval is from the
 * estimate's influence function.
 *
 * @throws `NoAdjustmentSetError` if no adjustment set has columns.
 * @throws `UnknownNodeError` if a name is not a node.
 * @throws `InvalidQueryError` if `adjust` is not an adjustment set.
 * @throws `InvalidTableError` if a column is missing, too short or not of 0 and 1, or an arm has too few rows.
 * @example
 * ```ts
 * import { dag } from "@void-system/causal/graphs";
 * import { backdoorEffect } from "@void-system/causal/identification";
 * // Large requests are cached more often, and slow anyway: a cache hit saves 2 ms, but hits look slower.
 * const columns = { large: [] as number[], hit: [] as number[], ms: [] as number[] };
 * for (let at = 0; at < 400; at++) {
 *   const large = at % 2;
 *   const hit = Number(large ? at % 8 !== 1 : at % 8 === 0);
 *   columns.large.push(large);
 *   columns.hit.push(hit);
 *   columns.ms.push(10 + 6 * large - 2 * hit + ((at * 7) % 5) - 2);
 * }
 * const graph = dag`large -> {hit ms}; hit -> ms`;
 * const { effect, adjusted } = backdoorEffect({ graph, columns, treatment: "hit", outcome: "ms" });
 * effect.toFixed(1); // => "-2.0"
 * adjusted; // => ["large"]
 * ```
 */
export function backdoorEffect(question: BackdoorQuestion): BackdoorEffect {
  const adjusted = adjustmentOf(question);
  const sample = sampleOf(question, adjusted);
  return { ...augmented(sample, sample.treated), adjusted, rows: sample.outcome.length };
}

/** Result of {@link placeboTest}. */
export interface Placebo {
  /** The effect in the data as they are. */
  readonly effect: number;
  /** Effects of treatments that were dealt out at random. They should be around 0. */
  readonly placebos: readonly number[];
  /** Share of placebos with an effect at least as large, the real one counted in: small if the effect is no accident. */
  readonly pValue: number;
  /** Share of placebos whose interval holds 0; about {@link INTERVAL_LEVEL} if the intervals can be trusted. */
  readonly coverage: number;
}

/**
 * Tries to refute an estimate: the treatments are shuffled, so that they cannot have an effect, and the effect is
 * estimated again. A method that finds one now is not to be believed before.
 *
 * @throws the same as {@link backdoorEffect}.
 * @example
 * ```ts
 * import { dag } from "@void-system/causal/graphs";
 * import { placeboTest } from "@void-system/causal/identification";
 * const rows = Array.from({ length: 200 }, (_, at) => at);
 * const columns = { hit: rows.map((at) => at % 2), ms: rows.map((at) => 10 - 2 * (at % 2) + ((at * 7) % 5)) };
 * const { pValue, coverage } = placeboTest({ graph: dag`hit -> ms`, columns, treatment: "hit", outcome: "ms" }, { rounds: 99 });
 * pValue; // => 0.01
 * coverage > 0.85; // => true
 * ```
 */
export function placeboTest(question: BackdoorQuestion, options: { readonly rounds?: number; readonly seed?: number } = {}): Placebo {
  readOptions("a placebo test", options, ["rounds", "seed"]);
  const { rounds = 199, seed = 1 } = options;
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new InvalidQueryError(`expected rounds to be a whole number >= 1, got ${quote(rounds)}`);
  const sample = sampleOf(question, adjustmentOf(question));
  const { effect } = augmented(sample, sample.treated);
  const random = new Random(seed);
  const found = Array.from({ length: rounds }, () => augmented(sample, shuffled(sample.treated, random)));
  const larger = found.filter((placebo) => Math.abs(placebo.effect) >= Math.abs(effect)).length;
  const covering = found.filter(({ interval: [low, high] }) => low <= 0 && high >= 0).length;
  return { effect, placebos: found.map((one) => one.effect), pValue: (1 + larger) / (1 + rounds), coverage: covering / rounds };
}

interface Sample {
  readonly treated: readonly boolean[];
  readonly outcome: readonly number[];
  /** One row of covariates for each row of data, a 1 in front, the rest of mean 0 and deviation 1. */
  readonly covariates: readonly (readonly number[])[];
}

function adjustmentOf(question: BackdoorQuestion): readonly string[] {
  readOptions("a backdoor effect", question, ["graph", "columns", "treatment", "outcome", "adjust"]);
  const { graph, columns, treatment, outcome, adjust } = question;
  readRecord("columns", columns);
  const effect = { x: [treatment], y: [outcome] };
  if (adjust === undefined) {
    for (const set of minimalAdjustmentSets(graph, effect)) if (set.every((name) => Object.hasOwn(columns, name))) return set;
    throw new NoAdjustmentSetError(treatment, outcome);
  }
  if (!isAdjustmentSet(graph, effect, adjust)) {
    throw new InvalidQueryError(`expected an adjustment set, got ${[...adjust].map(quote).join(", ") || "none"}; leave adjust out to have one chosen`);
  }
  return readNames("adjust", adjust);
}

function sampleOf({ columns, treatment, outcome }: BackdoorQuestion, adjusted: readonly string[]): Sample {
  const column = (name: string): ArrayLike<number> => {
    const values = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (typeof values?.length !== "number" || values.length !== columns[treatment]?.length) {
      throw new InvalidTableError(`expected a column ${quote(name)} as long as ${quote(treatment)}, got ${values?.length ?? "none"}`);
    }
    return values;
  };
  const all = [treatment, outcome, ...adjusted].map(column);
  const rows = Array.from({ length: all[0]?.length ?? 0 }, (_, row) => all.map((values) => values[row] ?? Number.NaN)).filter((row) => row.every(Number.isFinite));
  const wrong = rows.find(([treated]) => treated !== 0 && treated !== 1);
  if (wrong) throw new InvalidTableError(`expected 0 and 1 in the column ${quote(treatment)}, got ${wrong[0]}`);
  const treated = rows.map(([value]) => value === 1);
  const few = ARM_ROWS_MIN + adjusted.length;
  for (const arm of [true, false]) {
    const count = treated.filter((one) => one === arm).length;
    if (count < few) throw new InvalidTableError(`expected at least ${few} complete rows with ${quote(treatment)} = ${Number(arm)}, got ${count}; collect more`);
  }
  const scaled = adjusted.map((_, at) => standardised(rows.map((row) => row[at + 2] ?? 0)));
  return { treated, outcome: rows.map((row) => row[1] ?? 0), covariates: rows.map((_, row) => [1, ...scaled.map((values) => values[row] ?? 0)]) };
}

function standardised(values: readonly number[]): readonly number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

function augmented({ outcome, covariates }: Sample, treated: readonly boolean[]): Pick<BackdoorEffect, "effect" | "interval"> {
  const arm = (which: boolean): readonly number[] => {
    const rows = [...treated.keys()].filter((row) => treated[row] === which);
    return fitLinear(rows.map((row) => covariates[row] ?? []), rows.map((row) => outcome[row] ?? 0));
  };
  const [withIt, without] = [arm(true), arm(false)];
  const chances = fitLogistic(covariates, treated);
  const influences = covariates.map((row, at) => {
    const [one, none] = [predict(withIt, row), predict(without, row)];
    const chance = Math.min(1 - CHANCE_MIN, Math.max(CHANCE_MIN, 1 / (1 + Math.exp(-predict(chances, row)))));
    const seen = outcome[at] ?? 0;
    return one - none + (treated[at] ? (seen - one) / chance : (none - seen) / (1 - chance));
  });
  const count = influences.length;
  const effect = influences.reduce((sum, value) => sum + value, 0) / count;
  const variance = influences.reduce((sum, value) => sum + (value - effect) ** 2, 0) / (count - 1);
  const margin = NORMAL_QUANTILE * Math.sqrt(variance / count);
  return { effect, interval: [effect - margin, effect + margin] };
}

/** Fisher and Yates. */
function shuffled(values: readonly boolean[], random: Random): readonly boolean[] {
  const all = [...values];
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [all[at], all[other]] = [all[other] ?? false, all[at] ?? false];
  }
  return all;
}

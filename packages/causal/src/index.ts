export { CallGraph } from "./call-graph.ts";
export { CANDIDATES_MAX, diagnose } from "./diagnosis/diagnose.ts";
export type { DiagnosisQuestion } from "./diagnosis/diagnose.ts";
export type { Candidate, Diagnosis, MovedMetric, Verdict } from "./diagnosis/diagnosis.ts";
export { BASELINE_VALUES_MIN } from "./diagnosis/evidence.ts";
export type { Evidence, Measured } from "./diagnosis/evidence.ts";
export type { Contribution } from "./diagnosis/contribution.ts";
export type { Alarm, Unusual } from "./diagnosis/alarm.ts";
export type { Segment } from "./diagnosis/scan.ts";
export type { System } from "./diagnosis/system.ts";
export { RANKERS } from "./diagnosis/rankers/rankers.ts";
export type { RankerName } from "./diagnosis/rankers/rankers.ts";
export type { Clues, Ranker } from "./diagnosis/rankers/ranker.ts";
export type { Share } from "./diagnosis/share.ts";
export type { Baseline } from "./statistics.ts";
export { FACTOR_ENTRIES_MAX } from "./elimination.ts";
export {
  CausalError,
  CycleError,
  EvidenceAgainstDoError,
  ImpossibleEvidenceError,
  InvalidAssignmentError,
  InvalidCountsError,
  InvalidGraphError,
  InvalidModelError,
  InvalidProbabilityError,
  InvalidQueryError,
  InvalidTableError,
  InvalidTextError,
  NoAdjustmentSetError,
  NormalTooShortError,
  PositivityError,
  QueryTooLargeError,
  UnknownNodeError,
  UnknownOptionError,
  UnknownStateError,
} from "./errors.ts";
export { CausalGraph, NODE_NAME_LENGTH_MAX } from "./graph.ts";
export type { CausalEdge, CausalGraphOptions, CausalNodeOptions, FailureEvent, LearnedWeights, ServiceCall } from "./graph.ts";
export { CausalInference, QUERY_NODES_MAX } from "./inference.ts";
export type { Assignment } from "./inference.ts";
export { BUCKETS_MAX, FailureCounts, MANY, ORIGINS_MAX, PATTERN_CAUSES_MAX, PATTERNS_MAX } from "./learning/failure-counts.ts";
export type { Decay, FailureBucket, FailureCountsOptions, FailurePattern, WeighedPattern } from "./learning/failure-counts.ts";
export type { Estimate } from "./learning/noisy-or-em.ts";
export { MetricTable } from "./metric-table.ts";
export type { MetricSample } from "./metric-table.ts";
export { rankRootCauses } from "./root-cause-ranking.ts";
export type { RankingTarget, RootCauseQuestion } from "./question.ts";
export type { RankedCause } from "./root-cause-ranking.ts";

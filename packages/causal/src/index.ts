export { FACTOR_ENTRIES_MAX } from "./elimination.ts";
export {
  CausalError,
  CycleError,
  EvidenceAgainstDoError,
  ImpossibleEvidenceError,
  InvalidAssignmentError,
  InvalidGraphError,
  InvalidModelError,
  InvalidProbabilityError,
  InvalidQueryError,
  InvalidTableError,
  InvalidTextError,
  NoAdjustmentSetError,
  PositivityError,
  QueryTooLargeError,
  UnknownNodeError,
  UnknownOptionError,
  UnknownStateError,
} from "./errors.ts";
export { CausalGraph, NODE_NAME_LENGTH_MAX } from "./graph.ts";
export type { CausalEdge, CausalGraphOptions, CausalNodeOptions, ServiceCall } from "./graph.ts";
export { CausalInference, QUERY_NODES_MAX } from "./inference.ts";
export type { Assignment } from "./inference.ts";
export { MetricTable } from "./metric-table.ts";
export type { MetricSample } from "./metric-table.ts";
export { BASELINE_VALUES_MIN, rankRootCauses } from "./root-cause-ranking.ts";
export type { RankedCause, RankingTarget, RootCauseQuestion } from "./root-cause-ranking.ts";

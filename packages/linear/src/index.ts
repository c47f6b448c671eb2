/**
 * Resources that are used exactly once or at most once, and types whose values cannot be invalid.
 *
 * @packageDocumentation
 */
export {
  formatPath,
  LinearError,
  LinearLeakError,
  LinearOptionError,
  LinearTypeError,
  RefinementError,
  SchemaError,
} from "./errors.ts";
export type { Leak, LinearMisuse, LinearViolation, RefinementIssue } from "./errors.ts";
export * from "./refinements/index.ts";
export * from "./resources/index.ts";

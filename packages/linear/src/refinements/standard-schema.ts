/**
 * Standard Schema, version 1: the one property by which form, router and RPC libraries take any validation library's
 * types. Our own spelling of the interface at https://standardschema.dev.
 */

/** What stands under `~standard`. */
export interface StandardSchemaProps<In, Out> {
  /** Version of the standard. */
  readonly version: 1;
  /** Whose schema it is. */
  readonly vendor: "void-system";
  /** Judges a value; never throws. */
  readonly validate: (value: unknown) => StandardResult<Out>;
  /** For the type system only: never there at run time. */
  readonly types?: StandardTypes<In, Out> | undefined;
}

/** What a schema takes and reads, for libraries that infer it. */
export interface StandardTypes<In, Out> {
  /** What a program may hand in. */
  readonly input: In;
  /** What comes out. */
  readonly output: Out;
}

/** A verdict of the standard. */
export type StandardResult<Out> = StandardSuccess<Out> | StandardFailure;

/** The value is of the type. */
export interface StandardSuccess<Out> {
  /** The value as it was read. */
  readonly value: Out;
  /** Never there. */
  readonly issues?: undefined;
}

/** The value is not of the type. */
export interface StandardFailure {
  /** Every mistake. */
  readonly issues: readonly StandardIssue[];
}

/** One mistake, as the standard tells it. */
export interface StandardIssue {
  /** What was expected and what was got. */
  readonly message: string;
  /** Keys and indices down to the mistake. */
  readonly path: readonly PropertyKey[];
}

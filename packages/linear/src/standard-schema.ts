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
  readonly types?: { readonly input: In; readonly output: Out } | undefined;
}

/** A verdict of the standard. */
export type StandardResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One mistake, as the standard tells it. */
export interface StandardIssue {
  /** What was expected and what was got. */
  readonly message: string;
  /** Keys and indices down to the mistake. */
  readonly path: readonly PropertyKey[];
}

/**
 * Standard Schema, version 1: the one property by which form, router and RPC libraries accept the types of any validation
 * library. This is our own declaration of the interface at https://standardschema.dev.
 */

/**
 * Any value with a Standard Schema, of this package or another. It stands for `StandardSchemaV1` of
 * `@standard-schema/spec`, with which it is compatible.
 */
export interface StandardSchemaV1<In = unknown, Out = In> {
  /** Content of the schema. */
  readonly "~standard": StandardSchemaV1.Props<In, Out>;
}

/** Types of the standard, with their names in `@standard-schema/spec`. */
export declare namespace StandardSchemaV1 {
  /** Content of a schema of any vendor, which may be asynchronous. */
  export interface Props<In = unknown, Out = In> {
    /** Version of the standard. */
    readonly version: 1;
    /** Vendor of the schema. */
    readonly vendor: string;
    /** Validates a value. */
    readonly validate: (value: unknown) => Result<Out> | Promise<Result<Out>>;
    /** Exists only in the type system. */
    readonly types?: StandardTypes<In, Out> | undefined;
  }
  /** Verdict on a value. */
  export type Result<Out> = StandardSuccess<Out> | { readonly issues: readonly Issue[] };
  /** One mistake. */
  export interface Issue {
    /** Description of the mistake. */
    readonly message: string;
    /** Keys and indices down to it. */
    readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  }
  /** Type that a program may pass to a schema. */
  export type InferInput<S extends StandardSchemaV1> = NonNullable<S["~standard"]["types"]>["input"];
  /** Type that a schema returns. */
  export type InferOutput<S extends StandardSchemaV1> = NonNullable<S["~standard"]["types"]>["output"];
}

/** Content of `~standard` in the schemas of this package. */
export interface StandardSchemaProps<In, Out> {
  /** Version of the standard. */
  readonly version: 1;
  /** Vendor of the schema. */
  readonly vendor: "void-system";
  /** Validates a value. Never throws. */
  readonly validate: (value: unknown) => StandardResult<Out>;
  /** Exists only in the type system. */
  readonly types?: StandardTypes<In, Out> | undefined;
}

/** Input and output types of a schema, for libraries that infer them. */
export interface StandardTypes<In, Out> {
  /** Type that a program may pass. */
  readonly input: In;
  /** Type of the result. */
  readonly output: Out;
}

/** Verdict of the standard. */
export type StandardResult<Out> = StandardSuccess<Out> | StandardFailure;

/** Verdict on a value of the type. */
export interface StandardSuccess<Out> {
  /** The value as it was read. */
  readonly value: Out;
  /** Never present. */
  readonly issues?: undefined;
}

/** Verdict on a value that is not of the type. */
export interface StandardFailure {
  /** Every mistake. */
  readonly issues: readonly StandardIssue[];
}

/** One mistake, in the form of the standard. */
export interface StandardIssue {
  /** Description of the expected and the actual value. */
  readonly message: string;
  /** Keys and indices down to the mistake. */
  readonly path: readonly PropertyKey[];
}

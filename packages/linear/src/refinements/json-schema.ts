import { checkSchema } from "./internal/argument.ts";
import type { Description, Schema } from "./schema.ts";

/** A JSON Schema of the 2020-12 draft, as plain data. */
export interface JsonSchema {
  /** A keyword of the draft and its value. */
  readonly [keyword: string]: unknown;
}

/**
 * Returns the JSON Schema (draft 2020-12) of a refined type's input. A predicate cannot be expressed in it, so a value
 * may pass the schema and be refused by the type. The reverse never happens, except that `Length` counts UTF-16 code
 * units and JSON Schema counts code points.
 *
 * @throws SchemaError if the argument is not a schema.
 * @example
 * ```ts
 * import { IntRange } from "@void-system/linear";
 * import { jsonSchema } from "@void-system/linear/json-schema";
 * jsonSchema(IntRange(1, 9)); // => ({ type: "integer", minimum: 1, maximum: 9 })
 * ```
 */
export function jsonSchema(schema: Schema<unknown>): JsonSchema {
  checkSchema(schema, "argument of jsonSchema");
  const type: Description = schema["~type"];
  switch (type.type) {
    case "number":
      return { type: type.whole ? "integer" : "number", ...bound("minimum", type.lo), ...bound("maximum", type.hi) };
    case "string":
      return {
        type: "string",
        ...(type.min !== undefined && { minLength: type.min }),
        ...(type.max !== undefined && { maxLength: type.max }),
        ...(type.pattern !== undefined && type.pattern.flags === "" && { pattern: type.pattern.source }),
      };
    case "boolean":
      return { type: "boolean" };
    case "literal":
      return { enum: type.values };
    case "array":
      return {
        type: "array",
        ...(type.element && { items: jsonSchema(type.element) }),
        minItems: type.min,
        maxItems: type.max,
      };
    case "record":
      return {
        type: "object",
        properties: Object.fromEntries(type.fields.map(([key, field]) => [key, jsonSchema(field)])),
        required: type.fields.filter(([, field]) => field["~type"].type !== "optional").map(([key]) => key),
        additionalProperties: false,
      };
    case "optional":
      return { ...jsonSchema(type.schema), ...(type.fallback !== undefined && { default: type.fallback }) };
    case "refined":
      return { ...jsonSchema(type.base), ...(type.unique === true && { uniqueItems: true }) };
    case "and":
      return { allOf: [jsonSchema(type.first), jsonSchema(type.second)] };
    case "or":
      return { anyOf: [jsonSchema(type.first), jsonSchema(type.second)] };
    case "not":
      return jsonSchema(type.base);
  }
}

function bound(keyword: "minimum" | "maximum", value: number): JsonSchema {
  return Math.abs(value) < Number.MAX_VALUE ? { [keyword]: value } : {};
}

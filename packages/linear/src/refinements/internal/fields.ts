import { INVALID } from "../issues.ts";
import type { Issues } from "../issues.ts";
import { isRecord } from "./record.ts";
import type { Read, Schema } from "../schema.ts";

/** One key of a record. */
interface Field {
  readonly index: number;
  readonly key: string;
  /**
   * True if a value may lack the key when it is read. When it is only judged, `mayLack` applies: a default is not yet
   * present.
   */
  readonly isOptional: boolean;
  readonly mayLack: boolean;
  readonly read: Read<unknown>;
  readonly missing: string;
}

/**
 * Makes the reader of a record with exactly these keys. It returns the value itself if it is only judged, else a frozen
 * copy. Only own enumerable properties count.
 */
export function fieldsReader(shape: Readonly<Record<string, Schema<unknown>>>): Read<object> {
  const fields = Object.entries(shape).map(([key, schema], index): Field => {
    const how: unknown = Reflect.get(schema, "~missing");
    const missing = `missing, expected ${schema.name}`;
    return { index, key, isOptional: how !== undefined, mayLack: how === "absent", read: schema["~read"], missing };
  });
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const unknown = `unknown key, expected one of ${Object.keys(shape).join(", ")}`;
  return (value, issues) => {
    if (!isRecord(value)) return issues.refuse("a plain object", value);
    const { isQuiet } = issues;
    const results: unknown[] | undefined = issues.asIs ? undefined : [];
    let count = 0;
    let isRight = true;
    // In the order of the value, which is mostly that of the shape. In such a loop the engine reads by position, as
    // long as no closure of this function mentions the value.
    for (const key in value) {
      if (!Object.prototype.hasOwnProperty.call(value, key)) continue;
      let field = fields[count++];
      if (field === undefined || field.key !== key) field = byKey.get(key);
      // Entered before it is read, so that a getter that throws is named.
      if (!isQuiet) issues.enter(key);
      // The loop yields the value's keys.
      const result = field === undefined ? issues.add(unknown) : field.read(value[key as keyof typeof value], issues);
      if (!isQuiet) issues.leave();
      if (result === INVALID) {
        if (isQuiet || issues.isFull) return INVALID;
        isRight = false;
      } else if (results !== undefined && field !== undefined) results[field.index] = result;
    }
    if (count !== fields.length || !isRight) isRight = fillIn(results, value, fields, issues) && isRight;
    if (!isRight) return INVALID;
    return results === undefined ? value : copyOf(results, fields);
  };
}

/** Reads the defaults of missing keys. Returns false if a required key is missing. */
function fillIn(results: unknown[] | undefined, value: object, fields: readonly Field[], issues: Issues): boolean {
  let isRight = true;
  for (const { index, key, isOptional, mayLack, read, missing } of fields) {
    if (Object.prototype.propertyIsEnumerable.call(value, key)) continue;
    if (results === undefined ? mayLack : isOptional) {
      if (results !== undefined) results[index] = read(undefined, issues);
      continue;
    }
    isRight = false;
    if (issues.isQuiet) break;
    issues.enter(key);
    issues.add(missing);
    issues.leave();
  }
  return isRight;
}

/** Copies the results, leaving out keys with `undefined`. `__proto__` is a key like any other. */
function copyOf(results: readonly unknown[], fields: readonly Field[]): object {
  const copy: Record<string, unknown> = {};
  for (const { index, key } of fields) {
    const value = results[index];
    if (value === undefined) continue;
    if (key === "__proto__") Object.defineProperty(copy, key, { value, enumerable: true });
    else copy[key] = value;
  }
  return Object.freeze(copy);
}

import type { BinaryQuadraticModel } from "../qubo/bqm.ts";
import { FormatError, modelOf, VARIABLES_MAX } from "./format.ts";

/**
 * Reads a model from the JSON of dimod (`bqm.to_serializable()`, schema 3.0.0, without bytes). Labels are left out:
 * variables are numbered as they are listed.
 *
 * @throws {@link FormatError} naming what is wrong.
 */
export function fromDimod(json: unknown): BinaryQuadraticModel {
  const field = (name: string): unknown => (typeof json === "object" && json !== null && Object.hasOwn(json, name) ? Reflect.get(json, name) : undefined);
  if (field("type") !== "BinaryQuadraticModel" || field("use_bytes") === true) {
    throw new FormatError("expected the JSON of a dimod BinaryQuadraticModel without bytes: bqm.to_serializable(use_bytes=False)");
  }
  const numbers = (name: string): readonly number[] => {
    const value = field(name);
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    if (!Array.isArray(value) || !list.every((one): one is number => typeof one === "number" && Number.isFinite(one))) {
      throw new FormatError(`expected ${name} to be an array of numbers`);
    }
    return value;
  };
  const vartype = field("variable_type");
  if (vartype !== "SPIN" && vartype !== "BINARY") throw new FormatError(`expected variable_type to be SPIN or BINARY, got ${String(vartype)}`);
  const linear = Float64Array.from(numbers("linear_biases"));
  const [head, tail, biases] = [numbers("quadratic_head"), numbers("quadratic_tail"), numbers("quadratic_biases")];
  if (linear.length > VARIABLES_MAX) throw new FormatError(`expected at most ${VARIABLES_MAX} variables, got ${linear.length}`);
  if (head.length !== biases.length || tail.length !== biases.length) throw new FormatError("expected quadratic_head, quadratic_tail and quadratic_biases of one length");
  const pairs = biases.map((bias, at): [number, number, number] => {
    const [a, b] = [head[at] ?? -1, tail[at] ?? -1];
    if (!Number.isInteger(a) || !Number.isInteger(b) || a < 0 || b < 0 || a >= linear.length || b >= linear.length || a === b) {
      throw new FormatError(`expected two variables below ${linear.length} in interaction ${at}, got ${a} and ${b}`);
    }
    return [a, b, bias];
  });
  const offset = field("offset") ?? 0;
  if (typeof offset !== "number") throw new FormatError(`expected offset to be a number, got ${String(offset)}`);
  return modelOf(vartype, linear, pairs, offset);
}

/** Writes a model as the JSON of dimod, which `BinaryQuadraticModel.from_serializable` reads. */
export function toDimod({ vartype, linear, quadratic: { row, col, value }, offset }: BinaryQuadraticModel): object {
  return {
    type: "BinaryQuadraticModel",
    version: { bqm_schema: "3.0.0" },
    use_bytes: false,
    index_type: "uint32",
    bias_type: "float64",
    num_variables: linear.length,
    num_interactions: value.length,
    variable_labels: Array.from(linear, (_, at) => at),
    variable_type: vartype,
    offset,
    info: {},
    linear_biases: [...linear],
    quadratic_biases: [...value],
    quadratic_head: [...row],
    quadratic_tail: [...col],
  };
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Ownership } from "./linearity.ts";
import type { Names, Variable } from "./variables.ts";

/** A fact that a condition states about a subject that does not change until its variable is written. */
export interface Fact {
  /** The subject: a variable, or a readonly property of one. */
  readonly subject: string;
  /** The statement about it; `= literal` for a comparison. */
  readonly predicate: string;
  readonly holds: boolean;
  /** All types that the subject can have. */
  readonly parts: readonly string[];
  /** The variable through which the subject is reached; `undefined` for `this`. */
  readonly root: Variable | undefined;
}

/** Returns the identity of a fact, from its subject and predicate. */
export function keyOf({ subject, predicate }: Fact): string {
  return `${subject} ${predicate}`;
}

/** Returns true if a fact is about a variable or a part of it. */
export function isOf(fact: Fact, variable: Variable): boolean {
  return fact.root === variable;
}

/** Returns true if known facts contradict a fact. */
export function refutes(known: ReadonlyMap<string, Fact>, fact: Fact): boolean {
  const { subject, predicate, holds } = fact;
  const same = known.get(keyOf(fact));
  if (same !== undefined) return same.holds !== holds;
  if (!predicate.startsWith("= ")) return false;
  if (holds) {
    // It equals another literal already.
    return [...known.values()].some(
      (other) => other.subject === subject && other.predicate.startsWith("= ") && other.holds,
    );
  }
  const others = fact.parts.filter((part) => `= ${part}` !== predicate);
  return others.length > 0 && others.every((part) => known.get(`${subject} = ${part}`)?.holds === false);
}

/** Returns the fact that a condition states, if it is about a subject that is the same in two tests. */
export function factOf(test: TSESTree.Expression, names: Names, ownership: Ownership): Fact | undefined {
  const subject = subjectOf(test, names, ownership);
  if (subject !== undefined) {
    const parts = ownership.partsOf(test);
    const isBoolean = parts.every((part) => part === "true" || part === "false");
    return { ...subject, predicate: isBoolean ? "= true" : "truthy", holds: true, parts: isBoolean ? parts : [] };
  }
  if (test.type !== AST_NODE_TYPES.BinaryExpression) return undefined;
  const { left, operator, right } = test;
  if (left.type === AST_NODE_TYPES.PrivateIdentifier) return undefined;
  if (operator === "instanceof") {
    const instance = subjectOf(left, names, ownership);
    const isNamed = right.type === AST_NODE_TYPES.Identifier;
    return instance && isNamed ? { ...instance, predicate: `is ${right.name}`, holds: true, parts: [] } : undefined;
  }
  return comparison(left, operator, right, names, ownership) ?? comparison(right, operator, left, names, ownership);
}

/** Returns the fact that a case of a switch states. */
export function factOfCase(
  discriminant: TSESTree.Expression,
  test: TSESTree.Expression,
  names: Names,
  ownership: Ownership,
): Fact | undefined {
  return comparison(discriminant, "===", test, names, ownership);
}

/** Returns the fact of assigning a literal. */
export function factOfValue(
  variable: Variable,
  value: TSESTree.Expression | undefined,
  names: Names,
  ownership: Ownership,
): Fact | undefined {
  const literal = value && literalOf(value, ownership);
  if (literal === undefined || !names.isSteady(variable)) return undefined;
  return { subject: names.idOf(variable), predicate: `= ${literal}`, holds: true, parts: [], root: variable };
}

function comparison(
  side: TSESTree.Expression,
  operator: string,
  other: TSESTree.Expression,
  names: Names,
  ownership: Ownership,
): Fact | undefined {
  const isType = side.type === AST_NODE_TYPES.UnaryExpression && side.operator === "typeof";
  const found = subjectOf(isType ? side.argument : side, names, ownership);
  const literal = found && literalOf(other, ownership);
  if (found === undefined || literal === undefined || !/^[!=]==?$/.test(operator)) return undefined;
  const holds = operator.startsWith("=");
  const { subject, root } = found;
  if (isType) return { subject: `typeof ${subject}`, root, predicate: `= ${literal}`, holds, parts: [] };
  // `== null` holds for two values.
  const isLoose = operator.length === 2;
  if (isLoose) return { subject, root, predicate: `== ${literal}`, holds, parts: [] };
  return { subject, root, predicate: `= ${literal}`, holds, parts: ownership.partsOf(side) };
}

/**
 * Returns the name or member whose value an expression has: that of an assignment, and of the last part of a sequence,
 * through casts.
 */
export function testedIn(node: TSESTree.Node): TSESTree.Node {
  switch (node.type) {
    case AST_NODE_TYPES.AssignmentExpression:
      return testedIn(node.left);
    case AST_NODE_TYPES.SequenceExpression: {
      const last = node.expressions.at(-1);
      return last === undefined ? node : testedIn(last);
    }
    case AST_NODE_TYPES.TSAsExpression:
    case AST_NODE_TYPES.TSNonNullExpression:
    case AST_NODE_TYPES.TSSatisfiesExpression:
    case AST_NODE_TYPES.TSTypeAssertion:
      return testedIn(node.expression);
    default:
      return node;
  }
}

type Subject = Pick<Fact, "subject" | "root">;

function subjectOf(given: TSESTree.Expression, names: Names, ownership: Ownership): Subject | undefined {
  const node = testedIn(given);
  if (node.type === AST_NODE_TYPES.ThisExpression) return { subject: "this", root: undefined };
  if (node.type === AST_NODE_TYPES.Identifier) {
    const root = names.of(node);
    return root && names.isSteady(root) ? { subject: names.idOf(root), root } : undefined;
  }
  if (node.type !== AST_NODE_TYPES.MemberExpression || node.computed || !ownership.isReadonly(node)) return undefined;
  const object = subjectOf(node.object, names, ownership);
  return object && { subject: `${object.subject}.${node.property.name}`, root: object.root };
}

function literalOf(node: TSESTree.Expression, ownership: Ownership): string | undefined {
  if (node.type === AST_NODE_TYPES.Identifier && node.name === "undefined") return "undefined";
  if (node.type === AST_NODE_TYPES.Literal && node.raw === "null") return "null";
  return ownership.literalOf(node);
}

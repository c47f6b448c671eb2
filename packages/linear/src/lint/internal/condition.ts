import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { factOf, testedIn } from "./facts.ts";
import type { Ownership } from "./linearity.ts";
import { DONE, LIVE, NOTHING, learned, withBits } from "./state.ts";
import type { State } from "./state.ts";
import type { Names } from "./variables.ts";

/** Returns the states in which a condition holds and in which it does not. */
export function narrow(
  test: TSESTree.Expression,
  state: State,
  names: Names,
  ownership: Ownership,
): readonly [State, State] {
  const constant = constantValue(test, ownership);
  if (constant !== undefined) return constant ? [state, undefined] : [undefined, state];
  const [yes, no] = presence(test, state, names, ownership);
  const fact = factOf(test, names, ownership);
  return fact === undefined ? [yes, no] : [learned(yes, fact), learned(no, { ...fact, holds: !fact.holds })];
}

/** Derives from a condition whether linear values are present, and whether they are consumed. */
function presence(
  test: TSESTree.Expression,
  state: State,
  names: Names,
  ownership: Ownership,
): readonly [State, State] {
  const set = (node: TSESTree.Node, bits: number): State => {
    const variable = names.of(testedIn(node));
    const isHeld = variable !== undefined && state?.some(({ held }) => held.has(variable));
    return isHeld ? withBits(state, variable, bits) : state;
  };
  const tested = testedIn(test);
  if (tested.type === AST_NODE_TYPES.Identifier) return [state, set(tested, NOTHING)];
  if (tested.type === AST_NODE_TYPES.MemberExpression) {
    const isConsumed =
      !tested.computed && tested.property.type === AST_NODE_TYPES.Identifier && tested.property.name === "isConsumed";
    return isConsumed ? [set(tested.object, DONE), set(tested.object, LIVE)] : [state, state];
  }
  if (test.type === AST_NODE_TYPES.CallExpression) {
    const excluded = ownership.excludedBy(test);
    return [state, excluded ? set(excluded, NOTHING) : state];
  }
  if (test.type === AST_NODE_TYPES.BinaryExpression && test.operator === "instanceof") {
    return [state, set(test.left, NOTHING)];
  }
  if (test.type !== AST_NODE_TYPES.BinaryExpression || !/^[!=]==?$/.test(test.operator)) return [state, state];
  const { left, right } = test;
  const isTypeOf = left.type === AST_NODE_TYPES.UnaryExpression && left.operator === "typeof";
  if (isTypeOf && right.type === AST_NODE_TYPES.Literal) {
    // A linear value is an object, so under the name of another type it is absent.
    const none = set(left.argument, NOTHING);
    return (right.value === "object") === test.operator.startsWith("=") ? [state, none] : [none, state];
  }
  const subject = isNullish(test.right) ? test.left : isNullish(test.left) ? test.right : undefined;
  if (subject === undefined) return [state, state];
  const absent = set(subject, NOTHING);
  return test.operator.startsWith("=") ? [absent, state] : [state, absent];
}

/**
 * Returns the value of a condition that the compiler knows: `true`, or a value compared with its only possible value.
 */
function constantValue(test: TSESTree.Expression, ownership: Ownership): boolean | undefined {
  if (test.type === AST_NODE_TYPES.BinaryExpression && (test.operator === "===" || test.operator === "!==")) {
    const left = ownership.literalOf(test.left);
    const isSame = left !== undefined && left === ownership.literalOf(test.right);
    return isSame ? test.operator === "===" : undefined;
  }
  const text = ownership.literalOf(test);
  return text === "true" ? true : text === "false" ? false : undefined;
}

function isNullish(node: TSESTree.Node): boolean {
  if (node.type === AST_NODE_TYPES.UnaryExpression) return node.operator === "void";
  if (node.type === AST_NODE_TYPES.Identifier) return node.name === "undefined";
  return node.type === AST_NODE_TYPES.Literal && node.value === null && !("regex" in node);
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Ownership } from "./linearity.ts";
import { DONE, LIVE, NOTHING, withBits } from "./state.ts";
import type { State, Variable } from "./state.ts";

/** The states after a condition that holds, and after one that does not. */
export function narrow(test: TSESTree.Expression, state: State, ownership: Ownership): readonly [State, State] {
  const constant = constantValue(test, ownership);
  if (constant !== undefined) return constant ? [state, undefined] : [undefined, state];
  if (test.type === AST_NODE_TYPES.Identifier) return [state, set(test, NOTHING, state)];
  if (test.type === AST_NODE_TYPES.MemberExpression) {
    const isConsumed =
      !test.computed && test.property.type === AST_NODE_TYPES.Identifier && test.property.name === "isConsumed";
    return isConsumed ? [set(test.object, DONE, state), set(test.object, LIVE, state)] : [state, state];
  }
  if (test.type === AST_NODE_TYPES.BinaryExpression && test.operator === "instanceof") {
    return [state, set(test.left, NOTHING, state)];
  }
  if (test.type !== AST_NODE_TYPES.BinaryExpression || !/^[!=]==?$/.test(test.operator)) return [state, state];
  const { left, right } = test;
  if (left.type === AST_NODE_TYPES.UnaryExpression && left.operator === "typeof" && right.type === AST_NODE_TYPES.Literal) {
    // A linear value is an object: where the name of another type fits, it is not there.
    const none = set(left.argument, NOTHING, state);
    return (right.value === "object") === test.operator.startsWith("=") ? [state, none] : [none, state];
  }
  const subject = isNullish(test.right) ? test.left : isNullish(test.left) ? test.right : undefined;
  if (subject === undefined) return [state, state];
  const absent = set(subject, NOTHING, state);
  return test.operator.startsWith("=") ? [absent, state] : [state, absent];
}

/** What the compiler knows a condition to be: `true`, or a value compared with the only one that it can be. */
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
  if (node.type === AST_NODE_TYPES.Identifier) return node.name === "undefined";
  return node.type === AST_NODE_TYPES.Literal && node.value === null && !("regex" in node);
}

/** Finds the variable by its name: the state holds those of one function, and the innermost was declared last. */
function set(node: TSESTree.Node, bits: number, state: State): State {
  if (node.type !== AST_NODE_TYPES.Identifier || state === undefined) return state;
  const variable = [...state.keys()].findLast((known: Variable) => known.references.some((one) => one.identifier === node));
  return variable === undefined ? state : withBits(state, variable, bits);
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Ownership } from "./linearity.ts";
import { methodName } from "./linearity.ts";

/** How often a call runs the functions that are written as its arguments. */
export type CallbackRule =
  /** Each of them, once. */
  | "once"
  /** One of them, once. */
  | "either"
  /** Once or not at all. */
  | "maybe";

/** The rule of a call that is known to run its callbacks at most once; `undefined` for any other. */
export function callbackRule(
  node: TSESTree.CallExpression | TSESTree.NewExpression,
  ownership: Ownership,
): CallbackRule | undefined {
  const { callee } = node;
  if (node.type === AST_NODE_TYPES.NewExpression) {
    return callee.type === AST_NODE_TYPES.Identifier && callee.name === "Promise" ? "once" : undefined;
  }
  if (callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  const name = methodName(callee);
  if (name === "run") return callee.object.type === AST_NODE_TYPES.Identifier && callee.object.name === "LinearContext" ? "once" : undefined;
  if (name === "use") return ownership.of(callee.object) === undefined ? undefined : "once";
  if (!ownership.isPromise(ownership.typeOf(callee.object))) return undefined;
  if (name === "then") return "either";
  if (name === "catch") return "maybe";
  return name === "finally" ? "once" : undefined;
}

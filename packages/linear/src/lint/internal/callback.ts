import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Call, Ownership } from "./linearity.ts";
import { isInlineFunction, methodName } from "./syntax.ts";

/** How often a call runs the functions that are written as its arguments. */
export type CallbackRule =
  /** Each of them, once. */
  | "once"
  /** One of them, once. */
  | "either"
  /** Once or not at all. */
  | "maybe";

/** Functions of the platform that call back later, when the caller has gone on. */
const DEFERRING: ReadonlySet<string> = new Set([
  "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame", "requestIdleCallback",
]);

/** The rule of a call that is known to run its callbacks at most once; `undefined` for any other. */
export function callbackRule(node: Call, ownership: Ownership): CallbackRule | undefined {
  const { callee } = node;
  if (node.type === AST_NODE_TYPES.NewExpression) {
    return callee.type === AST_NODE_TYPES.Identifier && callee.name === "Promise" ? "once" : undefined;
  }
  if (callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  if (isRun(node)) return "once";
  const name = methodName(callee);
  if (name === "use") return ownership.of(callee.object) === undefined ? undefined : "once";
  if (!isReaction(node, ownership)) return undefined;
  if (name === "then") return "either";
  return name === "catch" ? "maybe" : "once";
}

/** Whether a call is `then`, `catch` or `finally` of a promise. */
export function isReaction(node: Call, ownership: Ownership): boolean {
  const { callee } = node;
  if (callee.type !== AST_NODE_TYPES.MemberExpression) return false;
  const isNamed = ["then", "catch", "finally"].includes(methodName(callee));
  return isNamed && ownership.isPromise(ownership.typeOf(callee.object));
}

/** Whether a call is `LinearContext.run`. */
function isRun({ callee }: Call): boolean {
  return (
    callee.type === AST_NODE_TYPES.MemberExpression &&
    callee.object.type === AST_NODE_TYPES.Identifier &&
    callee.object.name === "LinearContext" &&
    methodName(callee) === "run"
  );
}

/** The name that the callback of `LinearContext.run` has for its context, which closes when the callback is over. */
export function contextOfRun(node: TSESTree.Node): TSESTree.Identifier | undefined {
  const call = node.parent;
  if (!isInlineFunction(node) || call?.type !== AST_NODE_TYPES.CallExpression) return undefined;
  if (call.arguments[0] !== node || !isRun(call)) return undefined;
  const [context] = node.params;
  return context?.type === AST_NODE_TYPES.Identifier ? context : undefined;
}

/** Whether a call hands its callbacks to the platform for later, and keeps nothing to take them back with. */
export function defers(node: Call): boolean {
  const { callee } = node;
  const isStatement = node.parent.type === AST_NODE_TYPES.ExpressionStatement;
  return isStatement && callee.type === AST_NODE_TYPES.Identifier && DEFERRING.has(callee.name);
}

/** Whether the function at hand waits for the promise of a call, alone or among others. */
export function isAwaited(node: TSESTree.Node): boolean {
  for (let one = node.parent; one; one = one.parent) {
    if (one.type === AST_NODE_TYPES.AwaitExpression) return true;
    if (isInlineFunction(one) || one.type.endsWith("Statement") || one.type.endsWith("Declaration")) return false;
  }
  return false;
}

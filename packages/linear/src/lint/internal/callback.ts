import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Call, Ownership } from "./linearity.ts";
import { isInlineFunction, methodName } from "./syntax.ts";

/** Rule by which a call runs the functions written as its arguments. */
export type CallbackRule =
  /** Runs each of them once. */
  | "once"
  /** Runs one of them, once. */
  | "either"
  /** Runs it once or not at all. */
  | "maybe";

/** Functions of the platform that call back later, after the caller has continued. */
const DEFERRING: ReadonlySet<string> = new Set([
  "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame", "requestIdleCallback",
]);

/** Methods that end a context or a disposable stack. */
const ENDING: ReadonlySet<string> = new Set(["close", "dispose", "disposeAsync"]);

/** Returns the rule of a call that is known to run its callbacks at most once, or undefined. */
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

/** Returns true if a call is `then`, `catch` or `finally` of a promise. */
export function isReaction(node: Call, ownership: Ownership): boolean {
  const { callee } = node;
  if (callee.type !== AST_NODE_TYPES.MemberExpression) return false;
  const isNamed = ["then", "catch", "finally"].includes(methodName(callee));
  return isNamed && ownership.isPromise(ownership.typeOf(callee.object));
}

/** Returns true if a call is `LinearContext.run`. */
function isRun({ callee }: Call): boolean {
  return (
    callee.type === AST_NODE_TYPES.MemberExpression &&
    callee.object.type === AST_NODE_TYPES.Identifier &&
    callee.object.name === "LinearContext" &&
    methodName(callee) === "run"
  );
}

/**
 * Returns the name of the context in a callback of `LinearContext.run`. The context closes when the callback has ended.
 */
export function contextOfRun(node: TSESTree.Node): TSESTree.Identifier | undefined {
  const call = node.parent;
  if (!isInlineFunction(node) || call?.type !== AST_NODE_TYPES.CallExpression) return undefined;
  if (call.arguments[0] !== node || !isRun(call)) return undefined;
  const [context] = node.params;
  return context?.type === AST_NODE_TYPES.Identifier ? context : undefined;
}

/**
 * Returns true if a call passes its callbacks to the platform for later and drops the handle that could cancel them.
 */
export function defers(node: Call): boolean {
  const { callee } = node;
  const isStatement = node.parent.type === AST_NODE_TYPES.ExpressionStatement;
  return isStatement && callee.type === AST_NODE_TYPES.Identifier && DEFERRING.has(callee.name);
}

/** Returns true if a call is `defer` of a disposable stack, which runs its callback once, when the stack ends. */
export function isDefer({ callee }: Call, ownership: Ownership): boolean {
  return callee.type === AST_NODE_TYPES.MemberExpression && methodName(callee) === "defer" && ownership.isStack(callee.object);
}

/** Returns true if a call ends the object of its method: a context, or a disposable stack. */
export function isEnd({ callee }: Call): boolean {
  return callee.type === AST_NODE_TYPES.MemberExpression && ENDING.has(methodName(callee));
}

/** Returns true if a name lends its value to a callback whose promise the current function does not await. */
export function isLendingOn(node: TSESTree.Identifier, ownership: Ownership): boolean {
  const call = lendingCall(node);
  return call !== undefined && ownership.isPromise(ownership.typeOf(call)) && !isAwaited(call);
}

/** Returns the call of `use` on a name. */
function lendingCall({ parent }: TSESTree.Identifier): TSESTree.CallExpression | undefined {
  if (parent.type !== AST_NODE_TYPES.MemberExpression || methodName(parent) !== "use") return undefined;
  const call = parent.parent;
  return call.type === AST_NODE_TYPES.CallExpression && call.callee === parent ? call : undefined;
}

/** Returns the name of the value that the function around a node borrows, if it is a callback of `use`. */
export function lentAround(node: TSESTree.Node): TSESTree.Identifier | undefined {
  let around: TSESTree.Node | undefined = node;
  while (around && !("params" in around)) around = around.parent;
  const call = around?.parent;
  if (call?.type !== AST_NODE_TYPES.CallExpression || call.callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  const { object } = call.callee;
  return object.type === AST_NODE_TYPES.Identifier && lendingCall(object) === call ? object : undefined;
}

/** Returns true if the current function awaits the promise of a call, alone or among others. */
export function isAwaited(node: TSESTree.Node): boolean {
  for (let one = node.parent; one; one = one.parent) {
    if (one.type === AST_NODE_TYPES.AwaitExpression) return true;
    if (isInlineFunction(one) || one.type.endsWith("Statement") || one.type.endsWith("Declaration")) return false;
  }
  return false;
}

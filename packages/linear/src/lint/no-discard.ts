import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Rule } from "eslint";
import { isReaction } from "./internal/callback.ts";
import { Containers } from "./internal/containers.ts";
import { expectationOf } from "./internal/expectation.ts";
import { fateOf } from "./internal/fate.ts";
import { linearRule } from "./internal/linear-rule.ts";
import { bindsLinear, omittedBy } from "./internal/holding.ts";
import { isRace } from "./internal/linearity.ts";
import type { Call, Ownership } from "./internal/linearity.ts";
import { isInlineFunction, methodName } from "./internal/syntax.ts";
import type { InlineFunction } from "./internal/syntax.ts";

const messages = {
  discarded: "expected the linear value made here to be kept, got a place that loses it; name it and consume it",
  omitted: "expected every linear part of this value to be named, got {{name}} left out; name it and consume it",
  outrun: "expected the value of each promise to be kept, got a race that loses all but one; use Promise.allSettled()",
  ignored: "expected this function to take the linear value that it receives, got no name for it; name it and consume it",
} as const;

/** Ids of the messages of `no-discard`. */
export type NoDiscardMessage = keyof typeof messages;

/** Requires a linear value that comes out of a call or into a function to be used. */
export const noDiscard: Rule.RuleModule = linearRule({
  description: "A linear value that is made or given is named, consumed, passed on or returned",
  messages,
  listen(context, { names, ownership }) {
    const containers = new Containers(names, ownership);
    const check = (node: Call): void => {
      const handler = ignorantHandler(node, ownership);
      if (handler !== undefined) context.report({ node: handler, messageId: "ignored" });
      if (hasLosers(node, ownership)) context.report({ node, messageId: "outrun" });
      for (const value of lostByAssign(node, ownership)) context.report({ node: value, messageId: "discarded" });
      const isLostHere =
        ownership.of(node) === undefined
          ? isStatement(node) && !ownership.isAssign(node) && containers.isPut(node)
          : ownership.of(node) === "linear" && ownership.isFresh(node) && isLost(node, containers, ownership);
      if (isLostHere) context.report({ node, messageId: "discarded" });
    };
    const checkPattern = (node: TSESTree.VariableDeclarator): void => {
      const { id, init } = node;
      if (!init || id.type === AST_NODE_TYPES.Identifier || !names.isHandedOver(init, node, ownership)) return;
      for (const { pattern, name } of omittedBy(id, ownership.typeOf(init), ownership)) {
        context.report({ node: pattern, messageId: "omitted", data: { name } });
      }
    };
    const checkFunction = (node: TSESTree.FunctionLike): void => {
      for (const ignored of ignoredBy(node, ownership)) context.report({ node: ignored, messageId: "ignored" });
    };
    return {
      [AST_NODE_TYPES.CallExpression]: check,
      [AST_NODE_TYPES.NewExpression]: check,
      [AST_NODE_TYPES.VariableDeclarator]: checkPattern,
      [AST_NODE_TYPES.ArrowFunctionExpression]: checkFunction,
      [AST_NODE_TYPES.FunctionExpression]: checkFunction,
      [AST_NODE_TYPES.FunctionDeclaration]: checkFunction,
    };
  },
});

/** Returns true if a value, or the literal that it is part of, is where nothing takes it. */
function isLost(node: Call, containers: Containers, ownership: Ownership): boolean {
  const literal = literalAround(node);
  if (literal) {
    // Variables are left to the other rules.
    const { type } = literal.parent;
    const isNamed = type === AST_NODE_TYPES.VariableDeclarator || type === AST_NODE_TYPES.ForOfStatement;
    return !isNamed && !containers.isTaken(literal);
  }
  const fate = fateOf(node, ownership);
  return fate === "borrow" || fate === "read" || (fate === "return" && isReturnLost(node, ownership));
}

type Literal = TSESTree.ArrayExpression | TSESTree.ObjectExpression;

/** Returns the outermost array or object literal around an expression. */
function literalAround(node: TSESTree.Node): Literal | undefined {
  let found: Literal | undefined;
  for (let one = node.parent; one; one = one.parent) {
    if (one.type === AST_NODE_TYPES.ArrayExpression || one.type === AST_NODE_TYPES.ObjectExpression) found = one;
    else if (one.type !== AST_NODE_TYPES.Property && one.type !== AST_NODE_TYPES.TSAsExpression) break;
  }
  return found;
}

/** Returns true if the value of an expression is thrown away: a statement, with or without `await` and `void`. */
function isStatement({ parent }: TSESTree.Node): boolean {
  if (parent?.type === AST_NODE_TYPES.ExpressionStatement) return true;
  const isThrough =
    parent?.type === AST_NODE_TYPES.AwaitExpression ||
    parent?.type === AST_NODE_TYPES.ChainExpression ||
    (parent?.type === AST_NODE_TYPES.UnaryExpression && parent.operator === "void");
  return isThrough && isStatement(parent);
}

/** Returns true for a race between two or more promises that are made here, of which it loses all but one. */
function hasLosers({ callee, arguments: given }: Call, ownership: Ownership): boolean {
  const [racers] = given;
  if (callee.type !== AST_NODE_TYPES.MemberExpression || !isRace(callee)) return false;
  if (racers?.type !== AST_NODE_TYPES.ArrayExpression) return false;
  const isLinear = (one: TSESTree.ArrayExpression["elements"][number]): boolean =>
    one !== null && one.type !== AST_NODE_TYPES.SpreadElement && ownership.of(one) === "linear" && ownership.isFresh(one);
  return racers.elements.filter(isLinear).length > 1;
}

/** Returns the linear values that `Object.assign` puts where no type knows them: into a target without such a property. */
function lostByAssign(call: Call, ownership: Ownership): readonly TSESTree.Node[] {
  const [target, ...sources] = call.arguments;
  if (target === undefined || !isStatement(call) || !ownership.isAssign(call)) return [];
  const known = ownership.typeOf(target);
  if (ownership.isAnything(known) || known.getStringIndexType() !== undefined) return [];
  return sources.flatMap((source) => {
    if (source.type !== AST_NODE_TYPES.ObjectExpression) return [];
    return source.properties.flatMap((one) => {
      if (one.type !== AST_NODE_TYPES.Property || one.key.type !== AST_NODE_TYPES.Identifier || one.computed) return [];
      const isLinear = ownership.of(one.value) === "linear";
      return isLinear && known.getProperty(one.key.name) === undefined ? [one.value] : [];
    });
  });
}

/** Returns a named function, passed to `then`, that does not take the promise's value. */
function ignorantHandler(call: Call, ownership: Ownership): TSESTree.Node | undefined {
  const { callee } = call;
  const [handler] = call.arguments;
  if (callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  if (handler === undefined || isInlineFunction(handler)) return undefined;
  const isHandler = isReaction(call, ownership) && methodName(callee) === "then";
  if (!isHandler || ownership.of(callee.object) !== "linear") return undefined;
  return ownership.firstArgumentOf(handler) === "borrow" ? handler : undefined;
}

/** Returns the places where a function has no name for a linear value that it receives to keep. */
function ignoredBy(node: TSESTree.FunctionLike, ownership: Ownership): readonly TSESTree.Node[] {
  const lost = node.params.filter((one) => isBlind(one, ownership));
  if (!isInlineFunction(node)) return ownership.borrowedBy(node)("") ? [] : lost;
  const { parameters } = expectationOf(node, ownership) ?? { parameters: [] };
  const isArgument = node.parent.type === AST_NODE_TYPES.CallExpression;
  const own = lost.filter((one) => {
    const expected = parameters[node.params.indexOf(one)];
    return expected === undefined ? !isArgument : expected.linearity !== undefined && !expected.isLent;
  });
  const hasRest = node.params.at(-1)?.type === AST_NODE_TYPES.RestElement;
  const isMissed = parameters
    .slice(node.params.length)
    .some(({ linearity, isLent }) => linearity === "linear" && !isLent && !hasRest);
  return isMissed ? [...own, node] : own;
}

/** Returns true for a pattern that destructures a linear value without naming anything linear. */
function isBlind(parameter: TSESTree.Parameter, ownership: Ownership): boolean {
  if (parameter.type !== AST_NODE_TYPES.ObjectPattern) return false;
  return ownership.of(parameter) === "linear" && !bindsLinear(parameter, ownership);
}

/** Returns true if the result of the enclosing function is unused. */
function isReturnLost(node: TSESTree.Node, ownership: Ownership): boolean {
  const maker = functionAround(node);
  return maker !== undefined && expectationOf(maker, ownership)?.isResultLost === true;
}

function functionAround(node: TSESTree.Node): InlineFunction | undefined {
  for (let one = node.parent; one; one = one.parent) {
    if (isInlineFunction(one)) return one;
    if ("params" in one) return undefined;
  }
  return undefined;
}

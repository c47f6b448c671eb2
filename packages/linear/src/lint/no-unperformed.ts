import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Rule } from "eslint";
import { expectationOf } from "./internal/expectation.ts";
import { linearRule } from "./internal/linear-rule.ts";
import { NEED, Programs } from "./internal/programs.ts";
import { isInlineFunction } from "./internal/syntax.ts";
import { isExported } from "./internal/variables.ts";

/** Ids of the messages of `no-unperformed`. */
export type NoUnperformedMessage = "unperformed" | "unperformedInAsync";

/** Requires a program with effects to be performed with `yield*`, or passed on to code that performs it. */
export const noUnperformed: Rule.RuleModule = linearRule({
  description: "A program with effects is performed with yield*, passed on or returned",
  brand: NEED,
  messages: {
    unperformed: "expected this program with effects to be performed, got one that is only made; write yield* before it",
    unperformedInAsync:
      "expected this program with effects to be performed, got one in an async function, which performs none; " +
      "await the operation of the AsyncWorld that fromAsync() passes, or write a generator with yield*",
  },
  listen(context, { names, ownership }) {
    const programs = new Programs(ownership);

    /** Returns true if the place of a program does nothing with it. */
    const isIdle = (node: TSESTree.Expression): boolean => {
      let child: TSESTree.Node = node;
      for (;;) {
        const parent: TSESTree.Node | undefined = child.parent;
        const place = parent === undefined ? "kept" : placeIn(parent, child);
        if (place !== "onward" || parent === undefined) return place === "idle";
        child = parent;
      }
    };

    const placeIn = (parent: TSESTree.Node, child: TSESTree.Node): Place => {
      switch (parent.type) {
        case AST_NODE_TYPES.CallExpression:
        case AST_NODE_TYPES.NewExpression: {
          const index = parent.arguments.findIndex((one) => one === child);
          return index >= 0 && ownership.isOnlyRead(parent, index) ? "idle" : "kept";
        }
        case AST_NODE_TYPES.ReturnStatement:
        case AST_NODE_TYPES.ArrowFunctionExpression:
          return isReturnIdle(parent) ? "idle" : "kept";
        case AST_NODE_TYPES.VariableDeclarator:
          return isUnused(parent) ? "idle" : "kept";
        default:
          return placeOf(parent, child);
      }
    };

    const isReturnIdle = (node: TSESTree.Node): boolean => {
      const maker = functionAround(node);
      if (maker === undefined) return false;
      // A function whose type is inferred has forgotten to perform its last step: nothing performs a generator's result, or
      // what a promise holds.
      if (maker.generator || maker.async) return !(maker.generator && maker.async) && maker.returnType === undefined;
      return isInlineFunction(maker) && expectationOf(maker, ownership)?.isResultLost === true;
    };

    const isUnused = (node: TSESTree.VariableDeclarator): boolean => {
      const { id } = node;
      if (id.type !== AST_NODE_TYPES.Identifier || isExported(node)) return false;
      const reads = names.of(id)?.references.filter((one) => one.isRead()) ?? [];
      return reads.every(({ identifier }) => identifier.type === AST_NODE_TYPES.Identifier && isIdle(identifier));
    };

    return {
      [AST_NODE_TYPES.CallExpression](node: TSESTree.CallExpression): void {
        if (!programs.has(ownership.typeOf(node)) || !isIdle(node)) return;
        const maker = functionAround(node);
        const isAsync = maker?.async === true && !maker.generator;
        context.report({ node, messageId: isAsync ? "unperformedInAsync" : "unperformed" });
      },
    };
  },
});

/** A place of a program: it does nothing with it, may do something, or has the program as its own value. */
type Place = "idle" | "kept" | "onward";

function placeOf(parent: TSESTree.Node, child: TSESTree.Node): Place {
  switch (parent.type) {
    case AST_NODE_TYPES.TSAsExpression:
    case AST_NODE_TYPES.TSNonNullExpression:
    case AST_NODE_TYPES.TSSatisfiesExpression:
    case AST_NODE_TYPES.ChainExpression:
      return "onward";
    case AST_NODE_TYPES.ConditionalExpression:
      return child === parent.test ? "idle" : "onward";
    case AST_NODE_TYPES.LogicalExpression:
      return child === parent.left && parent.operator !== "??" ? "idle" : "onward";
    case AST_NODE_TYPES.SequenceExpression:
      return child === parent.expressions.at(-1) ? "onward" : "idle";
    case AST_NODE_TYPES.YieldExpression:
      return parent.delegate ? "kept" : "idle";
    case AST_NODE_TYPES.UnaryExpression:
      return parent.operator === "typeof" ? "kept" : "idle";
    case AST_NODE_TYPES.BinaryExpression:
      return parent.operator === "in" || parent.operator === "instanceof" ? "kept" : "idle";
    case AST_NODE_TYPES.AwaitExpression:
    case AST_NODE_TYPES.ExpressionStatement:
    case AST_NODE_TYPES.TemplateLiteral:
    case AST_NODE_TYPES.SwitchStatement:
      return "idle";
    case AST_NODE_TYPES.IfStatement:
    case AST_NODE_TYPES.WhileStatement:
    case AST_NODE_TYPES.DoWhileStatement:
    case AST_NODE_TYPES.ForStatement:
      return "idle";
    default:
      return "kept";
  }
}

function functionAround(node: TSESTree.Node): TSESTree.FunctionLike | undefined {
  for (let one: TSESTree.Node | undefined = node; one; one = one.parent) {
    if ("params" in one && "generator" in one) return one;
  }
  return undefined;
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { bindsLinear } from "./holding.ts";
import type { Ownership } from "./linearity.ts";

/** Effect of an expression's place on its value. */
export type Fate =
  /** The value leaves: it is taken by a method, passed on, returned, stored or renamed. */
  | "consume"
  /** The value is used, and stays. */
  | "borrow"
  /** The value is only read, or nothing happens. */
  | "read"
  /** The value leaves the function as its result. */
  | "return";

/**
 * Determines the fate of the value of `node` from its surroundings, through parentheses, casts, `await` and branches,
 * up to the call, assignment or statement that decides it.
 */
export function fateOf(node: TSESTree.Expression, ownership: Ownership): Fate {
  let child: TSESTree.Node = node;
  let isPart = false;
  for (;;) {
    const parent: TSESTree.Node | undefined = child.parent;
    if (parent === undefined) return "read";
    const step = fateIn(parent, child, isPart, ownership);
    if (step !== "onward" && step !== "part") return step;
    isPart ||= step === "part";
    child = parent;
  }
}

function fateIn(
  parent: TSESTree.Node,
  child: TSESTree.Node,
  isPart: boolean,
  ownership: Ownership,
): Fate | "onward" | "part" {
  switch (parent.type) {
    case AST_NODE_TYPES.TSAsExpression:
    case AST_NODE_TYPES.TSNonNullExpression:
    case AST_NODE_TYPES.TSSatisfiesExpression:
    case AST_NODE_TYPES.TSTypeAssertion:
    case AST_NODE_TYPES.ChainExpression:
    case AST_NODE_TYPES.AwaitExpression:
      return "onward";
    case AST_NODE_TYPES.ConditionalExpression:
      return child === parent.test ? "read" : "onward";
    case AST_NODE_TYPES.LogicalExpression:
      return child === parent.left && parent.operator === "&&" ? "read" : "onward";
    case AST_NODE_TYPES.SequenceExpression:
      return child === parent.expressions.at(-1) ? "onward" : "read";
    case AST_NODE_TYPES.ArrayExpression:
    case AST_NODE_TYPES.ObjectExpression:
      return "part";
    case AST_NODE_TYPES.Property:
      return child === parent.value && parent.parent.type === AST_NODE_TYPES.ObjectExpression ? "part" : "read";
    case AST_NODE_TYPES.MemberExpression:
      return fateOfObject(parent, child, isPart, ownership);
    case AST_NODE_TYPES.CallExpression:
    case AST_NODE_TYPES.NewExpression: {
      const index = parent.arguments.findIndex((argument) => argument === child);
      return index < 0 ? "read" : ownership.argument(parent, index, isPart);
    }
    case AST_NODE_TYPES.VariableDeclarator:
      // `const x = value` takes it, `const { name } = value` reads it, `const { held } = handle` takes its part.
      return parent.id.type === AST_NODE_TYPES.ObjectPattern && !isPart && !bindsLinear(parent.id, ownership)
        ? "read"
        : "consume";
    case AST_NODE_TYPES.AssignmentExpression:
      return child === parent.right ? "consume" : "read";
    case AST_NODE_TYPES.ForOfStatement:
      // For a literal, whose parts the loop receives one by one.
      return child === parent.right && isPart ? "consume" : "read";
    case AST_NODE_TYPES.ReturnStatement:
      return "return";
    case AST_NODE_TYPES.ArrowFunctionExpression:
      return child === parent.body ? "return" : "read";
    case AST_NODE_TYPES.YieldExpression:
    case AST_NODE_TYPES.ThrowStatement:
    case AST_NODE_TYPES.ExportDefaultDeclaration:
    case AST_NODE_TYPES.ExportSpecifier:
    case AST_NODE_TYPES.PropertyDefinition:
    case AST_NODE_TYPES.AssignmentPattern:
    case AST_NODE_TYPES.JSXExpressionContainer:
      return "consume";
    default:
      return "read";
  }
}

function fateOfObject(
  parent: TSESTree.MemberExpression,
  child: TSESTree.Node,
  isPart: boolean,
  ownership: Ownership,
): Fate {
  if (child !== parent.object) return "read";
  // Members and methods of a container give access to its parts.
  if (isPart) return "consume";
  // A cast or `!` may stand between the method and its call.
  const call = parent.parent.type === AST_NODE_TYPES.TSNonNullExpression ? parent.parent.parent : parent.parent;
  const isCallee =
    call.type === AST_NODE_TYPES.CallExpression && (call.callee === parent || call.callee === parent.parent);
  return isCallee ? ownership.method(call, parent) : "read";
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";

/**
 * Returns the call or literal that takes the value of a name once all of its parts are evaluated, or undefined if the
 * value leaves at once. In `f(r, look(r))` the value leaves with the call of `f`, after `look` has borrowed it.
 */
export function carrierOf(node: TSESTree.Identifier): TSESTree.Node | undefined {
  let carrier: TSESTree.Node | undefined;
  let child: TSESTree.Node = node;
  for (let parent = child.parent; parent !== undefined; child = parent, parent = parent.parent) {
    switch (parent.type) {
      case AST_NODE_TYPES.CallExpression:
      case AST_NODE_TYPES.NewExpression:
        return parent;
      case AST_NODE_TYPES.ArrayExpression:
      case AST_NODE_TYPES.ObjectExpression:
        carrier = parent;
        break;
      case AST_NODE_TYPES.MemberExpression:
        if (child !== parent.object || !isCallee(parent)) return carrier;
        break;
      case AST_NODE_TYPES.ConditionalExpression:
        if (child === parent.test) return carrier;
        break;
      case AST_NODE_TYPES.SequenceExpression:
        if (child !== parent.expressions.at(-1)) return carrier;
        break;
      case AST_NODE_TYPES.ChainExpression:
      case AST_NODE_TYPES.LogicalExpression:
      case AST_NODE_TYPES.Property:
      case AST_NODE_TYPES.SpreadElement:
      case AST_NODE_TYPES.TSAsExpression:
      case AST_NODE_TYPES.TSNonNullExpression:
      case AST_NODE_TYPES.TSSatisfiesExpression:
      case AST_NODE_TYPES.TSTypeAssertion:
        break;
      default:
        return carrier;
    }
  }
  return carrier;
}

/** Returns true if a member is called. A cast or `!` may stand between. */
function isCallee(member: TSESTree.MemberExpression): boolean {
  const { parent } = member;
  const [callee, call] = parent.type === AST_NODE_TYPES.TSNonNullExpression ? [parent, parent.parent] : [member, parent];
  return call.type === AST_NODE_TYPES.CallExpression && call.callee === callee;
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";

/** A function written where it is used, which runs as soon as it is called. */
export type InlineFunction = TSESTree.ArrowFunctionExpression | TSESTree.FunctionExpression;

/** Returns true if a node is such a function. A generator is not, because it runs only when it is iterated. */
export function isInlineFunction(node: TSESTree.Node | null | undefined): node is InlineFunction {
  if (node?.type === AST_NODE_TYPES.ArrowFunctionExpression) return true;
  return node?.type === AST_NODE_TYPES.FunctionExpression && !node.generator;
}

/** Returns the name of a method, from `x.name`, `x["name"]` or `x[Symbol.name]`. */
export function methodName(callee: TSESTree.MemberExpression): string {
  const { property } = callee;
  if (property.type === AST_NODE_TYPES.MemberExpression) return methodName(property);
  if (property.type === AST_NODE_TYPES.Identifier) return property.name;
  return property.type === AST_NODE_TYPES.Literal ? String(property.value) : "";
}

/** Returns true if a node lies within another. */
export function isWithin(inner: TSESTree.Node, outer: TSESTree.Node): boolean {
  return inner.range[0] >= outer.range[0] && inner.range[1] <= outer.range[1];
}

/** Returns the names in a pattern that receive a value. */
export function namesIn(target: TSESTree.Node): readonly TSESTree.Identifier[] {
  switch (target.type) {
    case AST_NODE_TYPES.Identifier:
      return [target];
    case AST_NODE_TYPES.ArrayPattern:
      return target.elements.flatMap((one) => (one ? namesIn(one) : []));
    case AST_NODE_TYPES.ObjectPattern:
      return target.properties.flatMap((one) =>
        namesIn(one.type === AST_NODE_TYPES.Property ? one.value : one.argument),
      );
    case AST_NODE_TYPES.AssignmentPattern:
      return namesIn(target.left);
    case AST_NODE_TYPES.RestElement:
      return namesIn(target.argument);
    default:
      return [];
  }
}

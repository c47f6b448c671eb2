import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type ts from "typescript";
import { names, tagsOf } from "./linearity.ts";
import type { Linearity, Ownership } from "./linearity.ts";
import { methodName } from "./syntax.ts";
import type { InlineFunction } from "./syntax.ts";

/** Requirements on a function from the place where it is written. */
export interface Expectation {
  /** The parameters that the type of the place declares. A lent value goes back to the caller. */
  readonly parameters: readonly { readonly linearity: Linearity | undefined; readonly isLent: boolean }[];
  /** True if nothing uses the function's result. */
  readonly isResultLost: boolean;
}

/** Returns the expectation on a function at the place where it is written, or undefined if there is none. */
export function expectationOf(node: InlineFunction, ownership: Ownership): Expectation | undefined {
  const { checker } = ownership;
  const signature = expectedSignature(node, ownership);
  if (signature === undefined) return undefined;
  const held = heldByPromise(node, ownership);
  const tag = tagsOf(signature, checker).get("borrows");
  const isLent = isLender(node, ownership);
  const parameters = (signature.getDeclaration()?.parameters ?? []).map((parameter, index) => ({
    // The declared type, because a generic caller passes on its values and keeps them.
    linearity: (index === 0 ? held : undefined) ?? ownership.ofType(checker.getTypeAtLocation(parameter)),
    isLent: isLent || names(tag, parameter.name.getText()),
  }));
  return { parameters, isResultLost: checker.typeToString(signature.getReturnType()) === "void" };
}

function expectedSignature(node: InlineFunction, { checker, services }: Ownership): ts.Signature | undefined {
  const { parent } = node;
  const map = services.esTreeNodeToTSNodeMap;
  const location = map.get(node);
  if (parent.type === AST_NODE_TYPES.MethodDefinition) return undefined;
  if (parent.type === AST_NODE_TYPES.Property && (parent.method || parent.kind !== "init")) {
    // In the compiler's tree a method is not an expression. Its object is one in both trees.
    const object = checker.getContextualType(map.get(parent.parent) as ts.Expression);
    const name = parent.key.type === AST_NODE_TYPES.Identifier && parent.method ? parent.key.name : undefined;
    const member = name === undefined ? undefined : object?.getProperty(name);
    return member && checker.getTypeOfSymbolAtLocation(member, location).getNonNullableType().getCallSignatures()[0];
  }
  // A function written as a value is an expression in both trees.
  return checker.getContextualType(location as ts.Expression)?.getNonNullableType().getCallSignatures()[0];
}

/** Returns the linearity of a promise's value, for the first callback of `then`. */
function heldByPromise(node: InlineFunction, ownership: Ownership): Linearity | undefined {
  const call = node.parent;
  if (call.type !== AST_NODE_TYPES.CallExpression) return undefined;
  if (call.callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  const { object } = call.callee;
  const isThen = methodName(call.callee) === "then" && ownership.isPromise(ownership.typeOf(object));
  return isThen && call.arguments[0] === node ? ownership.of(object) : undefined;
}

/** Returns true if the call that has a function as its argument only lends to it, by its doc. */
function isLender(node: InlineFunction, ownership: Ownership): boolean {
  const call = node.parent;
  if (call.type !== AST_NODE_TYPES.CallExpression && call.type !== AST_NODE_TYPES.NewExpression) return false;
  const signature = ownership.signatureOf(call);
  const parameter = signature?.parameters[call.arguments.findIndex((one) => one === node)];
  return parameter !== undefined && names(tagsOf(signature, ownership.checker).get("borrows"), parameter.name);
}

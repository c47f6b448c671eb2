import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type ts from "typescript";
import { names, tagsOf } from "./linearity.ts";
import type { Linearity, Ownership } from "./linearity.ts";
import { methodName } from "./syntax.ts";
import type { InlineFunction } from "./syntax.ts";

/** What a function is told by the place where it is written. */
export interface Expectation {
  /** What it is given, as the type of the place declares it; what is lent goes back to the caller. */
  readonly parameters: readonly { readonly linearity: Linearity | undefined; readonly isLent: boolean }[];
  /** Whether nobody looks at what it returns. */
  readonly isResultLost: boolean;
}

/** What is expected of a function by the place where it is written; `undefined` where nothing is. */
export function expectationOf(node: InlineFunction, ownership: Ownership): Expectation | undefined {
  const { checker } = ownership;
  const signature = expectedSignature(node, ownership);
  if (signature === undefined) return undefined;
  const held = heldByPromise(node, ownership);
  const tag = tagsOf(signature).get("borrows");
  const isLent = isLender(node, ownership);
  const parameters = (signature.getDeclaration()?.parameters ?? []).map((parameter, index) => ({
    // The declared type: a caller that is generic hands on whatever it is given, and keeps it.
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
    // In the compiler's tree a method is no expression; its object is, in both.
    const object = checker.getContextualType(map.get(parent.parent) as ts.Expression);
    const name = parent.key.type === AST_NODE_TYPES.Identifier && parent.method ? parent.key.name : undefined;
    const member = name === undefined ? undefined : object?.getProperty(name);
    return member && checker.getTypeOfSymbolAtLocation(member, location).getNonNullableType().getCallSignatures()[0];
  }
  // A function that is written as a value is an expression in both trees.
  return checker.getContextualType(location as ts.Expression)?.getNonNullableType().getCallSignatures()[0];
}

/** For the first callback of `then`: whether the promise holds a linear value. */
function heldByPromise(node: InlineFunction, ownership: Ownership): Linearity | undefined {
  const call = node.parent;
  if (call.type !== AST_NODE_TYPES.CallExpression) return undefined;
  if (call.callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  const { object } = call.callee;
  const isThen = methodName(call.callee) === "then" && ownership.isPromise(ownership.typeOf(object));
  return isThen && call.arguments[0] === node ? ownership.of(object) : undefined;
}

/** Whether the call that a function is an argument of says that it only lends to it. */
function isLender(node: InlineFunction, ownership: Ownership): boolean {
  const call = node.parent;
  if (call.type !== AST_NODE_TYPES.CallExpression && call.type !== AST_NODE_TYPES.NewExpression) return false;
  const signature = ownership.signatureOf(call);
  const parameter = signature?.parameters[call.arguments.findIndex((one) => one === node)];
  return parameter !== undefined && names(tagsOf(signature).get("borrows"), parameter.name);
}

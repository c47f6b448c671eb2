import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type ts from "typescript";
import type { Ownership } from "./linearity.ts";
import { namesIn } from "./syntax.ts";

/** Maximum depth of containers that are examined. */
const DEPTH_MAX = 4;

/** Returns true if values of a type are containers of linear values: collections of the platform, and plain objects. */
export function holdsLinear(type: ts.Type, ownership: Ownership, depth: number = DEPTH_MAX): boolean {
  if (depth === 0 || ownership.isAnything(type)) return false;
  if (type.isUnion()) return type.types.some((part) => holdsLinear(part, ownership, depth - 1));
  if (ownership.ofType(type) !== undefined) return false;
  const { checker } = ownership;
  const isLinear = (part: ts.Type): boolean =>
    ownership.ofType(part) === "linear" || holdsLinear(part, ownership, depth - 1);
  const symbol = type.getSymbol();
  if (symbol?.name === "__object" || symbol?.name === "__type") {
    return type.getProperties().some((property) => isLinear(checker.getTypeOfSymbol(property)));
  }
  const isCollection =
    checker.isArrayType(type) || checker.isTupleType(type) || ownership.isPlatforms(symbol?.declarations?.[0]);
  // An array, a tuple, or an instance of a platform type: a reference, if it is generic.
  return isCollection && checker.getTypeArguments(type as ts.TypeReference).some(isLinear);
}

/** Returns true if a pattern names a linear value, or a container of some. */
export function bindsLinear(pattern: TSESTree.Node, ownership: Ownership): boolean {
  return namesIn(pattern).some(
    (name) => ownership.of(name) !== undefined || holdsLinear(ownership.typeOf(name), ownership),
  );
}

/**
 * Returns true if an expression is a linear value, or a container with one, without another owner: it was made here, or
 * belongs to a variable that owns it.
 */
export function isHandedOver(
  value: TSESTree.Node,
  ownership: Ownership,
  isOwner: (name: TSESTree.Identifier) => boolean,
): boolean {
  const isOver = (node: TSESTree.Node | null): boolean => node !== null && isHandedOver(node, ownership, isOwner);
  switch (value.type) {
    case AST_NODE_TYPES.Identifier:
      return isOwner(value);
    case AST_NODE_TYPES.ArrayExpression:
      return value.elements.some(isOver);
    case AST_NODE_TYPES.ObjectExpression:
      return value.properties.some((one) => one.type === AST_NODE_TYPES.Property && isOver(one.value));
    case AST_NODE_TYPES.NewExpression:
      if (ownership.of(value) === "linear") return true;
      return holdsLinear(ownership.typeOf(value), ownership) && value.arguments.some(isOver);
    case AST_NODE_TYPES.CallExpression:
      if (ownership.of(value) === "linear") return ownership.isFresh(value);
      return holdsLinear(ownership.typeOf(value), ownership) && isFull(value, ownership, isOver);
    case AST_NODE_TYPES.AwaitExpression:
      return isOver(value.argument);
    case AST_NODE_TYPES.TSAsExpression:
    case AST_NODE_TYPES.TSSatisfiesExpression:
    case AST_NODE_TYPES.TSNonNullExpression:
      return isOver(value.expression);
    default:
      return false;
  }
}

/**
 * Returns true if a call returns a container of values without another owner: parts of a linear value, results of
 * callbacks, or something that the program opens and promises. Other functions may return a container that they keep.
 */
function isFull(
  call: TSESTree.CallExpression,
  ownership: Ownership,
  isOver: (node: TSESTree.Node | null) => boolean,
): boolean {
  const { callee } = call;
  if (!ownership.isPlatformCall(call)) {
    const isOfLinear = callee.type === AST_NODE_TYPES.MemberExpression && ownership.of(callee.object) !== undefined;
    return isOfLinear || isPromised(ownership.typeOf(call), ownership);
  }
  if (callee.type !== AST_NODE_TYPES.MemberExpression) return false;
  if (ownership.of(callee.object) !== undefined) return true;
  const isOfAll = callee.object.type === AST_NODE_TYPES.Identifier && callee.object.name === "Promise";
  return isOfAll ? call.arguments.some(isOver) : !holdsLinear(ownership.typeOf(callee.object), ownership);
}

/** Returns true for the promise of a container. A read-only one is a view, whose maker keeps the values. */
function isPromised(type: ts.Type, ownership: Ownership): boolean {
  if (!ownership.isPromise(type)) return false;
  // A promise type is a reference to a generic interface.
  const [held] = ownership.checker.getTypeArguments(type as ts.TypeReference);
  const parts = held?.isUnion() === true ? held.types : [held];
  return !parts.some((part) => part?.getSymbol()?.name.startsWith("Readonly"));
}

/** A linear part that a pattern leaves out. */
export interface Omission {
  readonly pattern: TSESTree.Node;
  /** Key or index of the part. */
  readonly name: string;
}

/** Returns the linear parts of a record or tuple that a pattern does not name. */
export function omittedBy(target: TSESTree.Node, type: ts.Type, ownership: Ownership): readonly Omission[] {
  if (target.type === AST_NODE_TYPES.AssignmentPattern) return omittedBy(target.left, type, ownership);
  if (!holdsLinear(type, ownership)) return [];
  const { checker } = ownership;
  const named = new Map<string, TSESTree.Node>();
  const parts = new Map<string, ts.Type>();
  if (target.type === AST_NODE_TYPES.ObjectPattern) {
    for (const one of target.properties) {
      if (one.type === AST_NODE_TYPES.RestElement || one.computed) return [];
      named.set(one.key.type === AST_NODE_TYPES.Identifier ? one.key.name : String(Reflect.get(one.key, "value")), one.value);
    }
    for (const property of type.getProperties()) parts.set(property.name, checker.getTypeOfSymbol(property));
  } else if (target.type === AST_NODE_TYPES.ArrayPattern && checker.isTupleType(type)) {
    for (const [index, one] of target.elements.entries()) {
      if (one?.type === AST_NODE_TYPES.RestElement) return [];
      if (one) named.set(`[${index}]`, one);
    }
    // A tuple type is a reference to its shape.
    const { target: shape } = type as ts.TupleTypeReference;
    for (const [index, part] of checker.getTypeArguments(type as ts.TypeReference).slice(0, shape.minLength).entries()) {
      parts.set(`[${index}]`, part);
    }
  }
  return [...parts].flatMap(([name, part]) => {
    const inner = named.get(name);
    if (inner !== undefined) return omittedBy(inner, part, ownership);
    const isLost = ownership.ofType(part) === "linear" || holdsLinear(part, ownership);
    return isLost ? [{ pattern: target, name }] : [];
  });
}

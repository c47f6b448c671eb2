import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { ParserServicesWithTypeInformation } from "@typescript-eslint/utils";
import type ts from "typescript";
import { methodName } from "./syntax.ts";

/** Number of times that a value must be consumed: exactly once, or at most once. */
export type Linearity = "linear" | "affine";

/** The property by which a type declares its values linear. It exists only in the type system. */
export const BRAND = "~linear";
/** Methods of a linear value that take it, without a tag. */
const TAKING: ReadonlySet<string> = new Set(["consume", "move", "split", "map", "dispose", "asyncDispose"]);
/** Methods that may be called after the value is gone, because they only describe the handle. */
const HARMLESS: ReadonlySet<string> = new Set(["toJSON", "toString", "valueOf"]);
/** Methods of the platform's containers that remove a value. All others leave it inside. */
const REMOVING: ReadonlySet<string> = new Set(["pop", "shift", "splice", "next", "then", "finally", "catch"]);
/** Methods of the platform's containers that only compare their argument with the contents, even after it has gone there. */
const COMPARING: ReadonlySet<string> = new Set(["has", "delete", "includes", "indexOf", "lastIndexOf"]);

/** Methods of the platform's containers that put their arguments into the container. */
export const PUTTING: ReadonlySet<string> = new Set(["push", "unshift", "add", "set", "fill"]);

/** A call or construction. */
export type Call = TSESTree.CallExpression | TSESTree.NewExpression;

/** Determines with the compiler which values are linear, and which calls take them. */
export class Ownership {
  /** Services that link the ESLint tree to the compiler's. */
  readonly services: ParserServicesWithTypeInformation;
  /** The compiler's type checker. */
  readonly checker: ts.TypeChecker;
  readonly #known = new Map<ts.Type, Linearity | undefined>();

  constructor(services: ParserServicesWithTypeInformation) {
    this.services = services;
    this.checker = services.program.getTypeChecker();
  }

  /** Returns the type of an expression. */
  typeOf(node: TSESTree.Node): ts.Type {
    return this.services.getTypeAtLocation(node);
  }

  /** Returns the linearity of an expression's value, or of the value of its promise. */
  of(node: TSESTree.Node): Linearity | undefined {
    return this.ofType(this.typeOf(node));
  }

  /** Returns the linearity of a type. For a union, it is that of the strictest part. */
  ofType(type: ts.Type): Linearity | undefined {
    if (this.#known.has(type)) return this.#known.get(type);
    // Set before it is known, which ends the recursion for a type that contains itself.
    this.#known.set(type, undefined);
    const found = this.#find(type);
    this.#known.set(type, found);
    return found;
  }

  #find(type: ts.Type): Linearity | undefined {
    if (type === this.checker.getNeverType() || this.isAnything(type)) return undefined;
    if (type.isUnion()) {
      const parts = type.types.map((part) => this.ofType(part));
      return parts.find((part) => part === "linear") ?? parts.find((part) => part !== undefined);
    }
    if (type.isTypeParameter()) {
      const bound = this.checker.getBaseConstraintOfType(type);
      return bound === undefined ? undefined : this.ofType(bound);
    }
    const brand = this.checker.getPropertyOfType(type, BRAND);
    if (brand !== undefined) {
      const mark = this.checker.getTypeOfSymbol(brand);
      return mark.isStringLiteral() && mark.value === "at-most-once" ? "affine" : "linear";
    }
    if (!this.isPromise(type)) return undefined;
    // A promise type is a reference to a generic interface.
    const [held] = this.checker.getTypeArguments(type as ts.TypeReference);
    return held === undefined ? undefined : this.ofType(held);
  }

  /** Returns the expression whose type a cast to `unknown` or `any` hides. */
  uncast(node: TSESTree.Node): TSESTree.Node {
    const isHidden = node.type === AST_NODE_TYPES.TSAsExpression && this.isAnything(this.typeOf(node));
    return isHidden ? this.uncast(node.expression) : node;
  }

  /** Returns true for `any` and `unknown`, which say nothing about their values. */
  isAnything(type: ts.Type): boolean {
    return type === this.checker.getAnyType() || type === this.checker.getUnknownType();
  }

  /** Returns true if a type is the platform's promise. */
  isPromise(type: ts.Type): boolean {
    const name = type.getSymbol()?.name;
    return name === "Promise" || name === "PromiseLike";
  }

  /** Returns true if the type of a name has `undefined` or `null`. */
  mayBeAbsent(node: TSESTree.Identifier): boolean {
    return this.partsOf(node).some((part) => part === "undefined" || part === "null");
  }

  /** Returns true if an expression has type `never`: the program does not reach it, or does not return from it. */
  isNever(node: TSESTree.Node): boolean {
    return this.typeOf(node) === this.checker.getNeverType();
  }

  /** Returns true if an object is a `LinearContext`. */
  isContext(node: TSESTree.Node): boolean {
    return this.typeOf(node).getSymbol()?.name === "LinearContext";
  }

  /** Returns true if an object is a disposable stack: the platform's, or this package's. */
  isStack(node: TSESTree.Node): boolean {
    const name = this.typeOf(node).getSymbol()?.name;
    return name === "DisposableStack" || name === "AsyncDisposableStack";
  }

  /** Returns the only possible value of an expression as text: `true` and `"a"` are single values, `boolean` is not. */
  literalOf(node: TSESTree.Node): string | undefined {
    const type = this.typeOf(node);
    const text = this.checker.typeToString(type);
    return type.isLiteral() || text === "true" || text === "false" ? text : undefined;
  }

  /** Returns the union members of an expression's type, as text. */
  partsOf(node: TSESTree.Node): readonly string[] {
    const type = this.typeOf(node);
    return (type.isUnion() ? type.types : [type]).map((part) => this.checker.typeToString(part));
  }

  /** Returns true if a property is declared `readonly` by the program. The platform's, such as `size`, may change. */
  isReadonly(node: TSESTree.MemberExpression): boolean {
    const declarations = this.services.getSymbolAtLocation(node.property)?.declarations ?? [];
    return (
      declarations.length > 0 &&
      declarations.every(
        (declaration) =>
          !this.isPlatforms(declaration) &&
          modifiersOf(declaration).some((modifier) => modifier.getText() === "readonly"),
      )
    );
  }

  /** Returns true if the cases of a switch name every possible value of its subject. */
  isExhaustive(node: TSESTree.SwitchStatement): boolean {
    const cases = new Set(node.cases.map(({ test }) => test && this.checker.typeToString(this.typeOf(test))));
    return this.partsOf(node.discriminant).every((part) => cases.has(part));
  }

  /** Returns the effect of a method call on a linear value. */
  method(call: TSESTree.CallExpression, callee: TSESTree.MemberExpression): "consume" | "borrow" | "read" {
    const tags = this.#tags(call);
    if (tags.has("consumes")) return "consume";
    if (tags.has("borrows")) return "borrow";
    const name = methodName(callee);
    if (this.isPromise(this.typeOf(callee.object)) || TAKING.has(name)) return "consume";
    return HARMLESS.has(name) ? "read" : "borrow";
  }

  /** Returns the effect of a call on its argument. A parameter that cannot hold a linear value only borrows it. */
  argument(call: Call, index: number, isPart: boolean): "consume" | "borrow" | "read" {
    const signature = this.signatureOf(call);
    if (signature === undefined) return "consume";
    if (this.#isLent(call)) return "borrow";
    const { callee } = call;
    const compares = callee.type === AST_NODE_TYPES.MemberExpression && COMPARING.has(methodName(callee));
    if (compares && this.#isOfPlatform(signature)) return "read";
    return this.#parameter(signature, index, isPart, call);
  }

  /** Returns true if a call passes an argument to a parameter of type `unknown` or `any`, which only reads it. */
  isOnlyRead(call: Call, index: number): boolean {
    const signature = this.signatureOf(call);
    const last = signature === undefined ? -1 : signature.parameters.length - 1;
    const parameter = signature?.parameters[Math.min(index, last)];
    if (parameter === undefined) return false;
    const type = this.checker.getTypeOfSymbolAtLocation(parameter, this.services.esTreeNodeToTSNodeMap.get(call));
    const element = this.checker.isArrayType(type) ? type.getNumberIndexType() : undefined;
    return this.isAnything(index >= last && element ? element : type);
  }

  /**
   * Returns the argument of a type guard's call that is no linear value where the guard fails, because its type has no
   * other linear part.
   */
  excludedBy(call: TSESTree.CallExpression): TSESTree.Node | undefined {
    const signature = this.signatureOf(call);
    const guard = signature && this.checker.getTypePredicateOfSignature(signature);
    const subject = call.arguments[guard?.parameterIndex ?? -1];
    if (subject === undefined || guard?.type === undefined) return undefined;
    const { type } = guard;
    const given = this.typeOf(subject);
    const left = (given.isUnion() ? given.types : [given]).filter((part) => !this.checker.isTypeAssignableTo(part, type));
    return left.some((part) => this.ofType(part) !== undefined) ? undefined : subject;
  }

  /** Returns the effect of a function on its first argument, or undefined for a value that may not be a function. */
  firstArgumentOf(node: TSESTree.Node): "consume" | "borrow" | undefined {
    const [signature] = this.typeOf(node).getCallSignatures();
    return signature && this.#parameter(signature, 0, false, node);
  }

  #parameter(signature: ts.Signature, index: number, isPart: boolean, at: TSESTree.Node): "consume" | "borrow" {
    const last = signature.parameters.length - 1;
    const parameter = signature.parameters[Math.min(index, last)];
    if (parameter === undefined) return "borrow";
    const tags = tagsOf(signature, this.checker);
    if (names(tags.get("consumes"), parameter.name)) return "consume";
    if (names(tags.get("borrows"), parameter.name)) return "borrow";
    const guard = this.checker.getTypePredicateOfSignature(signature);
    if (guard?.parameterIndex === index) return "borrow";
    const declared = this.checker.getTypeOfSymbolAtLocation(parameter, this.services.esTreeNodeToTSNodeMap.get(at));
    const isRest = index >= last && this.checker.isArrayType(declared) && declared.getNumberIndexType();
    const types = isRest ? [declared, isRest] : [declared];
    if (isPart) return types.some((type) => this.isAnything(type)) ? "borrow" : "consume";
    return types.every((type) => this.ofType(type) === undefined) ? "borrow" : "consume";
  }

  /** Returns a test for the parameters that a function only borrows: by its doc, or as the subject of its type guard. */
  borrowedBy(node: TSESTree.FunctionLike): (parameter: string) => boolean {
    // A function in one tree is one in the other.
    return this.#borrowedBy(this.services.esTreeNodeToTSNodeMap.get(node) as ts.SignatureDeclaration);
  }

  #borrowedBy(declaration: ts.SignatureDeclaration): (parameter: string) => boolean {
    const signature = this.checker.getSignatureFromDeclaration(declaration);
    const tag = tagsOf(signature, this.checker).get("borrows");
    const guard = signature && this.checker.getTypePredicateOfSignature(signature);
    return (parameter) => names(tag, parameter) || guard?.parameterName === parameter;
  }

  /** Returns true for a call of a callback by the function that lends to it: its own parameter, as its doc says. */
  #isLent({ callee }: Call): boolean {
    if (callee.type !== AST_NODE_TYPES.Identifier) return false;
    const declaration = this.services.getSymbolAtLocation(callee)?.valueDeclaration;
    const { parent } = declaration ?? {};
    return isFunctionOf(parent, declaration) && this.#borrowedBy(parent)(callee.name);
  }

  /** Returns true if a call is to a function or method of the platform. */
  isPlatformCall(call: Call): boolean {
    return this.#isOfPlatform(this.signatureOf(call));
  }

  /** Returns true if an expression yields a fresh value, so that its name owns it. */
  isFresh(node: TSESTree.Expression): boolean {
    if (node.type === AST_NODE_TYPES.AwaitExpression) return this.isFresh(node.argument);
    if (node.type === AST_NODE_TYPES.NewExpression) return true;
    if (node.type === AST_NODE_TYPES.ChainExpression || node.type === AST_NODE_TYPES.TSNonNullExpression) {
      return this.isFresh(node.expression);
    }
    if (node.type === AST_NODE_TYPES.ConditionalExpression) {
      return this.isFresh(node.consequent) || this.isFresh(node.alternate);
    }
    if (node.type === AST_NODE_TYPES.LogicalExpression) return this.isFresh(node.left) || this.isFresh(node.right);
    if (node.type === AST_NODE_TYPES.TSAsExpression || node.type === AST_NODE_TYPES.TSSatisfiesExpression) {
      return this.isFresh(node.expression);
    }
    if (node.type !== AST_NODE_TYPES.CallExpression) return false;
    if (node.callee.type !== AST_NODE_TYPES.MemberExpression) return true;
    if (!this.#isOfPlatform(this.signatureOf(node)) || REMOVING.has(methodName(node.callee))) return true;
    return isRace(node.callee);
  }

  /** Returns true if a call is `Object.assign`. */
  isAssign(call: Call): boolean {
    const { callee } = call;
    if (callee.type !== AST_NODE_TYPES.MemberExpression || methodName(callee) !== "assign") return false;
    return callee.object.type === AST_NODE_TYPES.Identifier && callee.object.name === "Object" && this.isPlatformCall(call);
  }

  /** Returns true if a call puts its arguments into a container of the platform. */
  isPut(call: Call): boolean {
    const { callee } = call;
    return callee.type === AST_NODE_TYPES.MemberExpression && PUTTING.has(methodName(callee)) && this.isPlatformCall(call);
  }

  #isOfPlatform(signature: ts.Signature | undefined): boolean {
    return this.isPlatforms(signature?.getDeclaration());
  }

  /** Returns true if the platform declares something. */
  isPlatforms(declaration: ts.Node | undefined): boolean {
    const file = declaration?.getSourceFile();
    return file !== undefined && this.services.program.isSourceFileDefaultLibrary(file);
  }

  /** Returns the signature that a call resolves to. */
  signatureOf(call: Call): ts.Signature | undefined {
    // Nodes that represent a call are calls in both trees.
    return this.checker.getResolvedSignature(
      this.services.esTreeNodeToTSNodeMap.get(call) as ts.CallExpression | ts.NewExpression,
    );
  }

  #tags(call: Call): ReadonlyMap<string, string> {
    return tagsOf(this.signatureOf(call), this.checker);
  }
}

function modifiersOf(declaration: ts.Declaration): readonly ts.Node[] {
  // Every declaration that can be `readonly` has this property; a parameter has it too.
  return (declaration as { readonly modifiers?: readonly ts.Node[] }).modifiers ?? [];
}

/** Returns true if a method is `Promise.race` or `Promise.any`, which returns one of the values and loses the others. */
export function isRace(callee: TSESTree.MemberExpression): boolean {
  const isOfPromise = callee.object.type === AST_NODE_TYPES.Identifier && callee.object.name === "Promise";
  return isOfPromise && ["race", "any"].includes(methodName(callee));
}

/** Returns true if a node is a function with this parameter. */
function isFunctionOf(node: ts.Node | undefined, parameter: ts.Declaration | undefined): node is ts.SignatureDeclaration {
  const parameters = node && "parameters" in node && Array.isArray(node.parameters) ? node.parameters : [];
  return parameters.includes(parameter);
}

/**
 * Returns the tags of a signature's doc comment, with their texts. A function type has the tags of the type alias,
 * property or variable whose type it is, too.
 */
export function tagsOf(signature: ts.Signature | undefined, checker: ts.TypeChecker): Map<string, string> {
  // A signature of the compiler's own has no declaration.
  const declaration: ts.Node | undefined = signature?.getDeclaration();
  const around = declaration && namedAround(declaration);
  const outer = around && checker.getSymbolAtLocation(around.name)?.getJsDocTags(checker);
  return new Map([...textsOf(outer, around), ...textsOf(signature?.getJsDocTags(), declaration)]);
}

/** Returns the names and texts of tags, or of those before a declaration that has none. */
function textsOf(
  tags: readonly ts.JSDocTagInfo[] = [],
  declaration: ts.Node | undefined,
): readonly (readonly [name: string, text: string])[] {
  if (tags.length === 0) return declaration === undefined ? [] : tagsBefore(declaration);
  return tags.map(({ name, text = [] }) => [name, text.map((part) => part.text).join("")]);
}

/** Returns the tags of a doc comment on the line of the token before it, which the compiler attaches to nothing. */
function tagsBefore(declaration: ts.Node): readonly (readonly [name: string, text: string])[] {
  const before = declaration.getFullText().slice(0, declaration.getLeadingTriviaWidth());
  const comment = /\/\*\*(.*?)\*\/\s*$/s.exec(before)?.[1] ?? "";
  return [...comment.matchAll(/@(\w+)([^@\n]*)/g)].map(([, name = "", text = ""]) => [name, text.trim()]);
}

/** Returns the declaration whose type a function type is part of. */
function namedAround(signature: ts.Node): (ts.Node & { readonly name: ts.Node }) | undefined {
  if ("name" in signature || "body" in signature) return undefined;
  // Function types and the types around them have no name. Another function around is a boundary. The root has no parent.
  let node: ts.Node | undefined = signature.parent;
  while (node !== undefined && !("name" in node) && !("parameters" in node)) node = node.parent;
  return node !== undefined && isNamed(node) ? node : undefined;
}

function isNamed(node: ts.Node): node is ts.Node & { readonly name: ts.Node } {
  return "name" in node && node.name !== undefined;
}

/** Returns true if a tag's text names a parameter. A tag without text names all of them. */
export function names(text: string | undefined, parameter: string): boolean {
  if (text === undefined) return false;
  const named = text.split(/\s+-\s+/, 1)[0]?.trim() ?? "";
  return named === "" || named.split(/[\s,]+/).includes(parameter);
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { TSESLint } from "@typescript-eslint/utils";
import { expectationOf } from "./expectation.ts";
import { fateOf } from "./fate.ts";
import { isHandedOver } from "./holding.ts";
import type { Linearity, Ownership } from "./linearity.ts";
import { isInlineFunction, isWithin, namesIn } from "./syntax.ts";

/** A variable that holds a linear value. */
export type Variable = TSESLint.Scope.Variable;

/** Duty of a variable towards its value. */
export type Duty =
  /** It must consume the value on every path. */
  | "owner"
  /** The value may have another owner. Only a difference between paths is reported. */
  | "guest"
  /** The value stays in the container from which it was read, whatever happens here. */
  | "view"
  /** The value is lent and may not be taken. */
  | "borrower"
  /** `using` releases it. */
  | "scoped";

/** A variable that holds a linear value. */
export interface Tracked {
  /** The name in the declaration. */
  readonly declaration: TSESTree.Identifier;
  readonly linearity: Linearity;
  readonly duty: Duty;
  /** The context that its value was created in or moved to, if that is a variable. */
  readonly context: Variable | undefined;
}

/** The variables of a file, by the names that refer to them. */
export class Names {
  readonly #variables = new Map<TSESTree.Node, Variable>();
  readonly #scopes: readonly TSESLint.Scope.Scope[];
  readonly #ids = new Map<Variable, string>();
  /** Variables whose duty is being determined, which ends the recursion for two that are assigned to each other. */
  readonly #asked = new Set<Variable>();

  constructor(scopes: readonly TSESLint.Scope.Scope[]) {
    this.#scopes = scopes;
    for (const scope of scopes) {
      for (const variable of scope.variables) for (const { name } of variable.defs) this.#variables.set(name, variable);
      for (const { identifier, resolved } of scope.references) {
        if (resolved) this.#variables.set(identifier, resolved);
      }
    }
  }

  /** Returns the variable that a name refers to. */
  of(node: TSESTree.Node): Variable | undefined {
    return this.#variables.get(node);
  }

  /** Returns a text that identifies a variable. */
  idOf(variable: Variable): string {
    const id = this.#ids.get(variable) ?? `${variable.name}#${this.#ids.size}`;
    this.#ids.set(variable, id);
    return id;
  }

  /** Returns true if a variable changes only in its own function, because no closure writes it. */
  isSteady({ references, scope }: Variable): boolean {
    return references.every((one) => !one.isWrite() || one.from.variableScope === scope.variableScope);
  }

  /**
   * Returns true for a variable that is the state of functions, like a private property of a class: it may be empty, and a
   * function that outlives this run of its own writes it.
   */
  isCell({ defs, references, scope }: Variable, ownership: Ownership): boolean {
    const [definition] = defs;
    if (definition?.node.type !== AST_NODE_TYPES.VariableDeclarator || definition.name.type !== AST_NODE_TYPES.Identifier) return false;
    return (
      ownership.mayBeAbsent(definition.name) &&
      references.some((one) => one.isWrite() && one.from.variableScope !== scope.variableScope && isKept(one.from.variableScope.block))
    );
  }

  /** Returns true if a variable is never taken: it only looks at a value that another owner has. */
  isGlance(variable: Variable, ownership: Ownership): boolean {
    return variable.references.every(({ identifier, resolved }) => {
      if (resolved !== variable || identifier.type !== AST_NODE_TYPES.Identifier) return false;
      const fate = fateOf(identifier, ownership);
      return fate === "borrow" || fate === "read";
    });
  }

  /** Returns the named function, directly inside `outer`, that contains `scope`. */
  ownerOf(
    scope: TSESLint.Scope.Scope,
    outer: TSESLint.Scope.Scope,
  ): { readonly variable: Variable; readonly block: TSESTree.Node } | undefined {
    let inner: TSESLint.Scope.Scope = scope.variableScope;
    while (inner !== outer && inner.upper && inner.upper.variableScope !== outer) inner = inner.upper.variableScope;
    const { block } = inner;
    if (inner === outer) return undefined;
    const name =
      block.type === AST_NODE_TYPES.FunctionDeclaration
        ? block.id
        : block.parent?.type === AST_NODE_TYPES.VariableDeclarator && block.parent.init === block
          ? block.parent.id
          : undefined;
    const variable = name ? this.of(name) : undefined;
    return variable && { variable, block };
  }

  /** Returns the linear variables of the function (or module, or static block) whose scope is `scope`. */
  trackedIn(scope: TSESLint.Scope.Scope, ownership: Ownership): ReadonlyMap<Variable, Tracked> {
    const found = new Map<Variable, Tracked>();
    for (const inner of this.#scopes) {
      if (inner.variableScope !== scope) continue;
      for (const variable of inner.variables) {
        const tracked = this.track(variable, ownership);
        if (tracked !== undefined) found.set(variable, tracked);
      }
    }
    return found;
  }

  /** Returns a variable's duty, if it holds a linear value. */
  track(variable: Variable, ownership: Ownership): Tracked | undefined {
    const [definition] = variable.defs;
    if (definition === undefined || definition.name.type !== AST_NODE_TYPES.Identifier) return undefined;
    const declaration = definition.name;
    const values = variable.references.flatMap(({ writeExpr }) => (writeExpr ? [ownership.uncast(writeExpr)] : []));
    const linearities = [declaration, ...values].map((node) => ownership.of(node));
    const linearity = linearities.find((one) => one === "linear") ?? linearities.find((one) => one !== undefined);
    if (linearity === undefined) return undefined;
    // The scope manager's own names for its kinds of definition.
    const kind: string = definition.type;
    if (kind === "Parameter") {
      // The definition of a parameter is its function.
      const duty = dutyOfParameter(declaration, definition.node as TSESTree.FunctionLike, ownership);
      return duty && { declaration, linearity, duty, context: undefined };
    }
    if (kind !== "Variable" || isExported(definition.node) || this.isCell(variable, ownership)) return undefined;
    const duty = this.#dutyOfVariable(definition.node, values, ownership);
    const [first] = values;
    return { declaration, linearity, duty, context: first && this.#contextOf(first) };
  }

  #dutyOfVariable(node: TSESTree.Node, values: readonly TSESTree.Node[], ownership: Ownership): Duty {
    if (node.parent?.type === AST_NODE_TYPES.VariableDeclaration && node.parent.kind.endsWith("using")) return "scoped";
    const fresh = values.some((value) => {
      if (value.type === AST_NODE_TYPES.Identifier) {
        const source = this.of(value);
        return source !== undefined && source.defs[0]?.node !== node && this.#isOwner(source, value, ownership);
      }
      // The value written to a variable is an expression.
      if (ownership.of(value) !== undefined) return ownership.isFresh(value as TSESTree.Expression);
      // A pattern takes a container apart.
      return this.isHandedOver(value, node, ownership);
    });
    if (fresh) return "owner";
    const isEach = node.parent?.parent?.type === AST_NODE_TYPES.ForOfStatement;
    return isEach || values.length === 0 ? "guest" : "view";
  }

  /**
   * Returns true if a declaration receives a container without another owner, or the values of a stream, which its maker
   * has given away.
   */
  isHandedOver(value: TSESTree.Node, declaration: TSESTree.Node, ownership: Ownership): boolean {
    const isOver = isHandedOver(value, ownership, (name) => {
      const source = this.of(name);
      return source !== undefined && this.#isOwner(source, declaration, ownership);
    });
    return isOver || this.#isTakenApart(value, declaration, ownership) || isStream(value, declaration, ownership);
  }

  /** Returns true if a pattern names parts of what a function of the program returns, and one of them is taken. */
  #isTakenApart(value: TSESTree.Node, declaration: TSESTree.Node, ownership: Ownership): boolean {
    if (declaration.type !== AST_NODE_TYPES.VariableDeclarator || declaration.init !== value) return false;
    if (value.type !== AST_NODE_TYPES.CallExpression || ownership.isPlatformCall(value)) return false;
    const isTuple = ownership.checker.isTupleType(ownership.typeOf(value));
    if (declaration.id.type === AST_NODE_TYPES.ArrayPattern ? !isTuple : declaration.id.type !== AST_NODE_TYPES.ObjectPattern)
      return false;
    return namesIn(declaration.id).some((name) => {
      const references = ownership.of(name) === "linear" ? (this.of(name)?.references ?? []) : [];
      return references.some(({ identifier, init }) => {
        if (init === true || identifier.type !== AST_NODE_TYPES.Identifier) return false;
        const fate = fateOf(identifier, ownership);
        return fate === "consume" || fate === "return";
      });
    });
  }

  /** Returns true if an alias takes over the duty of an owner in the same function, by a mention in `place`. */
  #isOwner(source: Variable, place: TSESTree.Node, ownership: Ownership): boolean {
    const inSame = source.references.some(
      ({ identifier, from }) => from.variableScope === source.scope.variableScope && isWithin(identifier, place),
    );
    if (!inSame || this.#asked.has(source)) return false;
    this.#asked.add(source);
    const isOwner = this.track(source, ownership)?.duty === "owner";
    this.#asked.delete(source);
    return isOwner;
  }

  #contextOf(value: TSESTree.Node): Variable | undefined {
    if (value.type !== AST_NODE_TYPES.NewExpression && value.type !== AST_NODE_TYPES.CallExpression) return undefined;
    for (const argument of value.arguments) {
      if (argument.type !== AST_NODE_TYPES.ObjectExpression) continue;
      for (const property of argument.properties) {
        if (property.type !== AST_NODE_TYPES.Property || property.key.type !== AST_NODE_TYPES.Identifier) continue;
        if (property.key.name === "context") return this.of(property.value);
      }
    }
    const { callee } = value;
    const isMove =
      callee.type === AST_NODE_TYPES.MemberExpression &&
      callee.property.type === AST_NODE_TYPES.Identifier &&
      callee.property.name === "move";
    return isMove && value.arguments[0] ? this.of(value.arguments[0]) : undefined;
  }
}

/**
 * Returns the duty of a parameter: it is owned, unless its function borrows it or is a callback whose caller does not
 * say.
 */
function dutyOfParameter(
  declaration: TSESTree.Identifier,
  node: TSESTree.FunctionLike,
  ownership: Ownership,
): Duty | undefined {
  const isStored = declaration.parent.type === AST_NODE_TYPES.TSParameterProperty;
  if (!("body" in node) || !node.body || isStored || declaration.name === "this") return undefined;
  if (ownership.borrowedBy(node)(declaration.name)) return "borrower";
  const isDirect = node.params.some(
    (one) => one === declaration || (one.type === AST_NODE_TYPES.AssignmentPattern && one.left === declaration),
  );
  if (isMadeByDefault(declaration, ownership)) return "owner";
  const { parent } = node;
  const index = node.params.findIndex((one) => one === declaration);
  const expected = isInlineFunction(node) ? expectationOf(node, ownership)?.parameters[index] : undefined;
  if (expected?.isLent === true) return "borrower";
  const isCallback =
    (parent?.type === AST_NODE_TYPES.CallExpression || parent?.type === AST_NODE_TYPES.NewExpression) &&
    parent.callee !== node;
  // A callback owns its value if the type of its place says so. Otherwise only its caller knows.
  return isDirect && (!isCallback || expected?.linearity !== undefined) ? "owner" : "guest";
}

/** Returns true for a function that is not called where it is written, nor passed to a call. */
function isKept({ parent }: TSESTree.Node): boolean {
  return parent?.type !== AST_NODE_TYPES.CallExpression && parent?.type !== AST_NODE_TYPES.NewExpression;
}

/** Returns true if an expression makes the stream that a `for await` of this variable reads. */
function isStream(value: TSESTree.Node, declaration: TSESTree.Node, ownership: Ownership): boolean {
  const loop = declaration.parent?.parent;
  const isAwait = loop?.type === AST_NODE_TYPES.ForOfStatement && loop.await && loop.right === value;
  return isAwait && value.type === AST_NODE_TYPES.CallExpression && !ownership.isPlatformCall(value);
}

/** Returns true if a parameter's default makes a value, which nobody else owns. */
function isMadeByDefault({ parent }: TSESTree.Identifier, ownership: Ownership): boolean {
  return (
    parent.type === AST_NODE_TYPES.AssignmentPattern &&
    ownership.of(parent.right) === "linear" &&
    ownership.isFresh(parent.right)
  );
}

/** Returns true if a variable is declared by an export. */
export function isExported(node: TSESTree.Node): boolean {
  return node.parent?.parent?.type === AST_NODE_TYPES.ExportNamedDeclaration;
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { fateOf } from "./fate.ts";
import { holdsLinear, isHandedOver } from "./holding.ts";
import { PUTTING } from "./linearity.ts";
import type { Ownership } from "./linearity.ts";
import { isInlineFunction, methodName, namesIn } from "./syntax.ts";
import type { Names, Variable } from "./variables.ts";

/** Methods that call back with each value, with the index of the value among the callback's arguments. */
const VISITING: ReadonlyMap<string, number> = new Map([
  ["forEach", 0], ["map", 0], ["flatMap", 0], ["filter", 0], ["find", 0], ["findLast", 0], ["findIndex", 0],
  ["some", 0], ["every", 0], ["reduce", 1], ["reduceRight", 1], ["then", 0],
]);

/** Determines whether a linear value, or the values in a container, are taken anywhere. */
export class Containers {
  readonly #names: Names;
  readonly #ownership: Ownership;
  /** Variables being examined, which ends the recursion for one that is made from itself. */
  readonly #asked = new Set<Variable>();

  constructor(names: Names, ownership: Ownership) {
    this.#names = names;
    this.#ownership = ownership;
  }

  /** Returns true if an owner of a value puts it into a container here, and so no longer owns it. */
  isPut(value: TSESTree.Node): boolean {
    return isHandedOver(value, this.#ownership, (name) => {
      const variable = this.#names.of(name);
      return variable !== undefined && this.#names.track(variable, this.#ownership)?.duty === "owner";
    });
  }

  /** Returns true if a variable's container receives a value after it was made. */
  isFilled(variable: Variable): boolean {
    return variable.references.some(({ identifier: { parent }, identifier }) => {
      if (parent?.type === AST_NODE_TYPES.CallExpression && this.#ownership.isAssign(parent)) {
        return parent.arguments[0] === identifier && parent.arguments.slice(1).some((one) => this.isPut(one));
      }
      if (parent?.type !== AST_NODE_TYPES.MemberExpression || parent.object !== identifier) return false;
      return this.isFilledAt(parent);
    });
  }

  /** Returns true if a member is assigned an owned value, or called to store one. */
  isFilledAt(member: TSESTree.MemberExpression): boolean {
    const { parent } = member;
    if (parent.type === AST_NODE_TYPES.AssignmentExpression && parent.left === member) return this.isPut(parent.right);
    const isCall = parent.type === AST_NODE_TYPES.CallExpression && parent.callee === member;
    return isCall && PUTTING.has(methodName(member)) && parent.arguments.some((one) => this.isPut(one));
  }

  /** Returns true if any mention of a variable takes its contents. */
  isTakenFrom(variable: Variable): boolean {
    if (this.#asked.has(variable)) return false;
    this.#asked.add(variable);
    const taken = variable.references.some(
      // A JSX name is not an expression, and none holds a linear value.
      (one) => one.isRead() && one.identifier.type === AST_NODE_TYPES.Identifier && this.isTaken(one.identifier),
    );
    this.#asked.delete(variable);
    return taken;
  }

  /** Returns true if the place of an expression takes its value, or the contents of that. */
  isTaken(node: TSESTree.Expression): boolean {
    if (this.#ownership.of(node) === undefined && this.#holds(node)) return this.#isEmptied(node);
    const { parent } = node;
    if (parent.type === AST_NODE_TYPES.VariableDeclarator && parent.init === node) return this.#isTakenBy(parent.id);
    // The value of an assignment is the assigned value.
    if (parent.type === AST_NODE_TYPES.AssignmentExpression && parent.left === node) return this.isTaken(parent);
    const fate = fateOf(node, this.#ownership);
    return fate === "consume" || fate === "return";
  }

  #isEmptied(node: TSESTree.Expression): boolean {
    const { parent } = node;
    switch (parent.type) {
      case AST_NODE_TYPES.MemberExpression:
        return parent.object !== node || this.#isTakenThrough(parent);
      case AST_NODE_TYPES.ChainExpression:
      case AST_NODE_TYPES.TSNonNullExpression:
      case AST_NODE_TYPES.AwaitExpression:
        return this.isTaken(parent);
      case AST_NODE_TYPES.VariableDeclarator:
        return this.#isTakenBy(parent.id);
      case AST_NODE_TYPES.ForOfStatement: {
        const { left } = parent;
        if (left.type !== AST_NODE_TYPES.VariableDeclaration) return true;
        return left.declarations.some(({ id }) => this.#isTakenBy(id));
      }
      case AST_NODE_TYPES.CallExpression:
      case AST_NODE_TYPES.NewExpression: {
        const index = parent.arguments.findIndex((one) => one === node);
        // The target of `Object.assign` is its result.
        if (index === 0 && this.#ownership.isAssign(parent)) return this.isTaken(parent);
        return index >= 0 && this.#ownership.argument(parent, index, true) === "consume";
      }
      case AST_NODE_TYPES.AssignmentExpression:
        return parent.right === node;
      case AST_NODE_TYPES.ExpressionStatement:
      case AST_NODE_TYPES.UnaryExpression:
      case AST_NODE_TYPES.BinaryExpression:
      case AST_NODE_TYPES.TemplateLiteral:
        return false;
      case AST_NODE_TYPES.IfStatement:
      case AST_NODE_TYPES.ConditionalExpression:
        return parent.test !== node;
      default:
        return true;
    }
  }

  /** `container.member`, `container[index]`, `container.method(…)`. */
  #isTakenThrough(member: TSESTree.MemberExpression): boolean {
    const call = member.parent;
    if (call.type !== AST_NODE_TYPES.CallExpression || call.callee !== member) return this.#isTakenOn(member);
    // A method of the program's own may do anything with the contents.
    if (!this.#ownership.isPlatformCall(call)) return true;
    const place = VISITING.get(methodName(member));
    if (place !== undefined && this.#isVisited(call.arguments[0], place)) return true;
    return this.#isTakenOn(call);
  }

  /** Returns true if the value of an expression on a container is linear, or holds linear values, and is taken. */
  #isTakenOn(node: TSESTree.Expression): boolean {
    const isCarrier = this.#ownership.of(node) !== undefined || this.#holds(node);
    return isCarrier && this.isTaken(node);
  }

  #isVisited(visitor: TSESTree.Node | undefined, place: number): boolean {
    if (visitor === undefined) return false;
    if (!isInlineFunction(visitor)) return this.#ownership.firstArgumentOf(visitor) !== "borrow";
    const parameter = visitor.params[place];
    return parameter !== undefined && this.#isTakenBy(parameter);
  }

  /** Returns true if any name of a pattern that receives something linear takes it further. */
  #isTakenBy(pattern: TSESTree.Node): boolean {
    return namesIn(pattern).some((name) => {
      const isCarrier = name === pattern || this.#ownership.of(name) !== undefined || this.#holds(name);
      const variable = this.#names.of(name);
      return isCarrier && (variable === undefined || this.isTakenFrom(variable));
    });
  }

  #holds(node: TSESTree.Node): boolean {
    return holdsLinear(this.#ownership.typeOf(node), this.#ownership);
  }
}

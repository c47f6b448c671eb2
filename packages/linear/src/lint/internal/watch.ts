import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { contextOfRun, lentAround } from "./callback.ts";
import type { ExactlyOnceMessage } from "../exactly-once-messages.ts";
import type { Watcher } from "./expressions.ts";
import { fateOf } from "./fate.ts";
import type { Fate } from "./fate.ts";
import type { Ownership } from "./linearity.ts";
import { CLOSED, DEFERRED, DONE, LATER, LIVE, NOTHING, PASSED, START, allBits, arrived, bitsOf, changed, unstacked, withBits } from "./state.ts";
import type { State } from "./state.ts";
import { isWithin } from "./syntax.ts";
import type { Names, Tracked, Variable } from "./variables.ts";

type Report = (node: TSESTree.Node, messageId: ExactlyOnceMessage, name: string) => void;

/** Watches the linear variables of one function while its paths are followed. */
export class Watch implements Watcher {
  readonly #tracked: ReadonlyMap<Variable, Tracked>;
  readonly #names: Names;
  readonly #ownership: Ownership;
  readonly #report: Report;
  readonly #exits = new Map<Variable, number>();
  readonly #reported = new Set<string>();
  readonly #escaped = new Set<Variable>();
  /** Uses that were reached with the value present: if it is gone at a later visit, a loop has come round. */
  readonly #seenLive = new Set<TSESTree.Node>();
  /** The use of each variable by a callback that runs later. */
  readonly #laterUses = new Map<Variable, TSESTree.Identifier>();
  /** The disposable stack that takes the value of each variable when it ends, if that is a variable. */
  readonly #stacks = new Map<Variable, Variable>();
  /** The variables that each named function borrows. */
  readonly #borrowers: ReadonlyMap<Variable, readonly Variable[]>;

  constructor(tracked: ReadonlyMap<Variable, Tracked>, names: Names, ownership: Ownership, report: Report) {
    this.#tracked = tracked;
    this.#names = names;
    this.#ownership = ownership;
    this.#report = report;
    this.#borrowers = borrowersOf(tracked, names, ownership);
  }

  /** Returns the state at the function's beginning, in which its parameters are present. */
  start(block: TSESTree.Node): State {
    let state = START;
    for (const [variable] of this.#tracked) {
      const [definition] = variable.defs;
      if (definition?.node === block) state = withBits(state, variable, LIVE);
    }
    return state;
  }

  identifier(node: TSESTree.Identifier, state: State, later: boolean, passes: boolean): State {
    const variable = this.#names.of(node);
    if (variable === undefined) return state;
    for (const lent of this.#borrowers.get(variable) ?? []) this.#checkBorrower(node, lent, state);
    const tracked = this.#tracked.get(variable);
    const bits = bitsOf(state, variable);
    if (tracked === undefined || bits === undefined || this.#escaped.has(variable)) return state;
    const fate = this.#fateOf(node, tracked);
    if (fate === "read") return state;
    this.#checkUse(node, variable, tracked, fate === "borrow" ? bits : unstacked(arrived(bits)));
    const after = later ? this.#usedLater(node, variable, state) : state;
    if (fate === "borrow") return after;
    if (tracked.duty === "borrower") {
      // An alias of a lent value has no duty either.
      if (node.parent.type === AST_NODE_TYPES.VariableDeclarator) return after;
      this.#reportOnce(node, "borrowed", variable);
    }
    const use = this.#laterUses.get(variable);
    const lent = lentAround(node);
    if (fate === "consume" && lent !== undefined && this.#names.of(lent) === variable) this.#reportOnce(node, "lentHere", variable);
    else if (!later && (bits & LATER) !== 0 && use) this.#reportOnce(use, "lentLater", variable);
    if (fate === "return" && this.#endsHere(tracked.context)) this.#reportOnce(node, "outlives", variable);
    return changed(after, variable, (before) => (passes ? PASSED : DONE) | (before & LATER));
  }

  arrived(node: TSESTree.Identifier, state: State): State {
    const variable = this.#names.of(node);
    if (variable === undefined) return state;
    const fate = fateOf(node, this.#ownership);
    return fate === "consume" || fate === "return" ? changed(state, variable, arrived) : state;
  }

  /** Returns the fate of a value. A name that only looks at a value with another owner borrows it. */
  #fateOf(node: TSESTree.Identifier, { duty }: Tracked): Fate {
    const fate = fateOf(node, this.#ownership);
    const { parent } = node;
    const isAssigned = parent.type === AST_NODE_TYPES.AssignmentExpression && parent.operator === "=" && parent.right === node;
    if (!isAssigned || (duty !== "guest" && duty !== "view")) return fate;
    const alias = this.#names.of(parent.left);
    return alias !== undefined && this.#names.isGlance(alias, this.#ownership) ? "borrow" : fate;
  }

  #checkUse(node: TSESTree.Identifier, variable: Variable, tracked: Tracked, bits: number): void {
    if ((bits & CLOSED) !== 0) this.#reportOnce(node, "afterClose", variable);
    if ((bits & DONE) === 0) this.#seenLive.add(node);
    else if (this.#seenLive.has(node) && isInLoopWithout(node, tracked.declaration)) {
      this.#reportOnce(node, "inLoop", variable);
    } else this.#reportOnce(node, "usedTwice", variable);
  }

  /** Checks the mention of a function that borrows a variable: it is called, or passed to code that may call it. */
  #checkBorrower(node: TSESTree.Identifier, variable: Variable, state: State): void {
    const bits = bitsOf(state, variable) ?? 0;
    if (this.#escaped.has(variable)) return;
    if ((bits & CLOSED) !== 0) this.#reportOnce(node, "afterClose", variable);
    if ((bits & DONE) !== 0) this.#reportOnce(node, "usedTwice", variable);
  }

  #usedLater(node: TSESTree.Identifier, variable: Variable, state: State): State {
    this.#laterUses.set(variable, node);
    return changed(state, variable, (bits) => bits | LATER);
  }

  bind(target: TSESTree.Node, from: TSESTree.Expression | undefined, state: State): State {
    switch (target.type) {
      case AST_NODE_TYPES.ArrayPattern:
        return target.elements.reduce<State>((now, one) => (one ? this.bind(one, undefined, now) : now), state);
      case AST_NODE_TYPES.ObjectPattern:
        return target.properties.reduce<State>(
          (now, one) => this.bind(one.type === AST_NODE_TYPES.Property ? one.value : one.argument, undefined, now),
          state,
        );
      case AST_NODE_TYPES.AssignmentPattern:
        return this.bind(target.left, undefined, state);
      case AST_NODE_TYPES.RestElement:
        return this.bind(target.argument, undefined, state);
      case AST_NODE_TYPES.Identifier:
        return this.#assign(target, from, state);
      default:
        return state;
    }
  }

  #assign(target: TSESTree.Identifier, from: TSESTree.Expression | undefined, state: State): State {
    const variable = this.#names.of(target);
    const tracked = variable && this.#tracked.get(variable);
    if (variable === undefined || tracked === undefined || this.#escaped.has(variable)) return state;
    const before = bitsOf(state, variable) ?? 0;
    const { parent } = target;
    if (target === tracked.declaration) this.#leave(variable, before);
    else if (parent.type === AST_NODE_TYPES.AssignmentExpression && parent.operator !== "=") {
      return withBits(state, variable, LIVE);
    } else if ((before & LIVE) !== 0 && tracked.linearity === "linear" && tracked.duty === "owner") {
      this.#reportOnce(target, "reassigned", variable);
    }
    return withBits(state, variable, this.#ownership.of(this.#ownership.uncast(from ?? target)) === undefined ? NOTHING : LIVE);
  }

  closure(node: TSESTree.Node, state: State, later: boolean): State {
    let after = state;
    for (const [variable, tracked] of this.#tracked) {
      if (isIn(variable, node)) continue;
      for (const { identifier, writeExpr } of variable.references) {
        if (!isWithin(identifier, node) || identifier.type !== AST_NODE_TYPES.Identifier) continue;
        const fate = fateOf(identifier, this.#ownership);
        if (writeExpr || fate === "consume" || fate === "return") {
          this.#reportOnce(identifier, "captured", variable);
          this.#escaped.add(variable);
          after = withBits(after, variable, NOTHING);
        } else if (fate === "borrow" && !this.#escaped.has(variable)) {
          // A declared function exists before its statement, so the place of its mention counts.
          const isDeclared = node.type === AST_NODE_TYPES.FunctionDeclaration;
          // The function that receives the closure may call it when it has the value too.
          const bits = arrived(bitsOf(after, variable) ?? 0);
          if (!isDeclared && !isGuarded(variable, node)) this.#checkUse(identifier, variable, tracked, bits);
          if (later) after = this.#usedLater(identifier, variable, after);
        }
      }
    }
    return after;
  }

  deferred(callback: TSESTree.Node, stack: TSESTree.Node, before: State, state: State): State {
    let after = state;
    for (const [variable, bits] of allBits(state)) {
      const isTakenHere = (bits & DONE) !== 0 && ((bitsOf(before, variable) ?? 0) & DONE) === 0;
      if (!isTakenHere) continue;
      if (isGuarded(variable, callback)) {
        // The program may take it before the stack ends.
        this.#escaped.add(variable);
        continue;
      }
      const owner = this.#names.of(stack);
      if (owner !== undefined) this.#stacks.set(variable, owner);
      after = changed(after, variable, (now) => ((now & DONE) === 0 ? now : (now & ~DONE) | DEFERRED));
    }
    return after;
  }

  close(context: TSESTree.Identifier, state: State, how: "now" | "later" | "unwinding"): State {
    const closed = this.#names.of(context);
    let after = state;
    for (const [variable, stack] of this.#stacks) if (stack === closed) after = changed(after, variable, unstacked);
    for (const [variable, bits] of allBits(state)) {
      if (closed === undefined || this.#tracked.get(variable)?.context !== closed) continue;
      const use = this.#laterUses.get(variable);
      if (how === "now" && (bits & LATER) !== 0 && use) this.#reportOnce(use, "afterClose", variable);
      if ((bits & LIVE) === 0) continue;
      if (how !== "unwinding") this.#leave(variable, bits);
      after = changed(after, variable, (before) => ((before & LIVE) === 0 ? before : (before & ~LIVE) | CLOSED));
    }
    return after;
  }

  awaited(state: State): State {
    return this.#settled(state, () => true);
  }

  promised(state: State): State {
    // The callback of `run` is awaited. A scope that ends with `using` is left at once.
    return this.#settled(state, ({ context }) => context !== undefined && isContextOfRun(context));
  }

  #settled(state: State, isSettled: (tracked: Tracked) => boolean): State {
    let after = state;
    for (const [variable, tracked] of this.#tracked) {
      if ((bitsOf(after, variable) ?? 0) & LATER && isSettled(tracked)) {
        after = changed(after, variable, (bits) => bits & ~LATER);
      }
    }
    return after;
  }

  exit(state: State): void {
    for (const [variable, bits] of allBits(state)) this.#leave(variable, bits);
  }

  /** Reports the values that were still present at an exit. */
  judge(): void {
    for (const [variable, bits] of this.#exits) {
      const tracked = this.#tracked.get(variable);
      if (tracked === undefined || tracked.linearity === "affine" || (bits & LIVE) === 0) continue;
      if (this.#escaped.has(variable) || (tracked.duty !== "owner" && tracked.duty !== "guest")) continue;
      if ((bits & DONE) !== 0) this.#reportOnce(tracked.declaration, "oneBranch", variable);
      else if (tracked.duty === "owner") this.#reportOnce(tracked.declaration, "dropped", variable);
    }
  }

  /** Returns true if a context closes when this function, or the block that declares it, ends. */
  #endsHere(context: Variable | undefined): boolean {
    const node = context?.defs[0]?.node;
    if (context === undefined || node === undefined) return false;
    if (node.type === AST_NODE_TYPES.VariableDeclarator) return node.parent.kind.endsWith("using");
    return isContextOfRun(context);
  }

  #leave(variable: Variable, bits: number): void {
    this.#exits.set(variable, (this.#exits.get(variable) ?? 0) | unstacked(bits));
  }

  #reportOnce(node: TSESTree.Node, messageId: ExactlyOnceMessage, variable: Variable): void {
    const key = `${messageId} ${node.range.join(" ")}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#report(node, messageId, variable.name);
  }
}

/** Returns the tracked variables that each named function borrows, so that its mention counts as a use of them. */
function borrowersOf(
  tracked: ReadonlyMap<Variable, Tracked>,
  names: Names,
  ownership: Ownership,
): ReadonlyMap<Variable, readonly Variable[]> {
  const found = new Map<Variable, readonly Variable[]>();
  for (const variable of tracked.keys()) {
    for (const { identifier, from } of variable.references) {
      if (identifier.type !== AST_NODE_TYPES.Identifier || fateOf(identifier, ownership) !== "borrow") continue;
      const borrower = names.ownerOf(from, variable.scope.variableScope);
      if (borrower === undefined || isGuarded(variable, borrower.block)) continue;
      found.set(borrower.variable, [...(found.get(borrower.variable) ?? []), variable]);
    }
  }
  return found;
}

function isContextOfRun({ defs }: Variable): boolean {
  const [definition] = defs;
  return definition !== undefined && contextOfRun(definition.node) === definition.name;
}

/** Returns true if a variable is declared inside a node. */
function isIn(variable: Variable, node: TSESTree.Node): boolean {
  const declaration = variable.defs[0]?.name;
  return declaration !== undefined && isWithin(declaration, node);
}

/** Returns true if a function checks that the value is still present. */
function isGuarded(variable: Variable, node: TSESTree.Node): boolean {
  return variable.references.some(
    ({ identifier: { parent }, identifier }) =>
      isWithin(identifier, node) &&
      parent?.type === AST_NODE_TYPES.MemberExpression &&
      parent.property.type === AST_NODE_TYPES.Identifier &&
      parent.property.name === "isConsumed",
  );
}

/** Returns true if a loop encloses a use but not the declaration. */
function isInLoopWithout(use: TSESTree.Node, declaration: TSESTree.Node): boolean {
  for (let node = use.parent; node; node = node.parent) {
    if (/^(For|While|DoWhile)/.test(node.type) && !isWithin(declaration, node)) return true;
  }
  return false;
}

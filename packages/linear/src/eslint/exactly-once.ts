import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { TSESLint } from "@typescript-eslint/utils";
import { fateOf } from "./fate.ts";
import { Flow } from "./flow.ts";
import type { Watcher } from "./expression-flow.ts";
import { Ownership } from "./linearity.ts";
import { typedServices } from "./services.ts";
import { CLOSED, DONE, LIVE, NOTHING, withBits } from "./state.ts";
import type { State, Variable } from "./state.ts";
import { Names } from "./variables.ts";
import type { Tracked } from "./variables.ts";

const messages = {
  dropped: "expected {{name}} to be consumed, got no use that takes it; consume it, pass it on or return it",
  oneBranch: "expected {{name}} to be consumed on every path, got one on which it is left; consume it there too",
  usedTwice: "expected {{name}} to be used no more after it was consumed, got a use here; borrow it before",
  inLoop: "expected {{name}} to be consumed once, got a loop that does it each time; create it inside, or leave the loop",
  captured: "expected {{name}} to be consumed here, got a closure that may run later, twice or never; hand it over",
  reassigned: "expected {{name}} to be consumed before it is assigned anew, got a value that would be lost",
  afterClose: "expected {{name}} to be used while its context is open, got a use after its close()",
  outlives: "expected {{name}} to be consumed in its context, got it returned out of it; move() it to a longer one",
  borrowed: "expected {{name}} to be given back, since this function has the tag @borrows, got a use that takes it",
} as const;

/** What `exactly-once` may report. */
export type ExactlyOnceMessage = keyof typeof messages;

/** A variable that holds a linear value is consumed once on every path. */
export const exactlyOnce: TSESLint.RuleModule<ExactlyOnceMessage> = {
  meta: {
    type: "problem",
    docs: { description: "A variable that holds a linear value is consumed exactly once on every path" },
    messages,
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const { sourceCode } = context;
    const ownership = new Ownership(typedServices(sourceCode.parserServices));
    return {
      "Program:exit"(): void {
        const scopes = sourceCode.scopeManager?.scopes ?? [];
        const names = new Names(scopes);
        for (const scope of scopes) {
          if (!isRunnable(scope)) continue;
          const tracked = names.trackedIn(scope, ownership);
          if (tracked.size === 0) continue;
          const watch = new Watch(tracked, names, ownership, (node, messageId, name) => {
            context.report({ node, messageId, data: { name } });
          });
          new Flow(ownership, watch, sourceCode.visitorKeys, watch.start(scope.block)).run(scope.block);
          watch.judge();
        }
      },
    };
  },
};

/** Scopes with a body of their own; a script's global scope has the program's when there is no module's. */
function isRunnable(scope: TSESLint.Scope.Scope): boolean {
  const type: string = scope.type;
  if (type === "global") return !scope.childScopes.some((child) => String(child.type) === "module");
  return type === "function" || type === "module" || type === "class-static-block";
}

type Report = (node: TSESTree.Node, messageId: ExactlyOnceMessage, name: string) => void;

/** The linear variables of one function, watched while its paths are followed. */
class Watch implements Watcher {
  readonly #tracked: ReadonlyMap<Variable, Tracked>;
  readonly #names: Names;
  readonly #ownership: Ownership;
  readonly #report: Report;
  readonly #exits = new Map<Variable, number>();
  readonly #reported = new Set<string>();
  readonly #escaped = new Set<Variable>();
  /** Uses that were seen with the value still there: if it is gone at a later visit, a loop has come round. */
  readonly #seenLive = new Set<TSESTree.Node>();

  constructor(tracked: ReadonlyMap<Variable, Tracked>, names: Names, ownership: Ownership, report: Report) {
    this.#tracked = tracked;
    this.#names = names;
    this.#ownership = ownership;
    this.#report = report;
  }

  /** The state at the function's beginning: its parameters are there. */
  start(block: TSESTree.Node): State {
    let state: State = new Map();
    for (const [variable] of this.#tracked) {
      const [definition] = variable.defs;
      if (definition?.node === block) state = withBits(state, variable, LIVE);
    }
    return state;
  }

  identifier(node: TSESTree.Identifier, state: State): State {
    const variable = this.#names.of(node);
    const tracked = variable && this.#tracked.get(variable);
    const bits = variable && state?.get(variable);
    if (variable === undefined || tracked === undefined || bits === undefined) return state;
    if (this.#escaped.has(variable)) return state;
    const fate = fateOf(node, this.#ownership);
    if (fate === "read") return state;
    this.#checkUse(node, variable, tracked, bits);
    if (fate === "borrow") return state;
    if (tracked.duty === "borrower") {
      // Another name for what is lent owes nothing either.
      if (node.parent.type === AST_NODE_TYPES.VariableDeclarator) return state;
      this.#tell(node, "borrowed", variable);
    }
    if (fate === "return" && this.#endsHere(tracked.context)) this.#tell(node, "outlives", variable);
    return withBits(state, variable, DONE);
  }

  #checkUse(node: TSESTree.Identifier, variable: Variable, tracked: Tracked, bits: number): void {
    if ((bits & CLOSED) !== 0) this.#tell(node, "afterClose", variable);
    if ((bits & DONE) === 0) this.#seenLive.add(node);
    else if (this.#seenLive.has(node) && isInLoopWithout(node, tracked.declaration)) {
      this.#tell(node, "inLoop", variable);
    } else this.#tell(node, "usedTwice", variable);
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
    const before = state?.get(variable) ?? 0;
    const { parent } = target;
    if (target === tracked.declaration) this.#leave(variable, before);
    else if (parent.type === AST_NODE_TYPES.AssignmentExpression && parent.operator !== "=") {
      return withBits(state, variable, LIVE);
    } else if ((before & LIVE) !== 0 && tracked.linearity === "linear" && tracked.duty === "owner") {
      this.#tell(target, "reassigned", variable);
    }
    return withBits(state, variable, this.#ownership.of(from ?? target) === undefined ? NOTHING : LIVE);
  }

  closure(node: TSESTree.Node, state: State): State {
    let after = state;
    for (const variable of this.#tracked.keys()) {
      for (const { identifier, writeExpr } of variable.references) {
        if (identifier.range[0] < node.range[0] || identifier.range[1] > node.range[1]) continue;
        if (identifier.type !== AST_NODE_TYPES.Identifier || isIn(variable, node)) continue;
        const fate = fateOf(identifier, this.#ownership);
        if (!writeExpr && (fate === "read" || fate === "borrow")) continue;
        this.#tell(identifier, "captured", variable);
        this.#escaped.add(variable);
        after = withBits(after, variable, NOTHING);
      }
    }
    return after;
  }

  close(context: TSESTree.Identifier, state: State): State {
    const closed = this.#names.of(context);
    let after = state;
    for (const [variable, bits] of state ?? []) {
      if (closed === undefined || this.#tracked.get(variable)?.context !== closed || (bits & LIVE) === 0) continue;
      this.#leave(variable, bits);
      after = withBits(after, variable, (bits & ~LIVE) | CLOSED);
    }
    return after;
  }

  exit(state: State): void {
    for (const [variable, bits] of state ?? []) this.#leave(variable, bits);
  }

  /** Reports what was still there at an exit. */
  judge(): void {
    for (const [variable, bits] of this.#exits) {
      const tracked = this.#tracked.get(variable);
      if (tracked === undefined || tracked.linearity === "affine" || (bits & LIVE) === 0) continue;
      if (this.#escaped.has(variable) || (tracked.duty !== "owner" && tracked.duty !== "guest")) continue;
      if ((bits & DONE) !== 0) this.#tell(tracked.declaration, "oneBranch", variable);
      else if (tracked.duty === "owner") this.#tell(tracked.declaration, "dropped", variable);
    }
  }

  /** Whether a context closes when this function, or the block that declares it, ends. */
  #endsHere(context: Variable | undefined): boolean {
    const [definition] = context?.defs ?? [];
    if (definition === undefined) return false;
    const { node } = definition;
    if (node.type === AST_NODE_TYPES.VariableDeclarator) return node.parent.kind.endsWith("using");
    const call = node.parent;
    return (
      call?.type === AST_NODE_TYPES.CallExpression &&
      call.arguments.some((argument) => argument === node) &&
      call.callee.type === AST_NODE_TYPES.MemberExpression &&
      call.callee.property.type === AST_NODE_TYPES.Identifier &&
      call.callee.property.name === "run"
    );
  }

  #leave(variable: Variable, bits: number): void {
    this.#exits.set(variable, (this.#exits.get(variable) ?? 0) | bits);
  }

  #tell(node: TSESTree.Node, messageId: ExactlyOnceMessage, variable: Variable): void {
    const key = `${messageId} ${node.range.join(" ")}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#report(node, messageId, variable.name);
  }
}

/** Whether a variable is declared inside a node. */
function isIn(variable: Variable, node: TSESTree.Node): boolean {
  const declaration = variable.defs[0]?.name;
  return declaration !== undefined && declaration.range[0] >= node.range[0] && declaration.range[1] <= node.range[1];
}

/** Whether a loop stands around a use and not around the declaration. */
function isInLoopWithout(use: TSESTree.Node, declaration: TSESTree.Node): boolean {
  for (let node = use.parent; node; node = node.parent) {
    const isAround = node.range[0] <= declaration.range[0] && node.range[1] >= declaration.range[1];
    if (/^(For|While|DoWhile)/.test(node.type) && !isAround) return true;
  }
  return false;
}

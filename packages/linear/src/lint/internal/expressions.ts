import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { carrierOf } from "./carrier.ts";
import { callbackRule, contextOfRun, defers, isAwaited, isDefer, isEnd, isLendingOn, isReaction } from "./callback.ts";
import type { CallbackRule } from "./callback.ts";
import { narrow } from "./condition.ts";
import { factOfCase, factOfValue } from "./facts.ts";
import type { LintedFile } from "./file.ts";
import type { Call } from "./linearity.ts";
import type { Paths } from "./paths.ts";
import { forgotten, join, learned } from "./state.ts";
import type { State } from "./state.ts";
import { isInlineFunction, namesIn } from "./syntax.ts";

/** Receives the interpreter's events. Each handler may change the state. */
export interface Watcher {
  /**
   * A variable is mentioned; `later` if by code that runs after the function has continued, `passes` if a value that is
   * taken here leaves only when `arrived` follows.
   */
  identifier(node: TSESTree.Identifier, state: State, later: boolean, passes: boolean): State;
  /** The call or literal that a value was on its way to has it now. */
  arrived(node: TSESTree.Identifier, state: State): State;
  /** A pattern or name receives a value; `from` is the right-hand side, if any. */
  bind(target: TSESTree.Node, from: TSESTree.Expression | undefined, state: State): State;
  /** A function is created that may run at any time, or never; `later` if it runs after this one has continued. */
  closure(node: TSESTree.Node, state: State, later: boolean): State;
  /** A disposable stack has got a callback that it runs when it ends, from `before` to `state`. */
  deferred(callback: TSESTree.Node, stack: TSESTree.Node, before: State, state: State): State;
  /** A context or disposable stack with this name closes: now, in code that runs later, or because of a throw. */
  close(context: TSESTree.Identifier, state: State, how: "now" | "later" | "unwinding"): State;
  /** The function has awaited, so deferred code may have run. */
  awaited(state: State): State;
  /** The function returns a promise that its caller awaits. */
  promised(state: State): State;
  /** The function ends here, other than by a throw. */
  exit(state: State): void;
}

/** Follows expressions in the order of evaluation. */
export class Expressions {
  readonly #paths: Paths;
  readonly #watcher: Watcher;
  readonly #file: LintedFile;
  readonly #body: (block: TSESTree.BlockStatement) => void;
  /** True in code that runs after the function has continued. */
  #later = false;
  /** True in an async function that nothing awaits: after its first `await` it runs later. */
  #unawaited = false;
  /** The names whose values are on their way, by the call or literal that takes them. */
  readonly #passing = new Map<TSESTree.Node, Set<TSESTree.Identifier>>();

  /** @param body - follows the statements of a function that is called immediately. */
  constructor(paths: Paths, watcher: Watcher, file: LintedFile, body: (block: TSESTree.BlockStatement) => void) {
    this.#paths = paths;
    this.#watcher = watcher;
    this.#file = file;
    this.#body = body;
  }

  eval(node: TSESTree.Node): void {
    const paths = this.#paths;
    if (paths.state === undefined) return;
    switch (node.type) {
      case AST_NODE_TYPES.Identifier:
        return this.#identifier(node);
      case AST_NODE_TYPES.LogicalExpression: {
        const [yes, no] = this.condition(node.left);
        const goesOn = { "&&": yes, "||": no, "??": join(yes, no) }[node.operator];
        const stays = { "&&": no, "||": yes, "??": join(yes, no) }[node.operator];
        paths.state = join(stays, paths.branch(goesOn, () => this.eval(node.right)));
        return;
      }
      case AST_NODE_TYPES.ConditionalExpression: {
        const [yes, no] = this.condition(node.test);
        const then = paths.branch(yes, () => this.eval(node.consequent));
        paths.state = join(then, paths.branch(no, () => this.eval(node.alternate)));
        return;
      }
      case AST_NODE_TYPES.AssignmentExpression:
        if (node.left.type === AST_NODE_TYPES.MemberExpression) this.eval(node.left);
        if (node.operator === "=") return this.assign(node.left, node.right);
        this.eval(node.right);
        return this.bind(node.left, undefined, node.right);
      case AST_NODE_TYPES.CallExpression:
      case AST_NODE_TYPES.NewExpression:
        return this.#call(node);
      case AST_NODE_TYPES.ArrowFunctionExpression:
      case AST_NODE_TYPES.FunctionExpression:
      case AST_NODE_TYPES.PropertyDefinition:
        return this.closure(node);
      case AST_NODE_TYPES.MemberExpression:
        this.eval(node.object);
        if (node.computed) this.eval(node.property);
        return;
      case AST_NODE_TYPES.Property:
        if (node.computed) this.eval(node.key);
        return this.eval(node.value);
      default:
        if (node.type.startsWith("TS") && !("expression" in node)) return;
        this.children(node);
        this.#after(node);
        paths.state = this.#arrived(node, paths.state);
    }
  }

  /** Evaluates a condition and returns the states in which it holds and in which it does not. */
  condition(test: TSESTree.Expression): readonly [State, State] {
    if (test.type === AST_NODE_TYPES.UnaryExpression && test.operator === "!") {
      const [yes, no] = this.condition(test.argument);
      return [no, yes];
    }
    const paths = this.#paths;
    if (test.type === AST_NODE_TYPES.LogicalExpression && test.operator !== "??") {
      const [yes, no] = this.condition(test.left);
      const isAnd = test.operator === "&&";
      paths.state = isAnd ? yes : no;
      const [thenYes, thenNo] = this.condition(test.right);
      return isAnd ? [thenYes, join(no, thenNo)] : [join(yes, thenYes), thenNo];
    }
    this.eval(test);
    return narrow(test, paths.state, this.#file.names, this.#file.ownership);
  }

  /** Evaluates a case of a switch and returns the states in which it is taken and in which the next is tried. */
  matches(discriminant: TSESTree.Expression, test: TSESTree.Expression): readonly [State, State] {
    this.eval(test);
    const { state } = this.#paths;
    const fact = factOfCase(discriminant, test, this.#file.names, this.#file.ownership);
    return fact === undefined ? [state, state] : [learned(state, fact), learned(state, { ...fact, holds: false })];
  }

  /**
   * Assigns the value of an expression to a pattern or name. For a conditional expression, each branch is followed
   * separately.
   */
  assign(target: TSESTree.Node, value: TSESTree.Expression): void {
    if (value.type !== AST_NODE_TYPES.ConditionalExpression) {
      this.eval(value);
      return this.bind(target, value, value);
    }
    const paths = this.#paths;
    const [yes, no] = this.condition(value.test);
    const then = paths.branch(yes, () => this.assign(target, value.consequent));
    paths.state = join(then, paths.branch(no, () => this.assign(target, value.alternate)));
  }

  /** Binds a pattern or name. `value` is the exact value if known, `from` the right-hand side. */
  bind(target: TSESTree.Node, value: TSESTree.Expression | undefined, from: TSESTree.Expression | undefined): void {
    const { names, ownership } = this.#file;
    for (const name of namesIn(target)) {
      const variable = names.of(name);
      if (variable === undefined) continue;
      this.#paths.state = forgotten(this.#paths.state, variable);
      const fact = name === target ? factOfValue(variable, value, names, ownership) : undefined;
      if (fact !== undefined) this.#paths.state = learned(this.#paths.state, fact);
    }
    this.#paths.state = this.#watcher.bind(target, from, this.#paths.state);
  }

  /** Records that a function is created here. */
  closure(node: TSESTree.Node, later = false): void {
    this.#paths.state = this.#watcher.closure(node, this.#paths.state, later);
  }

  /** Closes the context or disposable stack that an expression names, if it is one. */
  closes(node: TSESTree.Node): void {
    const { ownership } = this.#file;
    if (node.type !== AST_NODE_TYPES.Identifier || !(ownership.isContext(node) || ownership.isStack(node))) return;
    const how = this.#paths.isUnwinding ? "unwinding" : this.#later ? "later" : "now";
    this.#paths.state = this.#watcher.close(node, this.#paths.state, how);
  }

  /** Follows the return of an expression's value. */
  returns(node: TSESTree.Expression): void {
    this.eval(node);
    const { ownership } = this.#file;
    if (ownership.isPromise(ownership.typeOf(node))) this.#paths.state = this.#watcher.promised(this.#paths.state);
  }

  /** Evaluates everything below a node, in order. */
  children(node: TSESTree.Node): void {
    for (const key of this.#file.keys[node.type] ?? []) {
      // The parser's keys hold nodes, lists of nodes, or nothing.
      const child = Reflect.get(node, key) as TSESTree.Node | readonly (TSESTree.Node | null)[] | null | undefined;
      const children = (Array.isArray(child) ? child : [child]) as readonly (TSESTree.Node | null | undefined)[];
      for (const one of children) if (one) this.#visit(one);
    }
  }

  #visit(node: TSESTree.Node): void {
    if (node.type === AST_NODE_TYPES.MethodDefinition) {
      if (node.computed) this.eval(node.key);
      this.eval(node.value);
    } else if (node.type !== AST_NODE_TYPES.StaticBlock) this.eval(node);
  }

  #after(node: TSESTree.Node): void {
    const paths = this.#paths;
    if (node.type === AST_NODE_TYPES.UpdateExpression) {
      const variable = this.#file.names.of(node.argument);
      if (variable !== undefined) paths.state = forgotten(paths.state, variable);
    }
    if (node.type !== AST_NODE_TYPES.AwaitExpression && node.type !== AST_NODE_TYPES.YieldExpression) return;
    paths.mayThrow();
    if (this.#unawaited) this.#later = true;
    else if (!this.#later) paths.state = this.#watcher.awaited(paths.state);
  }

  #identifier(node: TSESTree.Identifier): void {
    const paths = this.#paths;
    if (this.#file.ownership.isNever(node)) {
      paths.state = undefined;
      return;
    }
    const carrier = carrierOf(node);
    if (carrier !== undefined) {
      const passing = this.#passing.get(carrier) ?? new Set();
      this.#passing.set(carrier, passing.add(node));
    }
    const later = this.#later || isLendingOn(node, this.#file.ownership);
    paths.state = this.#watcher.identifier(node, paths.state, later, carrier !== undefined);
  }

  /** Returns the state once a call or literal has its values. */
  #arrived(carrier: TSESTree.Node, state: State): State {
    let after = state;
    for (const node of this.#passing.get(carrier) ?? []) after = this.#watcher.arrived(node, after);
    return after;
  }

  #call(node: Call): void {
    const paths = this.#paths;
    const { callee } = node;
    const { ownership } = this.#file;
    const isInline = isInlineFunction(callee);
    if (!isInline) this.eval(callee);
    const mayBeSkipped = node.type === AST_NODE_TYPES.CallExpression && hasOptional(node);
    const skipped = mayBeSkipped ? paths.state : undefined;
    const callbacks: TSESTree.Node[] = [];
    const rule = callbackRule(node, ownership);
    const later = defers(node);
    for (const argument of node.arguments) {
      if (rule !== undefined && isInlineFunction(argument)) callbacks.push(argument);
      else if (isInlineFunction(argument) && isDefer(node, ownership)) this.#defer(argument, node);
      else if (isInlineFunction(argument)) this.closure(argument, later);
      else this.eval(argument);
    }
    paths.state = this.#arrived(node, paths.state);
    if (isInline) this.#inline(callee, node);
    this.#callbacks(callbacks, rule, node);
    if (callee.type === AST_NODE_TYPES.MemberExpression && isEnd(node)) this.closes(callee.object);
    // A container of the platform has taken the value once it may throw no more.
    if (!ownership.isPut(node)) paths.mayThrow();
    if (paths.state !== undefined && ownership.isNever(node)) paths.state = undefined;
    paths.state = join(paths.state, this.#arrived(node, skipped));
  }

  #callbacks(callbacks: readonly TSESTree.Node[], rule: CallbackRule | undefined, call: Call): void {
    const paths = this.#paths;
    const before = paths.state;
    if (rule === "either") {
      let after: State;
      for (const callback of callbacks) after = join(after, paths.branch(before, () => this.#inline(callback, call)));
      paths.state = callbacks.length === 0 ? before : after;
      return;
    }
    for (const callback of callbacks) {
      this.#inline(callback, call);
      const context = contextOfRun(callback);
      if (context) this.closes(context);
      if (rule === "maybe") paths.state = join(paths.state, before);
    }
  }

  /** Follows a callback that a disposable stack runs when it ends. It cannot throw here. */
  #defer(callback: TSESTree.Node, call: Call): void {
    const paths = this.#paths;
    const before = paths.state;
    const swallow = (): void => {
      paths.state = undefined;
    };
    paths.attempt(() => this.#inline(callback, call), swallow, undefined);
    if (call.callee.type !== AST_NODE_TYPES.MemberExpression) return;
    paths.state = this.#watcher.deferred(callback, call.callee.object, before, paths.state ?? before);
  }

  /** Runs a function that is called once. */
  #inline(node: TSESTree.Node, call: Call): void {
    if (!isInlineFunction(node)) return;
    const before = [this.#later, this.#unawaited] as const;
    if (!isAwaited(call) && !isDefer(call, this.#file.ownership)) {
      this.#later ||= call.type === AST_NODE_TYPES.CallExpression && isReaction(call, this.#file.ownership);
      this.#unawaited ||= node.async;
    }
    const { body } = node;
    this.#paths.state = this.#paths.catching(
      () => (body.type === AST_NODE_TYPES.BlockStatement ? this.#body(body) : this.returns(body)),
      ({ to }) => to === "return",
    );
    [this.#later, this.#unawaited] = before;
  }
}

function hasOptional(node: TSESTree.CallExpression): boolean {
  return node.optional || (node.callee.type === AST_NODE_TYPES.MemberExpression && node.callee.optional);
}

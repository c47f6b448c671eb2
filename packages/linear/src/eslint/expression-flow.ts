/** Follows linear variables through one expression: what is evaluated, in which order, and what may be skipped. */
import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { callbackRule } from "./callback.ts";
import { narrow } from "./condition.ts";
import type { Ownership } from "./linearity.ts";
import { methodName } from "./linearity.ts";
import { Paths } from "./paths.ts";
import { join } from "./state.ts";
import type { State } from "./state.ts";

/** What the interpreter tells whoever watches the values; each may change the state. */
export interface Watcher {
  /** A variable is mentioned. */
  identifier(node: TSESTree.Identifier, state: State): State;
  /** A pattern or name gets a value; `from` is what stands at the right, if anything. */
  bind(target: TSESTree.Node, from: TSESTree.Expression | undefined, state: State): State;
  /** A function is made that may run at any time, or never. */
  closure(node: TSESTree.Node, state: State): State;
  /** A context with this name closes. */
  close(context: TSESTree.Identifier, state: State): State;
  /** The function comes to an end here, other than by a throw. */
  exit(state: State): void;
}

/** The expressions of one function; its statements are {@link Flow}'s. */
export abstract class ExpressionFlow {
  protected readonly ownership: Ownership;
  protected readonly watcher: Watcher;
  protected readonly keys: Readonly<Record<string, readonly string[] | undefined>>;
  protected readonly paths: Paths;

  constructor(
    ownership: Ownership,
    watcher: Watcher,
    keys: Readonly<Record<string, readonly string[] | undefined>>,
    start: State,
  ) {
    this.ownership = ownership;
    this.watcher = watcher;
    this.keys = keys;
    this.paths = new Paths(start);
  }

  protected abstract exec(node: TSESTree.Statement): void;

  protected body(node: TSESTree.BlockStatement | TSESTree.Expression): void {
    if (node.type === AST_NODE_TYPES.BlockStatement) this.exec(node);
    else this.eval(node);
  }

  protected closes(node: TSESTree.Node): void {
    if (node.type === AST_NODE_TYPES.Identifier && this.ownership.isContext(node)) {
      this.paths.state = this.watcher.close(node, this.paths.state);
    }
  }

  /** The states in which a condition holds and in which it does not. */
  protected condition(test: TSESTree.Expression): readonly [State, State] {
    if (test.type === AST_NODE_TYPES.UnaryExpression && test.operator === "!") {
      const [yes, no] = this.condition(test.argument);
      return [no, yes];
    }
    if (test.type === AST_NODE_TYPES.LogicalExpression && test.operator !== "??") {
      const [yes, no] = this.condition(test.left);
      const isAnd = test.operator === "&&";
      this.paths.state = isAnd ? yes : no;
      const [thenYes, thenNo] = this.condition(test.right);
      return isAnd ? [thenYes, join(no, thenNo)] : [join(yes, thenYes), thenNo];
    }
    this.eval(test);
    return narrow(test, this.paths.state, this.ownership);
  }

  protected eval(node: TSESTree.Node): void {
    if (this.paths.state === undefined) return;
    switch (node.type) {
      case AST_NODE_TYPES.Identifier:
        this.paths.state = this.ownership.isNever(node) ? undefined : this.watcher.identifier(node, this.paths.state);
        return;
      case AST_NODE_TYPES.LogicalExpression: {
        const [yes, no] = this.condition(node.left);
        const goesOn = { "&&": yes, "||": no, "??": join(yes, no) }[node.operator];
        const stays = { "&&": no, "||": yes, "??": join(yes, no) }[node.operator];
        this.paths.state = join(stays, this.paths.branch(goesOn, () => this.eval(node.right)));
        return;
      }
      case AST_NODE_TYPES.ConditionalExpression: {
        const [yes, no] = this.condition(node.test);
        const then = this.paths.branch(yes, () => this.eval(node.consequent));
        this.paths.state = join(then, this.paths.branch(no, () => this.eval(node.alternate)));
        return;
      }
      case AST_NODE_TYPES.AssignmentExpression:
        if (node.left.type === AST_NODE_TYPES.MemberExpression) this.eval(node.left);
        this.eval(node.right);
        this.paths.state = this.watcher.bind(node.left, node.right, this.paths.state);
        return;
      case AST_NODE_TYPES.CallExpression:
      case AST_NODE_TYPES.NewExpression:
        return this.#call(node);
      case AST_NODE_TYPES.ArrowFunctionExpression:
      case AST_NODE_TYPES.FunctionExpression:
        this.paths.state = this.watcher.closure(node, this.paths.state);
        return;
      case AST_NODE_TYPES.MemberExpression:
        this.eval(node.object);
        if (node.computed) this.eval(node.property);
        return;
      case AST_NODE_TYPES.Property:
        if (node.computed) this.eval(node.key);
        return this.eval(node.value);
      default:
        if (node.type.startsWith("TS") && !("expression" in node)) return;
        if (node.type === AST_NODE_TYPES.PropertyDefinition) {
          this.paths.state = this.watcher.closure(node, this.paths.state);
          return;
        }
        this.children(node);
        if (node.type === AST_NODE_TYPES.AwaitExpression || node.type === AST_NODE_TYPES.YieldExpression) {
          this.paths.mayThrow();
        }
    }
  }

  protected children(node: TSESTree.Node): void {
    for (const key of this.keys[node.type] ?? []) {
      // The parser's keys name nodes, lists of nodes, or nothing.
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

  #call(node: TSESTree.CallExpression | TSESTree.NewExpression): void {
    const isInline = isFunction(node.callee);
    if (!isInline) this.eval(node.callee);
    const mayBeSkipped = node.type === AST_NODE_TYPES.CallExpression && hasOptional(node);
    const skipped = mayBeSkipped ? this.paths.state : undefined;
    const callbacks: TSESTree.Node[] = [];
    const rule = callbackRule(node, this.ownership);
    for (const argument of node.arguments) {
      if (rule !== undefined && isFunction(argument)) callbacks.push(argument);
      else this.eval(argument);
    }
    if (isInline) this.#inline(node.callee);
    if (rule === "either") {
      const before = this.paths.state;
      let after: State;
      for (const callback of callbacks) after = join(after, this.paths.branch(before, () => this.#inline(callback)));
      this.paths.state = callbacks.length === 0 ? before : after;
    } else {
      for (const callback of callbacks) {
        const before = this.paths.state;
        this.#inline(callback);
        if (rule === "maybe") this.paths.state = join(this.paths.state, before);
      }
    }
    if (node.callee.type === AST_NODE_TYPES.MemberExpression && methodName(node.callee) === "close") {
      this.closes(node.callee.object);
    }
    this.paths.mayThrow();
    if (this.paths.state !== undefined && this.ownership.isNever(node)) this.paths.state = undefined;
    this.paths.state = join(this.paths.state, skipped);
  }

  /** Runs a function where it stands: it is called here, once. */
  #inline(node: TSESTree.Node): void {
    if (!isFunction(node)) return;
    this.paths.state = this.paths.catching(() => this.body(node.body), ({ to }) => to === "return");
  }
}

type InlineFunction = TSESTree.ArrowFunctionExpression | TSESTree.FunctionExpression;

function isFunction(node: TSESTree.Node): node is InlineFunction {
  if (node.type === AST_NODE_TYPES.ArrowFunctionExpression) return true;
  return node.type === AST_NODE_TYPES.FunctionExpression && !node.generator;
}

function hasOptional(node: TSESTree.CallExpression): boolean {
  return node.optional || (node.callee.type === AST_NODE_TYPES.MemberExpression && node.callee.optional);
}

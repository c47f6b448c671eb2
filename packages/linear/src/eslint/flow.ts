/**
 * Follows each linear variable of one function along every path: an abstract interpretation of its statements, in which a
 * variable is a set of what it may be (Nielson, Nielson, Hankin: Principles of Program Analysis, §2). Paths that the
 * compiler rules out (`never`, exhaustive switches, literal conditions) and paths that throw out of the function ask
 * nothing.
 */
import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { ExpressionFlow } from "./expression-flow.ts";
import type { Jump } from "./paths.ts";
import { join, within } from "./state.ts";
import type { State } from "./state.ts";

/** Rounds after which a loop is taken as seen; each variable has few bits, so that it settles long before. */
const LOOP_ROUNDS_MAX = 16;

/** One run over one function. */
export class Flow extends ExpressionFlow {
  #labels: readonly string[] = [];

  /** Runs a function's parameters and body, or a program. */
  run(node: TSESTree.Node): void {
    let end: State;
    const left = this.paths.leaving(() => {
      if (node.type === AST_NODE_TYPES.Program || node.type === AST_NODE_TYPES.StaticBlock) this.#block(node.body);
      else if ("body" in node && "params" in node) {
        for (const parameter of node.params) this.#defaults(parameter);
        if (node.body) this.body(node.body);
      }
      end = this.paths.state;
    });
    for (const jump of left) if (jump.to !== "throw") end = join(end, jump.state);
    this.watcher.exit(end);
  }

  #defaults(parameter: TSESTree.Parameter): void {
    if (parameter.type === AST_NODE_TYPES.AssignmentPattern) this.eval(parameter.right);
  }

  protected override exec(node: TSESTree.Statement): void {
    const labels = this.#labels;
    this.#labels = [];
    if (this.paths.state === undefined && node.type !== AST_NODE_TYPES.FunctionDeclaration) return;
    switch (node.type) {
      case AST_NODE_TYPES.BlockStatement:
        return this.#block(node.body);
      case AST_NODE_TYPES.VariableDeclaration:
        return this.#declare(node);
      case AST_NODE_TYPES.IfStatement: {
        const [yes, no] = this.condition(node.test);
        const then = this.paths.branch(yes, () => this.exec(node.consequent));
        const otherwise = this.paths.branch(no, () => node.alternate && this.exec(node.alternate));
        this.paths.state = join(then, otherwise);
        return;
      }
      case AST_NODE_TYPES.SwitchStatement:
        return this.#switch(node);
      case AST_NODE_TYPES.WhileStatement:
      case AST_NODE_TYPES.DoWhileStatement:
      case AST_NODE_TYPES.ForStatement:
        return this.#loop(node, labels);
      case AST_NODE_TYPES.ForInStatement:
      case AST_NODE_TYPES.ForOfStatement:
        return this.#forEach(node, labels);
      case AST_NODE_TYPES.LabeledStatement:
        this.paths.state = this.paths.catching(
          () => {
            this.#labels = [...labels, node.label.name];
            this.exec(node.body);
          },
          ({ to, label }) => to === "break" && label === node.label.name,
        );
        return;
      case AST_NODE_TYPES.BreakStatement:
        return this.paths.jump("break", node.label?.name);
      case AST_NODE_TYPES.ContinueStatement:
        return this.paths.jump("continue", node.label?.name);
      case AST_NODE_TYPES.ReturnStatement:
        if (node.argument) this.eval(node.argument);
        return this.paths.jump("return");
      case AST_NODE_TYPES.ThrowStatement:
        this.eval(node.argument);
        return this.paths.jump("throw");
      case AST_NODE_TYPES.TryStatement:
        return this.#try(node);
      case AST_NODE_TYPES.FunctionDeclaration:
        this.paths.state = this.watcher.closure(node, this.paths.state);
        return;
      case AST_NODE_TYPES.ExportNamedDeclaration:
        if (node.declaration !== null) this.#exported(node.declaration);
        else for (const { local } of node.specifiers) if (local.type === AST_NODE_TYPES.Identifier) this.eval(local);
        return;
      default:
        // The rest are expressions in a shell, classes, and types, which have no value.
        if (!node.type.startsWith("TS") || node.type === AST_NODE_TYPES.TSExportAssignment) this.children(node);
    }
  }

  #exported(node: TSESTree.NamedExportDeclarations): void {
    if (node.type === AST_NODE_TYPES.VariableDeclaration) this.#declare(node);
    else if (node.type === AST_NODE_TYPES.FunctionDeclaration) this.paths.state = this.watcher.closure(node, this.paths.state);
    else if (node.type === AST_NODE_TYPES.ClassDeclaration) this.children(node);
  }

  #block(body: readonly TSESTree.Statement[]): void {
    for (const statement of body) this.exec(statement);
    for (const statement of body.toReversed()) {
      if (statement.type !== AST_NODE_TYPES.VariableDeclaration || !statement.kind.endsWith("using")) continue;
      for (const { id } of statement.declarations) this.closes(id);
    }
  }

  #declare(node: TSESTree.VariableDeclaration): void {
    for (const { id, init } of node.declarations) {
      if (!init) continue;
      this.eval(init);
      this.paths.state = this.watcher.bind(id, init, this.paths.state);
    }
  }

  #switch(node: TSESTree.SwitchStatement): void {
    this.eval(node.discriminant);
    let untaken = this.paths.state;
    const end = this.paths.catching(
      () => {
        this.paths.state = undefined;
        for (const { test, consequent } of node.cases) {
          const fallen = this.paths.state;
          this.paths.state = untaken;
          if (test) this.eval(test);
          untaken = this.paths.state;
          this.paths.state = join(fallen, untaken);
          // In an empty case the compiler narrows nothing yet.
          for (const statement of consequent) this.exec(statement);
        }
      },
      ({ to, label }) => to === "break" && label === undefined,
    );
    const isTotal = node.cases.some(({ test }) => test === null) || this.ownership.isExhaustive(node);
    this.paths.state = isTotal ? end : join(end, untaken);
  }

  #loop(
    node: TSESTree.WhileStatement | TSESTree.DoWhileStatement | TSESTree.ForStatement,
    labels: readonly string[],
  ): void {
    if (node.type === AST_NODE_TYPES.ForStatement && node.init) {
      if (node.init.type === AST_NODE_TYPES.VariableDeclaration) this.#declare(node.init);
      else this.eval(node.init);
    }
    this.#untilSettled(labels, (body) => {
      let exit: State;
      if (node.type === AST_NODE_TYPES.DoWhileStatement) {
        body(node.body);
        [this.paths.state, exit] = this.condition(node.test);
        return exit;
      }
      if (node.test) [this.paths.state, exit] = this.condition(node.test);
      body(node.body);
      if (node.type === AST_NODE_TYPES.ForStatement && node.update) this.eval(node.update);
      return exit;
    });
  }

  #forEach(node: TSESTree.ForInStatement | TSESTree.ForOfStatement, labels: readonly string[]): void {
    this.eval(node.right);
    this.#untilSettled(labels, (body) => {
      const exit = this.paths.state;
      const target = node.left.type === AST_NODE_TYPES.VariableDeclaration ? node.left.declarations[0]?.id : node.left;
      if (target) this.paths.state = this.watcher.bind(target, undefined, this.paths.state);
      body(node.body);
      return exit;
    });
  }

  /** Runs a loop's round from ever wider states until one adds nothing. A round returns the state that leaves it. */
  #untilSettled(labels: readonly string[], round: (body: (node: TSESTree.Statement) => void) => State): void {
    let head = this.paths.state;
    const mine = (to: Jump["to"]) => (jump: Jump) =>
      jump.to === to && (jump.label === undefined || labels.includes(jump.label));
    let exit: State;
    for (let count = 0; count < LOOP_ROUNDS_MAX; count++) {
      this.paths.state = head;
      let left: State;
      let back: State;
      const broken = this.paths.catching(() => {
        left = round((node) => {
          this.paths.state = this.paths.catching(() => this.exec(node), mine("continue"));
        });
        back = this.paths.state;
        this.paths.state = undefined;
      }, mine("break"));
      exit = join(exit, join(left, broken));
      if (within(back, head)) break;
      head = join(head, back);
    }
    this.paths.state = exit;
  }

  #try(node: TSESTree.TryStatement): void {
    const { handler, finalizer } = node;
    let thrown: State;
    const left: Jump[] = [];
    const sort = (jumps: readonly Jump[]): void => {
      for (const jump of jumps) {
        if (jump.to === "throw" && handler) thrown = join(thrown, jump.state);
        else left.push(jump);
      }
    };
    sort(this.paths.leaving(() => this.exec(node.block)));
    if (handler) {
      const caught = this.paths.leaving(() => {
        this.paths.state = join(this.paths.state, this.paths.branch(thrown, () => this.exec(handler.body)));
      });
      left.push(...caught);
    }
    if (!finalizer) {
      for (const jump of left) this.paths.pass(jump);
      return;
    }
    this.exec(finalizer);
    for (const jump of left) {
      const state = this.paths.branch(jump.state, () => this.exec(finalizer));
      if (state !== undefined) this.paths.pass({ ...jump, state });
    }
  }
}

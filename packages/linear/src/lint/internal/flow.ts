/**
 * Follows each linear variable of one function along every path: an abstract interpretation of its statements, in which the
 * value of a variable is the set of its possible states (Nielson, Nielson, Hankin: Principles of Program Analysis, §2). Paths
 * that the compiler rules out (`never`, exhaustive switches, literal conditions), and paths that throw out of the function,
 * require nothing.
 */
import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { contextOfRun } from "./callback.ts";
import { Expressions } from "./expressions.ts";
import type { Watcher } from "./expressions.ts";
import type { LintedFile } from "./file.ts";
import { Paths } from "./paths.ts";
import { join } from "./state.ts";
import type { State } from "./state.ts";

/** One run over one function. */
export class Flow {
  readonly #file: LintedFile;
  readonly #watcher: Watcher;
  readonly #paths: Paths;
  readonly #expressions: Expressions;
  #labels: readonly string[] = [];

  constructor(watcher: Watcher, file: LintedFile, start: State) {
    this.#file = file;
    this.#watcher = watcher;
    this.#paths = new Paths(start);
    this.#expressions = new Expressions(this.#paths, watcher, file, (block) => this.#exec(block));
  }

  /** Runs a function's parameters and body, or a program. */
  run(node: TSESTree.Node): void {
    const paths = this.#paths;
    if (node.type === AST_NODE_TYPES.Program || node.type === AST_NODE_TYPES.StaticBlock) this.#block(node.body);
    else if ("body" in node && "params" in node) {
      for (const parameter of node.params) this.#defaults(parameter);
      if (node.body) this.#body(node.body);
    }
    paths.state = paths.end();
    const context = contextOfRun(node);
    if (context) this.#expressions.closes(context);
    this.#watcher.exit(paths.state);
  }

  #defaults(target: TSESTree.Node): void {
    if (target.type === AST_NODE_TYPES.AssignmentPattern) {
      this.#expressions.eval(target.right);
      this.#defaults(target.left);
    } else if (target.type === AST_NODE_TYPES.ObjectPattern) {
      for (const one of target.properties) if (one.type === AST_NODE_TYPES.Property) this.#defaults(one.value);
    } else if (target.type === AST_NODE_TYPES.ArrayPattern) {
      for (const one of target.elements) if (one) this.#defaults(one);
    }
  }

  #body(node: TSESTree.BlockStatement | TSESTree.Expression): void {
    if (node.type === AST_NODE_TYPES.BlockStatement) this.#exec(node);
    else this.#expressions.returns(node);
  }

  #exec(node: TSESTree.Statement): void {
    const paths = this.#paths;
    const expressions = this.#expressions;
    const labels = this.#labels;
    this.#labels = [];
    if (paths.state === undefined && node.type !== AST_NODE_TYPES.FunctionDeclaration) return;
    switch (node.type) {
      case AST_NODE_TYPES.BlockStatement:
        return this.#block(node.body);
      case AST_NODE_TYPES.VariableDeclaration:
        return this.#declare(node);
      case AST_NODE_TYPES.IfStatement: {
        const [yes, no] = expressions.condition(node.test);
        const then = paths.branch(yes, () => this.#exec(node.consequent));
        const otherwise = paths.branch(no, () => node.alternate && this.#exec(node.alternate));
        paths.state = join(then, otherwise);
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
        paths.state = paths.catching(
          () => {
            this.#labels = [...labels, node.label.name];
            this.#exec(node.body);
          },
          ({ to, label }) => to === "break" && label === node.label.name,
        );
        return;
      case AST_NODE_TYPES.BreakStatement:
        return paths.jump("break", node.label?.name);
      case AST_NODE_TYPES.ContinueStatement:
        return paths.jump("continue", node.label?.name);
      case AST_NODE_TYPES.ReturnStatement:
        if (node.argument) expressions.returns(node.argument);
        return paths.jump("return");
      case AST_NODE_TYPES.ThrowStatement:
        expressions.eval(node.argument);
        return paths.jump("throw");
      case AST_NODE_TYPES.TryStatement:
        return this.#try(node);
      case AST_NODE_TYPES.FunctionDeclaration:
        return expressions.closure(node);
      case AST_NODE_TYPES.ExportNamedDeclaration:
        return this.#exported(node);
      default:
        // The rest are statements around expressions, classes, and types, which have no value.
        if (!node.type.startsWith("TS") || node.type === AST_NODE_TYPES.TSExportAssignment) expressions.children(node);
    }
  }

  #exported({ declaration, specifiers }: TSESTree.ExportNamedDeclaration): void {
    for (const { local } of specifiers) if (local.type === AST_NODE_TYPES.Identifier) this.#expressions.eval(local);
    if (declaration?.type === AST_NODE_TYPES.VariableDeclaration) this.#declare(declaration);
    else if (declaration?.type === AST_NODE_TYPES.FunctionDeclaration) this.#expressions.closure(declaration);
    else if (declaration?.type === AST_NODE_TYPES.ClassDeclaration) this.#expressions.children(declaration);
  }

  #block(body: readonly TSESTree.Statement[]): void {
    const run = (): void => {
      for (const statement of body) this.#exec(statement);
    };
    const scoped = body.filter(
      (one) => one.type === AST_NODE_TYPES.VariableDeclaration && one.kind.endsWith("using"),
    ) as readonly TSESTree.VariableDeclaration[];
    if (scoped.length === 0) return run();
    // Resources named by `using` are closed on every way out.
    this.#paths.attempt(run, undefined, () => {
      for (const { id } of scoped.flatMap((one) => one.declarations).toReversed()) this.#expressions.closes(id);
    });
  }

  #declare(node: TSESTree.VariableDeclaration): void {
    for (const { id, init } of node.declarations) {
      if (init) this.#expressions.assign(id, init);
    }
  }

  #switch(node: TSESTree.SwitchStatement): void {
    const paths = this.#paths;
    this.#expressions.eval(node.discriminant);
    let untaken = paths.state;
    const end = paths.catching(
      () => {
        paths.state = undefined;
        for (const { test, consequent } of node.cases) {
          const fallen = paths.state;
          let taken = untaken;
          paths.state = untaken;
          if (test) [taken, untaken] = this.#expressions.matches(node.discriminant, test);
          // In an empty case the compiler narrows nothing yet.
          paths.state = join(fallen, taken);
          for (const statement of consequent) this.#exec(statement);
        }
      },
      ({ to, label }) => to === "break" && label === undefined,
    );
    const isTotal = node.cases.some(({ test }) => test === null) || this.#file.ownership.isExhaustive(node);
    paths.state = isTotal ? end : join(end, untaken);
  }

  #loop(
    node: TSESTree.WhileStatement | TSESTree.DoWhileStatement | TSESTree.ForStatement,
    labels: readonly string[],
  ): void {
    const paths = this.#paths;
    const expressions = this.#expressions;
    if (node.type === AST_NODE_TYPES.ForStatement && node.init) {
      if (node.init.type === AST_NODE_TYPES.VariableDeclaration) this.#declare(node.init);
      else expressions.eval(node.init);
    }
    paths.untilSettled(labels, (one) => this.#exec(one), (body) => {
      let exit: State;
      if (node.type === AST_NODE_TYPES.DoWhileStatement) {
        body(node.body);
        [paths.state, exit] = expressions.condition(node.test);
        return exit;
      }
      if (node.test) [paths.state, exit] = expressions.condition(node.test);
      body(node.body);
      if (node.type === AST_NODE_TYPES.ForStatement && node.update) expressions.eval(node.update);
      return exit;
    });
  }

  #forEach(node: TSESTree.ForInStatement | TSESTree.ForOfStatement, labels: readonly string[]): void {
    const paths = this.#paths;
    this.#expressions.eval(node.right);
    paths.untilSettled(labels, (one) => this.#exec(one), (body) => {
      const exit = paths.state;
      const target = node.left.type === AST_NODE_TYPES.VariableDeclaration ? node.left.declarations[0]?.id : node.left;
      if (target) this.#expressions.bind(target, undefined, undefined);
      body(node.body);
      return exit;
    });
  }

  #try(node: TSESTree.TryStatement): void {
    const { block, handler, finalizer } = node;
    this.#paths.attempt(
      () => this.#exec(block),
      handler ? () => this.#exec(handler.body) : undefined,
      finalizer ? () => this.#exec(finalizer) : undefined,
    );
  }
}

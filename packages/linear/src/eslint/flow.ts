/**
 * Follows each linear variable of one function along every path: an abstract interpretation of its statements, in which a
 * variable is a set of what it may be (Nielson, Nielson, Hankin: Principles of Program Analysis, §2). Paths that the
 * compiler rules out (`never`, exhaustive switches, literal conditions) and paths that throw out of the function ask
 * nothing.
 */
import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import { callbackRule } from "./callback.ts";
import { narrow } from "./condition.ts";
import type { Ownership } from "./linearity.ts";
import { methodName } from "./linearity.ts";
import { join, within } from "./state.ts";
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

/** A path that leaves the statement at hand, and where it goes. */
interface Jump {
  readonly to: "break" | "continue" | "return" | "throw";
  readonly label: string | undefined;
  readonly state: State;
}

/** Rounds after which a loop is taken as seen; each variable has few bits, so that it settles long before. */
const LOOP_ROUNDS_MAX = 16;

/** One run over one function. */
export class Flow {
  readonly #ownership: Ownership;
  readonly #watcher: Watcher;
  readonly #keys: Readonly<Record<string, readonly string[] | undefined>>;
  #state: State;
  #jumps: Jump[] = [];
  #labels: readonly string[] = [];

  constructor(
    ownership: Ownership,
    watcher: Watcher,
    keys: Readonly<Record<string, readonly string[] | undefined>>,
    start: State,
  ) {
    this.#ownership = ownership;
    this.#watcher = watcher;
    this.#keys = keys;
    this.#state = start;
  }

  /** Runs a function's parameters and body, or a program. */
  run(node: TSESTree.Node): void {
    if (node.type === AST_NODE_TYPES.Program || node.type === AST_NODE_TYPES.StaticBlock) this.#block(node.body);
    else if ("body" in node && "params" in node) {
      for (const parameter of node.params) this.#defaults(parameter);
      if (node.body) this.#body(node.body);
    }
    let end = this.#state;
    for (const jump of this.#jumps) if (jump.to !== "throw") end = join(end, jump.state);
    this.#watcher.exit(end);
  }

  #defaults(parameter: TSESTree.Parameter): void {
    if (parameter.type === AST_NODE_TYPES.AssignmentPattern) this.#eval(parameter.right);
  }

  #body(node: TSESTree.BlockStatement | TSESTree.Expression): void {
    if (node.type === AST_NODE_TYPES.BlockStatement) this.#exec(node);
    else this.#eval(node);
  }

  #exec(node: TSESTree.Statement): void {
    const labels = this.#labels;
    this.#labels = [];
    if (this.#state === undefined && node.type !== AST_NODE_TYPES.FunctionDeclaration) return;
    switch (node.type) {
      case AST_NODE_TYPES.BlockStatement:
        return this.#block(node.body);
      case AST_NODE_TYPES.VariableDeclaration:
        return this.#declare(node);
      case AST_NODE_TYPES.IfStatement: {
        const [yes, no] = this.#condition(node.test);
        const then = this.#branch(yes, () => this.#exec(node.consequent));
        const otherwise = this.#branch(no, () => node.alternate && this.#exec(node.alternate));
        this.#state = join(then, otherwise);
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
        this.#state = this.#catching(
          () => {
            this.#labels = [...labels, node.label.name];
            this.#exec(node.body);
          },
          ({ to, label }) => to === "break" && label === node.label.name,
        );
        return;
      case AST_NODE_TYPES.BreakStatement:
        return this.#jump("break", node.label?.name);
      case AST_NODE_TYPES.ContinueStatement:
        return this.#jump("continue", node.label?.name);
      case AST_NODE_TYPES.ReturnStatement:
        if (node.argument) this.#eval(node.argument);
        return this.#jump("return");
      case AST_NODE_TYPES.ThrowStatement:
        this.#eval(node.argument);
        return this.#jump("throw");
      case AST_NODE_TYPES.TryStatement:
        return this.#try(node);
      case AST_NODE_TYPES.FunctionDeclaration:
        this.#state = this.#watcher.closure(node, this.#state);
        return;
      case AST_NODE_TYPES.ExportNamedDeclaration:
        if (node.declaration !== null) this.#exported(node.declaration);
        else for (const { local } of node.specifiers) if (local.type === AST_NODE_TYPES.Identifier) this.#eval(local);
        return;
      default:
        // The rest are expressions in a shell, classes, and types, which have no value.
        if (!node.type.startsWith("TS") || node.type === AST_NODE_TYPES.TSExportAssignment) this.#children(node);
    }
  }

  #exported(node: TSESTree.NamedExportDeclarations): void {
    if (node.type === AST_NODE_TYPES.VariableDeclaration) this.#declare(node);
    else if (node.type === AST_NODE_TYPES.FunctionDeclaration) this.#state = this.#watcher.closure(node, this.#state);
    else if (node.type === AST_NODE_TYPES.ClassDeclaration) this.#children(node);
  }

  #block(body: readonly TSESTree.Statement[]): void {
    for (const statement of body) this.#exec(statement);
    for (const statement of body.toReversed()) {
      if (statement.type !== AST_NODE_TYPES.VariableDeclaration || !statement.kind.endsWith("using")) continue;
      for (const { id } of statement.declarations) this.#closes(id);
    }
  }

  #closes(node: TSESTree.Node): void {
    if (node.type === AST_NODE_TYPES.Identifier && this.#ownership.isContext(node)) {
      this.#state = this.#watcher.close(node, this.#state);
    }
  }

  #declare(node: TSESTree.VariableDeclaration): void {
    for (const { id, init } of node.declarations) {
      if (!init) continue;
      this.#eval(init);
      this.#state = this.#watcher.bind(id, init, this.#state);
    }
  }

  #switch(node: TSESTree.SwitchStatement): void {
    this.#eval(node.discriminant);
    let untaken = this.#state;
    const end = this.#catching(
      () => {
        this.#state = undefined;
        for (const { test, consequent } of node.cases) {
          const fallen = this.#state;
          this.#state = untaken;
          if (test) this.#eval(test);
          untaken = this.#state;
          this.#state = join(fallen, untaken);
          // In an empty case the compiler narrows nothing yet.
          for (const statement of consequent) this.#exec(statement);
        }
      },
      ({ to, label }) => to === "break" && label === undefined,
    );
    const isTotal = node.cases.some(({ test }) => test === null) || this.#ownership.isExhaustive(node);
    this.#state = isTotal ? end : join(end, untaken);
  }

  #loop(
    node: TSESTree.WhileStatement | TSESTree.DoWhileStatement | TSESTree.ForStatement,
    labels: readonly string[],
  ): void {
    if (node.type === AST_NODE_TYPES.ForStatement && node.init) {
      if (node.init.type === AST_NODE_TYPES.VariableDeclaration) this.#declare(node.init);
      else this.#eval(node.init);
    }
    this.#untilSettled(labels, (body) => {
      let exit: State;
      if (node.type === AST_NODE_TYPES.DoWhileStatement) {
        body(node.body);
        [this.#state, exit] = this.#condition(node.test);
        return exit;
      }
      if (node.test) [this.#state, exit] = this.#condition(node.test);
      body(node.body);
      if (node.type === AST_NODE_TYPES.ForStatement && node.update) this.#eval(node.update);
      return exit;
    });
  }

  #forEach(node: TSESTree.ForInStatement | TSESTree.ForOfStatement, labels: readonly string[]): void {
    this.#eval(node.right);
    this.#untilSettled(labels, (body) => {
      const exit = this.#state;
      const target = node.left.type === AST_NODE_TYPES.VariableDeclaration ? node.left.declarations[0]?.id : node.left;
      if (target) this.#state = this.#watcher.bind(target, undefined, this.#state);
      body(node.body);
      return exit;
    });
  }

  /** Runs a loop's round from ever wider states until one adds nothing. A round returns the state that leaves it. */
  #untilSettled(labels: readonly string[], round: (body: (node: TSESTree.Statement) => void) => State): void {
    let head = this.#state;
    const mine = (to: Jump["to"]) => (jump: Jump) =>
      jump.to === to && (jump.label === undefined || labels.includes(jump.label));
    let exit: State;
    for (let count = 0; count < LOOP_ROUNDS_MAX; count++) {
      this.#state = head;
      let left: State;
      let back: State;
      const broken = this.#catching(() => {
        left = round((node) => {
          this.#state = this.#catching(() => this.#exec(node), mine("continue"));
        });
        back = this.#state;
        this.#state = undefined;
      }, mine("break"));
      exit = join(exit, join(left, broken));
      if (within(back, head)) break;
      head = join(head, back);
    }
    this.#state = exit;
  }

  #try(node: TSESTree.TryStatement): void {
    const outer = this.#jumps;
    this.#jumps = [];
    let thrown: State;
    this.#exec(node.block);
    if (node.handler) {
      for (const jump of this.#jumps) if (jump.to === "throw") thrown = join(thrown, jump.state);
      this.#jumps = this.#jumps.filter((jump) => jump.to !== "throw");
      const { body } = node.handler;
      this.#state = join(this.#state, this.#branch(thrown, () => this.#exec(body)));
    }
    const left = merged(this.#jumps);
    this.#jumps = outer;
    const { finalizer } = node;
    if (!finalizer) {
      this.#jumps.push(...left);
      return;
    }
    this.#exec(finalizer);
    for (const jump of left) {
      const state = this.#branch(jump.state, () => this.#exec(finalizer));
      if (state !== undefined) this.#jumps.push({ ...jump, state });
    }
  }

  /** Runs a part and returns its end, joined with the jumps that end here; the others go on outwards. */
  #catching(part: () => void, isMine: (jump: Jump) => boolean): State {
    const outer = this.#jumps;
    this.#jumps = [];
    part();
    let end = this.#state;
    for (const jump of merged(this.#jumps)) {
      if (isMine(jump)) end = join(end, jump.state);
      else outer.push(jump);
    }
    this.#jumps = outer;
    return end;
  }

  #branch(start: State, part: () => unknown): State {
    const before = this.#state;
    this.#state = start;
    if (start !== undefined) part();
    const end = this.#state;
    this.#state = before;
    return end;
  }

  #jump(to: Jump["to"], label?: string): void {
    this.#jumps.push({ to, label, state: this.#state });
    this.#state = undefined;
  }

  #mayThrow(): void {
    if (this.#state !== undefined) this.#jumps.push({ to: "throw", label: undefined, state: this.#state });
  }

  /** The states in which a condition holds and in which it does not. */
  #condition(test: TSESTree.Expression): readonly [State, State] {
    if (test.type === AST_NODE_TYPES.UnaryExpression && test.operator === "!") {
      const [yes, no] = this.#condition(test.argument);
      return [no, yes];
    }
    if (test.type === AST_NODE_TYPES.LogicalExpression && test.operator !== "??") {
      const [yes, no] = this.#condition(test.left);
      const isAnd = test.operator === "&&";
      this.#state = isAnd ? yes : no;
      const [thenYes, thenNo] = this.#condition(test.right);
      return isAnd ? [thenYes, join(no, thenNo)] : [join(yes, thenYes), thenNo];
    }
    this.#eval(test);
    return narrow(test, this.#state, this.#ownership);
  }

  #eval(node: TSESTree.Node): void {
    if (this.#state === undefined) return;
    switch (node.type) {
      case AST_NODE_TYPES.Identifier:
        this.#state = this.#ownership.isNever(node) ? undefined : this.#watcher.identifier(node, this.#state);
        return;
      case AST_NODE_TYPES.LogicalExpression: {
        const [yes, no] = this.#condition(node.left);
        const goesOn = { "&&": yes, "||": no, "??": join(yes, no) }[node.operator];
        const stays = { "&&": no, "||": yes, "??": join(yes, no) }[node.operator];
        this.#state = join(stays, this.#branch(goesOn, () => this.#eval(node.right)));
        return;
      }
      case AST_NODE_TYPES.ConditionalExpression: {
        const [yes, no] = this.#condition(node.test);
        const then = this.#branch(yes, () => this.#eval(node.consequent));
        this.#state = join(then, this.#branch(no, () => this.#eval(node.alternate)));
        return;
      }
      case AST_NODE_TYPES.AssignmentExpression:
        if (node.left.type === AST_NODE_TYPES.MemberExpression) this.#eval(node.left);
        this.#eval(node.right);
        this.#state = this.#watcher.bind(node.left, node.right, this.#state);
        return;
      case AST_NODE_TYPES.CallExpression:
      case AST_NODE_TYPES.NewExpression:
        return this.#call(node);
      case AST_NODE_TYPES.ArrowFunctionExpression:
      case AST_NODE_TYPES.FunctionExpression:
        this.#state = this.#watcher.closure(node, this.#state);
        return;
      case AST_NODE_TYPES.MemberExpression:
        this.#eval(node.object);
        if (node.computed) this.#eval(node.property);
        return;
      case AST_NODE_TYPES.Property:
        if (node.computed) this.#eval(node.key);
        return this.#eval(node.value);
      default:
        if (node.type.startsWith("TS") && !("expression" in node)) return;
        if (node.type === AST_NODE_TYPES.PropertyDefinition) {
          this.#state = this.#watcher.closure(node, this.#state);
          return;
        }
        this.#children(node);
        if (node.type === AST_NODE_TYPES.AwaitExpression || node.type === AST_NODE_TYPES.YieldExpression) {
          this.#mayThrow();
        }
    }
  }

  #children(node: TSESTree.Node): void {
    for (const key of this.#keys[node.type] ?? []) {
      // The parser's keys name nodes, lists of nodes, or nothing.
      const child = Reflect.get(node, key) as TSESTree.Node | readonly (TSESTree.Node | null)[] | null | undefined;
      const children = (Array.isArray(child) ? child : [child]) as readonly (TSESTree.Node | null | undefined)[];
      for (const one of children) if (one) this.#visit(one);
    }
  }

  #visit(node: TSESTree.Node): void {
    if (node.type === AST_NODE_TYPES.MethodDefinition) {
      if (node.computed) this.#eval(node.key);
      this.#eval(node.value);
    } else if (node.type !== AST_NODE_TYPES.StaticBlock) this.#eval(node);
  }

  #call(node: TSESTree.CallExpression | TSESTree.NewExpression): void {
    const isInline = isFunction(node.callee);
    if (!isInline) this.#eval(node.callee);
    const mayBeSkipped = node.type === AST_NODE_TYPES.CallExpression && hasOptional(node);
    const skipped = mayBeSkipped ? this.#state : undefined;
    const callbacks: TSESTree.Node[] = [];
    const rule = callbackRule(node, this.#ownership);
    for (const argument of node.arguments) {
      if (rule !== undefined && isFunction(argument)) callbacks.push(argument);
      else this.#eval(argument);
    }
    if (isInline) this.#inline(node.callee);
    if (rule === "either") {
      const before = this.#state;
      let after: State;
      for (const callback of callbacks) after = join(after, this.#branch(before, () => this.#inline(callback)));
      this.#state = callbacks.length === 0 ? before : after;
    } else {
      for (const callback of callbacks) {
        const before = this.#state;
        this.#inline(callback);
        if (rule === "maybe") this.#state = join(this.#state, before);
      }
    }
    if (node.callee.type === AST_NODE_TYPES.MemberExpression && methodName(node.callee) === "close") {
      this.#closes(node.callee.object);
    }
    this.#mayThrow();
    if (this.#state !== undefined && this.#ownership.isNever(node)) this.#state = undefined;
    this.#state = join(this.#state, skipped);
  }

  /** Runs a function where it stands: it is called here, once. */
  #inline(node: TSESTree.Node): void {
    if (!isFunction(node)) return;
    this.#state = this.#catching(() => this.#body(node.body), ({ to }) => to === "return");
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

/** One jump for each place that paths go to. */
function merged(jumps: readonly Jump[]): readonly Jump[] {
  const byPlace = new Map<string, Jump>();
  for (const jump of jumps) {
    const place = `${jump.to} ${jump.label ?? ""}`;
    byPlace.set(place, { ...jump, state: join(byPlace.get(place)?.state, jump.state) });
  }
  return [...byPlace.values()];
}

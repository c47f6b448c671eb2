import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { Rule } from "eslint";
import { Containers } from "./internal/containers.ts";
import { linearRule } from "./internal/linear-rule.ts";
import { holdsLinear } from "./internal/holding.ts";
import type { Ownership } from "./internal/linearity.ts";
import { isWithin } from "./internal/syntax.ts";
import { isExported } from "./internal/variables.ts";
import type { Variable } from "./internal/variables.ts";

/** Ids of the messages of `no-forgotten`. */
export type NoForgottenMessage = "forgotten";

/** Requires a linear value put into a local container or a private property to be taken out somewhere. */
export const noForgotten: Rule.RuleModule = linearRule({
  description: "A linear value in a local container or private property is taken out of it somewhere",
  messages: {
    forgotten: "expected values put into {{name}} to be taken out, got no place that does; take them out and consume them",
  },
  listen(context, { names, ownership, scopes }) {
    const containers = new Containers(names, ownership);
    const report = (node: TSESTree.Node, name: string): void => {
      context.report({ node, messageId: "forgotten", data: { name } });
    };
    const members: TSESTree.MemberExpression[] = [];
    const patterns: TSESTree.ObjectPattern[] = [];
    const classes: TSESTree.ClassBody[] = [];
    return {
      [AST_NODE_TYPES.MemberExpression]: (node: TSESTree.MemberExpression) => void members.push(node),
      [AST_NODE_TYPES.ObjectPattern]: (node: TSESTree.ObjectPattern) => void patterns.push(node),
      [AST_NODE_TYPES.ClassBody]: (node: TSESTree.ClassBody) => void classes.push(node),
      "Program:exit"(): void {
        for (const variable of scopes.flatMap((scope) => scope.variables)) {
          const node = variable.defs[0]?.name;
          if (node === undefined) continue;
          const isCell = names.isCell(variable, ownership) && ownership.of(node) === "linear";
          if (isCell ? isLeft(variable, containers) : isForgotten(variable, containers, ownership)) report(node, variable.name);
        }
        for (const body of classes) {
          for (const { key, name } of privateProperties(body, ownership)) {
            const inside = members.filter((member) => isWithin(member, body) && isNamed(member, name));
            const initial = body.body.some((one) => initialOf(one, name, containers));
            const isTaken =
              inside.some((member) => containers.isTaken(member)) ||
              patterns.some((pattern) => isWithin(pattern, body) && takesApart(pattern, name));
            if (!isTaken && (initial || inside.some((member) => isFilled(member, containers)))) report(key, name);
          }
        }
      },
    };
  },
});

/** Returns true for a local variable whose container receives values of which none is taken out. */
function isForgotten(variable: Variable, containers: Containers, ownership: Ownership): boolean {
  const [definition] = variable.defs;
  if (definition?.node.type !== AST_NODE_TYPES.VariableDeclarator || isExported(definition.node)) return false;
  const { id, init } = definition.node;
  if (id.type !== AST_NODE_TYPES.Identifier || !init || ownership.of(id) !== undefined) return false;
  if (!holdsLinear(ownership.typeOf(id), ownership)) return false;
  const isOwn = isMade(init);
  if (!containers.isPut(init) && !(isOwn && containers.isFilled(variable))) return false;
  return !containers.isTakenFrom(variable);
}

/** Returns true for a variable that functions fill with values, and from which none takes them. */
function isLeft(variable: Variable, containers: Containers): boolean {
  const isFilled = variable.references.some(({ writeExpr }) => writeExpr && containers.isPut(writeExpr));
  return isFilled && !containers.isTakenFrom(variable);
}

/** Returns true if an expression makes a container, which then has no other owner. */
function isMade(node: TSESTree.Expression): boolean {
  if (node.type === AST_NODE_TYPES.TSAsExpression || node.type === AST_NODE_TYPES.TSSatisfiesExpression) {
    return isMade(node.expression);
  }
  return [AST_NODE_TYPES.ArrayExpression, AST_NODE_TYPES.ObjectExpression, AST_NODE_TYPES.NewExpression].some(
    (type) => node.type === type,
  );
}

interface PrivateProperty {
  readonly key: TSESTree.Node;
  readonly name: string;
}

/** Returns the private properties of a class that are linear or hold linear values. */
function privateProperties(body: TSESTree.ClassBody, ownership: Ownership): readonly PrivateProperty[] {
  const found: PrivateProperty[] = [];
  const add = (key: TSESTree.Node, name: string): void => {
    const isLinear = ownership.of(key) === "linear" || holdsLinear(ownership.typeOf(key), ownership);
    if (isLinear) found.push({ key, name });
  };
  for (const member of body.body) {
    if (member.type === AST_NODE_TYPES.PropertyDefinition) {
      const { key } = member;
      if (key.type === AST_NODE_TYPES.PrivateIdentifier) add(key, `#${key.name}`);
      else if (member.accessibility === "private" && key.type === AST_NODE_TYPES.Identifier) add(key, key.name);
    }
    for (const parameter of parametersOf(member)) {
      if (parameter.accessibility !== "private" || parameter.parameter.type !== AST_NODE_TYPES.Identifier) continue;
      add(parameter.parameter, parameter.parameter.name);
    }
  }
  return found;
}

/** Returns the properties that a constructor declares by its parameters. */
function parametersOf(member: TSESTree.ClassElement): readonly TSESTree.TSParameterProperty[] {
  if (member.type !== AST_NODE_TYPES.MethodDefinition || member.kind !== "constructor") return [];
  return member.value.params.filter((one) => one.type === AST_NODE_TYPES.TSParameterProperty);
}

/** Returns true if a property is filled from the beginning: by its initial value, or as a parameter. */
function initialOf(member: TSESTree.ClassElement, name: string, containers: Containers): boolean {
  if (parametersOf(member).some(({ parameter }) => "name" in parameter && parameter.name === name)) return true;
  if (member.type !== AST_NODE_TYPES.PropertyDefinition || member.value === null) return false;
  const { key } = member;
  const isIt =
    (key.type === AST_NODE_TYPES.PrivateIdentifier && `#${key.name}` === name) ||
    (key.type === AST_NODE_TYPES.Identifier && key.name === name);
  return isIt && containers.isPut(member.value);
}

/** Returns true if a property is assigned a value, or a container in it receives one. */
function isFilled(member: TSESTree.MemberExpression, containers: Containers): boolean {
  const { parent } = member;
  const isInner = parent.type === AST_NODE_TYPES.MemberExpression && parent.object === member;
  return containers.isFilledAt(member) || (isInner && containers.isFilledAt(parent));
}

function isNamed({ property, computed }: TSESTree.MemberExpression, name: string): boolean {
  if (property.type === AST_NODE_TYPES.PrivateIdentifier) return `#${property.name}` === name;
  if (property.type === AST_NODE_TYPES.Identifier && !computed) return property.name === name;
  return property.type === AST_NODE_TYPES.Literal && property.value === name;
}

function takesApart(pattern: TSESTree.ObjectPattern, name: string): boolean {
  return pattern.properties.some(
    (one) =>
      one.type === AST_NODE_TYPES.RestElement || (one.key.type === AST_NODE_TYPES.Identifier && one.key.name === name),
  );
}

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { TSESLint } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { typed } from "./internal/file.ts";
import { asRule } from "./internal/linear-rule.ts";

/** Ids of the messages of `typed-imports`. */
export type TypedImportsMessage = "untyped";

/** Packages whose types the other rules check. */
const CHECKED = /^@void-system\/(linear|effects)(\/|$)/;

const rule: TSESLint.RuleModule<TypedImportsMessage> = {
  meta: {
    type: "problem",
    docs: { description: "An import whose types the other rules check has types" },
    messages: {
      untyped:
        "expected {{module}} to have types, got any, so that nothing here is checked; install the package, " +
        "and check moduleResolution in the tsconfig.json of this file",
    },
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const services = typed(context.sourceCode.parserServices);
    const checker = services.program.getTypeChecker();
    const isKnown = (name: TSESTree.Node): boolean => {
      const symbol = services.getSymbolAtLocation(name);
      return symbol !== undefined && checker.getAliasedSymbol(symbol).declarations !== undefined;
    };
    return {
      Program({ body }): void {
        for (const node of body) {
          if (node.type !== AST_NODE_TYPES.ImportDeclaration || !CHECKED.test(node.source.value)) continue;
          // A module that does not resolve has no symbol. One that the program only declares has no exports.
          const module = services.getSymbolAtLocation(node.source);
          const isTyped = (module?.exports?.size ?? 0) > 0 && node.specifiers.every(({ local }) => isKnown(local));
          if (isTyped) continue;
          context.report({ node: node.source, messageId: "untyped", data: { module: node.source.value } });
          return;
        }
      },
    };
  },
};

/**
 * Requires an import from `@void-system/linear` or `@void-system/effects` to have types. Without them, the other rules see no
 * linear value, and have nothing to report.
 */
export const typedImports: Rule.RuleModule = asRule(rule);

import { AST_NODE_TYPES } from "@typescript-eslint/types";
import type { TSESTree } from "@typescript-eslint/types";
import type { TSESLint } from "@typescript-eslint/utils";
import { fateOf } from "./fate.ts";
import { Ownership } from "./linearity.ts";
import { typedServices } from "./services.ts";

/** What `no-discard` may report. */
export type NoDiscardMessage = "discarded";

/** A linear value that a call or `new` makes goes somewhere. */
export const noDiscard: TSESLint.RuleModule<NoDiscardMessage> = {
  meta: {
    type: "problem",
    docs: { description: "A linear value that a call or new makes is named, consumed, passed on or returned" },
    messages: {
      discarded: "expected the linear value made here to be kept, got a place that loses it; name it and consume it",
    },
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const ownership = new Ownership(typedServices(context.sourceCode.parserServices));
    const check = (node: TSESTree.CallExpression | TSESTree.NewExpression): void => {
      if (ownership.of(node) !== "linear" || !ownership.isFresh(node)) return;
      const fate = fateOf(node, ownership);
      if (fate === "borrow" || fate === "read") context.report({ node, messageId: "discarded" });
    };
    return { [AST_NODE_TYPES.CallExpression]: check, [AST_NODE_TYPES.NewExpression]: check };
  },
};

import type { TSESLint } from "@typescript-eslint/utils";
import { type LintedFile, fileOf } from "./file.ts";

/** What a rule says of itself, and what it looks at. */
interface LinearRule<Message extends string> {
  readonly description: string;
  readonly messages: Readonly<Record<Message, string>>;
  /** Returns the listeners for one file, in which something can be linear. */
  listen(context: Readonly<TSESLint.RuleContext<Message, []>>, file: LintedFile): TSESLint.RuleListener;
}

/** Makes a rule for ESLint. The rule is silent in programs that have nothing linear. */
export function linearRule<Message extends string>(rule: LinearRule<Message>): TSESLint.RuleModule<Message> {
  const { description, messages, listen } = rule;
  return {
    meta: { type: "problem", docs: { description }, messages, schema: [] },
    defaultOptions: [],
    create(context) {
      const file = fileOf(context.sourceCode);
      return file === undefined ? {} : listen(context, file);
    },
  };
}

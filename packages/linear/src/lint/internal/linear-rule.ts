import type { TSESLint } from "@typescript-eslint/utils";
import { type LintedFile, fileOf } from "./file.ts";

/** A rule's metadata and listeners. */
interface LinearRule<Message extends string> {
  readonly description: string;
  readonly messages: Readonly<Record<Message, string>>;
  /** Returns the listeners for a file that may contain linear values. */
  listen(context: Readonly<TSESLint.RuleContext<Message, []>>, file: LintedFile): TSESLint.RuleListener;
}

/** Makes an ESLint rule that is silent in programs without linear values. */
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

import type { TSESLint } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { type LintedFile, fileOf } from "./file.ts";

/** A rule's metadata and listeners. */
interface LinearRule<Message extends string> {
  readonly description: string;
  readonly messages: Readonly<Record<Message, string>>;
  /** Returns the listeners for a file that may contain linear values. */
  listen(context: Readonly<TSESLint.RuleContext<Message, []>>, file: LintedFile): TSESLint.RuleListener;
}

/** Makes an ESLint rule that is silent in programs without linear values. */
export function linearRule<Message extends string>(rule: LinearRule<Message>): Rule.RuleModule {
  const { description, messages, listen } = rule;
  const made: TSESLint.RuleModule<Message> = {
    meta: { type: "problem", docs: { description }, messages, schema: [] },
    defaultOptions: [],
    create(context) {
      const file = fileOf(context.sourceCode);
      return file === undefined ? {} : listen(context, file);
    },
  };
  // ESLint's own type, so that a user's configuration needs no other. It types the nodes of JavaScript alone, but hands
  // over those of the parser.
  return made as unknown as Rule.RuleModule;
}

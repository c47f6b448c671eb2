import type { TSESLint } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { type LintedFile, fileOf } from "./file.ts";
import { BRAND } from "./linearity.ts";

/** A rule's metadata and listeners. */
interface LinearRule<Message extends string> {
  readonly description: string;
  /** The property of types without which a program has nothing to check. @defaultValue "~linear" */
  readonly brand?: string;
  readonly messages: Readonly<Record<Message, string>>;
  /** Returns the listeners for a file of a program with the brand. */
  listen(context: Readonly<TSESLint.RuleContext<Message, []>>, file: LintedFile): TSESLint.RuleListener;
}

/** Makes an ESLint rule that is silent in programs without its brand. */
export function linearRule<Message extends string>(rule: LinearRule<Message>): Rule.RuleModule {
  const { brand = BRAND, description, messages, listen } = rule;
  const made: TSESLint.RuleModule<Message> = {
    meta: { type: "problem", docs: { description }, messages, schema: [] },
    defaultOptions: [],
    create(context) {
      const file = fileOf(context.sourceCode, brand);
      return file === undefined ? {} : listen(context, file);
    },
  };
  return asRule(made);
}

/** Returns a rule in ESLint's own type, so that a user's configuration needs no other. */
export function asRule<Message extends string>(rule: TSESLint.RuleModule<Message>): Rule.RuleModule {
  // ESLint types the nodes of JavaScript alone, but hands over those of the parser.
  return rule as unknown as Rule.RuleModule;
}

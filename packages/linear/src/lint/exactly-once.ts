import type { TSESLint } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { messages } from "./exactly-once-messages.ts";
import { linearRule } from "./internal/linear-rule.ts";
import { Flow } from "./internal/flow.ts";
import { Watch } from "./internal/watch.ts";

/** Requires a variable that holds a linear value to be consumed exactly once on every path. */
export const exactlyOnce: Rule.RuleModule = linearRule({
  description: "A variable that holds a linear value is consumed exactly once on every path",
  messages,
  listen(context, file) {
    const { names, ownership, scopes } = file;
    return {
      "Program:exit"(): void {
        for (const scope of scopes) {
          if (!isRunnable(scope)) continue;
          const tracked = names.trackedIn(scope, ownership);
          if (tracked.size === 0) continue;
          const watch = new Watch(tracked, names, ownership, (node, messageId, name) => {
            context.report({ node, messageId, data: { name } });
          });
          new Flow(watch, file, watch.start(scope.block)).run(scope.block);
          watch.judge();
        }
      },
    };
  },
});

/**
 * Returns true for a scope with a body of its own. A script's global scope has the body of the program, unless there is
 * a module scope.
 */
function isRunnable(scope: TSESLint.Scope.Scope): boolean {
  const type: string = scope.type;
  if (type === "global") return !scope.childScopes.some((child) => String(child.type) === "module");
  return type === "function" || type === "module" || type === "class-static-block";
}

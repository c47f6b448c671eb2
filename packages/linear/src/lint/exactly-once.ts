import type { TSESLint } from "@typescript-eslint/utils";
import { fileOf } from "./internal/file.ts";
import { Flow } from "./internal/flow.ts";
import { Watch } from "./internal/watch.ts";

const messages = {
  dropped: "expected {{name}} to be consumed, got no use that takes it; consume it, pass it on or return it",
  oneBranch: "expected {{name}} to be consumed on every path, got one on which it is left; consume it there too",
  usedTwice: "expected {{name}} to be used no more after it was consumed, got a use here; borrow it before",
  inLoop: "expected {{name}} to be consumed once, got a loop that does it each time; create it inside, or end the loop",
  captured: "expected {{name}} to be consumed here, got a closure that may run later, twice or never; hand it over",
  reassigned: "expected {{name}} to be consumed before it is assigned anew, got a value that would be lost",
  afterClose: "expected {{name}} to be used while its context is open, got a use after its close()",
  outlives: "expected {{name}} to be consumed in its context, got it returned out of it; move() it to a longer one",
  lentLater: "expected {{name}} to be lent no more when it is consumed, got a callback that may yet run; wait for it",
  borrowed: "expected {{name}} to be given back, since this function has the tag @borrows, got a use that takes it",
} as const;

/** What `exactly-once` may report. */
export type ExactlyOnceMessage = keyof typeof messages;

/** A variable that holds a linear value is consumed once on every path. */
export const exactlyOnce: TSESLint.RuleModule<ExactlyOnceMessage> = {
  meta: {
    type: "problem",
    docs: { description: "A variable that holds a linear value is consumed exactly once on every path" },
    messages,
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const file = fileOf(context.sourceCode);
    if (file === undefined) return {};
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
};

/** Scopes with a body of their own; a script's global scope has the program's when there is no module's. */
function isRunnable(scope: TSESLint.Scope.Scope): boolean {
  const type: string = scope.type;
  if (type === "global") return !scope.childScopes.some((child) => String(child.type) === "module");
  return type === "function" || type === "module" || type === "class-static-block";
}

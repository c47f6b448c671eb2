import * as parser from "@typescript-eslint/parser";
import { RuleTester } from "@typescript-eslint/rule-tester";
import { afterAll, describe, expect, it, test } from "vitest";
import linear, { exactlyOnce, noDiscard } from "../../src/eslint/index.ts";
import type { ExactlyOnceMessage } from "../../src/eslint/index.ts";
import { PROGRAM_FILE } from "./program.ts";
import { RIGHT } from "./right.ts";
import * as sceneTypes from "./scene-names.ts";
import { WRONG } from "./wrong.ts";

RuleTester.afterAll = afterAll;
RuleTester.describe = describe;
RuleTester.it = it;

const tester = new RuleTester({
  languageOptions: { parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
});

const HEADER = `import { ${sceneTypes.NAMES.join(", ")} } from "./scene.ts";\n`;
const filename = `${import.meta.dirname}/${PROGRAM_FILE}`;
const code = (program: string): string => `${HEADER}${program}${program.includes("export") ? "" : "\nexport {};"}`;

const wrong = Object.values(WRONG).flat();
const isDiscard = (reports: string): boolean => reports.startsWith("discarded");
const valid = RIGHT.map((program) => ({ name: program, filename, code: code(program) }));

tester.run("exactly-once", exactlyOnce, {
  valid,
  invalid: wrong
    .filter(([reports]) => !isDiscard(reports))
    .map(([reports, program]) => ({
      name: program,
      filename,
      code: code(program),
      // The suite's own words, checked by the tester against the rule's.
      errors: reports.split(" ").map((messageId) => ({ messageId: messageId as ExactlyOnceMessage })),
    })),
});

tester.run("no-discard", noDiscard, {
  valid,
  invalid: wrong
    .filter(([reports]) => isDiscard(reports))
    .map(([reports, program]) => ({
      name: program,
      filename,
      code: code(program),
      errors: reports.split(" ").map(() => ({ messageId: "discarded" as const })),
    })),
});

test("the suite is as large as is claimed, and the plugin has its rules", () => {
  expect(wrong.length).toBeGreaterThanOrEqual(100);
  expect(RIGHT.length).toBeGreaterThanOrEqual(60);
  expect(Object.keys(linear.configs.recommended.rules ?? {})).toEqual(["linear/exactly-once", "linear/no-discard"]);
});

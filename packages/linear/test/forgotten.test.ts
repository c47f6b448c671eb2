import { expect, test } from "vitest";
import { LinearResource, observeResources } from "../src/index.ts";
import { reportForgotten } from "../src/resources/forgotten.ts";

test("reportForgotten passes events on to an earlier observer, and stops", () => {
  const seen: string[] = [];
  observeResources({ created: ({ name }) => seen.push(name), ended: () => undefined });
  const stop = reportForgotten(() => undefined);
  new LinearResource(1, { name: "a" }).consume();
  stop();
  new LinearResource(1, { name: "b" }).consume();
  observeResources(undefined);
  new LinearResource(1, { name: "c" }).consume();
  expect(seen).toEqual(["a", "b"]);
});

/**
 * Mistakes of one token in the tutorial's files. Each must end red, with a message that names it: a run that passes
 * without having tested anything would be believed.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Scenario } from "../src/index.ts";
import { runSimulation } from "../src/vitest/simulation.ts";

const page = readFileSync(join(import.meta.dirname, "..", "docs", "testing-in-a-seeded-world.md"), "utf8");
const [broken = "", scenario = "", , fixed = ""] = [...page.matchAll(/^```js\n([^]*?)^```$/gm)].map((match) => match[1] ?? "");
const service = broken.replace(/^ {4}if \(what === "put"\) \{\n[^]*?^ {4}\}\n/m, fixed);

// Inside the checkout, where vitest finds the packages' sources.
const folder = join(import.meta.dirname, "..", "..", "..", ".cache", `mistakes-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let folders = 0;

/** Runs the tutorial's test with the mended service, after an edit of both files. Returns the error's text, "" if it passes. */
async function outcomeOf(edit: (text: string) => string): Promise<string> {
  const own = join(folder, String((folders += 1)));
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "seats.js"), edit(service));
  writeFileSync(join(own, "seats.scenario.js"), edit(scenario));
  const module = (await import(pathToFileURL(join(own, "seats.scenario.js")).href)) as { scenario: Scenario };
  try {
    await runSimulation("seats", { scenario: module.scenario, seeds: 12, shrinkRunsMax: 5 }, "seats.test.js");
    return "";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : "no error";
  }
}

test("without a mistake it passes", async () => {
  expect(await outcomeOf((text) => text)).toBe("");
});

const BUDGET = `nodes: { store }, faults: { kinds: ["crash"] },`;
const mistakes: readonly (readonly [mistake: string, from: string | RegExp, to: string, ...named: (string | RegExp)[]])[] = [
  ["a misspelt node, everywhere", /"store"/g, '"stroe"', 'send frames to a node or client of the run (store, ann, bob), got "stroe"'],
  ["a misspelt node in send", 'send("store"', 'send("stroe"', "UnknownNodeError", '"stroe"'],
  ["a misspelt node in linked", 'linked("store")', 'linked("stroe")', 'wait for a link to a node or client of the run', '"stroe"'],
  ["another name of the node", "nodes: { store }", "nodes: { shop: store }", 'run (shop, ann, bob), got "store"'],
  ["no yield* before an answer", 'if (what === "get") yield* Net.send', 'if (what === "get") Net.send', '"store" to perform the Net.send(…)', "write `yield* Net.send(…)`"],
  ["no yield* before the other answer", /yield\* (Net\.send\(from, frame\(id, holders\.get\(seat\)\)\))/, "$1", "yield* Net.send(…)"],
  ["no yield* before a request", "(yield* Net.send", "(Net.send", 'to perform the Net.send(…)', "yield* Net.send(…)"],
  ["no yield* before linked", "yield* Net.linked", "Net.linked", "yield* Net.linked(…)"],
  ["no yield* before receive in the node", "= yield* Net.receive()", "= Net.receive()", '"store" to perform the Net.receive', "yield* Net.receive(…)"],
  ["no yield* before receive in the client", "(yield* Net.receive())", "(Net.receive())", "yield* Net.receive(…)"],
  ["no yield* before a random number", "(yield* Random.next())", "Random.next()", "yield* Random.next(…)"],
  ["no yield* before a program", '(yield* ask("get", seat))', 'ask("get", seat)', "NothingTestedError", "without a frame or a call to any node: is a `yield*` missing"],
  ["forgotten boots", /boots\((function\* \([^]*?^\})\)/m, "($1)", 'the node "store" to run its program', "write boots(function* () { … })"],
  ["an async node", "boots(function* (offer) {", "(async () => { const offer = () => undefined; return; })(function* (offer) {", "a function at nodes.store"],
  ["an async program in boots", "boots(function* (offer) {", "boots(async () => { await null; }, function* (offer) {", "a promise that waits for another", "`yield*` in a program of `boots`"],
  ["a promise in the node", "const holders = new Map();", "const holders = new Map(); Promise.resolve().then(() => 1);", "`yield*` in a program of `boots`"],
  ["an async perform", "perform: ({ key, client }) =>", "perform: async ({ key, client }) =>", "workload.perform", "async"],
  ["a check that returns a boolean", /if \(new Set\(sold\)\.size < sold\.length\) throw .*/, "return new Set(sold).size === sold.length;", 'the check "a seat is sold once" to return nothing', "got true"],
  ["an async check", '"a seat is sold once": ({', '"a seat is sold once": async ({', 'the check "a seat is sold once" to return at once'],
  ["a typo in a check", "history.operations", "history.operation", "TestCodeError", 'the check "a seat is sold once"', "TypeError"],
  ["something that a cluster has not", '"a seat is sold once": ({ history }) => {', '"a seat is sold once": ({ history, inspect }) => { inspect("store");', "TestCodeError", "inspect is not a function"],
  ["a check that reads the clock", "const sold =", "Date.now(); const sold =", "SimulationLeakError", "checks, state() and actions of the test", "Date.now()"],
  ["the platform's randomness", "(yield* Random.next())", "Math.random()", "random.next()", "Math.random()"],
  ["the platform's keys", "const holders = new Map();", 'const holders = new Map(); process.getBuiltinModule("node:crypto").generateKeyPairSync("ed25519");', "generateKeyPairSync() of node:crypto"],
  ["state outside of the node", /(export const store[^]*?)( {2}const holders = new Map\(\);)/, "$2 $1", "NotAFunctionOfItsSeedError", "the first event that differs is number"],
  ["a client that never ends", "if (answered === id) return answer;", "", "NothingTestedError", "no operation had an outcome", "does a node answer"],
  ["a node that never answers", '=== "get"', '=== "gte"', "no operation had an outcome"],
  ["too little time for an operation", "timeoutMs: 500", "timeoutMs: 0.1", "no operation had an outcome", "timeoutMs"],
  ["no operations", "operations: 3", "operations: 0", "no operation had an outcome (0 operations began)"],
  ["no clients", '["ann", "bob"]', "[]", "no operation had an outcome (0 operations began)"],
  ["a text as a frame", "Net.send(from, frame(id, holders.get(seat) ?? \"nobody\"))", 'Net.send(from, "nobody")', 'a frame that is a Uint8Array, got "nobody"'],
  ["a misspelt kind of fault", "nodes: { store },", 'nodes: { store }, faults: { kinds: ["crahs"] },', "faults.kinds[0]", '"crahs"'],
  ["a misspelt field of faults", "nodes: { store },", 'nodes: { store }, faults: { kind: ["crash"] },', 'no field "kind" at faults'],
  ["no kinds of faults", "nodes: { store },", "nodes: { store }, faults: { kinds: [] },", "the budget of faults had room for none"],
  ["faults of a misspelt node", "nodes: { store },", 'nodes: { store }, faults: { nodes: ["stroe"] },', 'faults of a known node (store, ann, bob), got "stroe"'],
  ["a listed fault of a misspelt node", "nodes: { store },", 'nodes: { store }, faults: [{ kind: "crash", atMs: 9e4, node: "stroe" }],', '"stroe"'],
  ["faults after the end", "nodes: { store },", 'nodes: { store }, faults: { kinds: ["crash"], fromMs: 6e4, untilMs: 9e4 },', /none of \d+ planned faults? began, since the longest run ended at/],
  ["faults that a store must survive", "nodes: { store },", BUDGET, "a seat is sold once"],
  ["a misspelt part", "nodes: { store },", "nodes: { store }, netwrok: {},", 'no field "netwrok"'],
  ["an operation without a name", '{ op: "book",', '{ opp: "book",', "draw to return an operation { op: … }"],
  ["an end that is no condition", "nodes: { store },", "nodes: { store }, until: ({ history }) => history.operations.length,", "until to return true or false, got 0"],
];

function pattern(text: string | RegExp): RegExp {
  return typeof text === "string" ? new RegExp(text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)) : text;
}

test.each(mistakes.map((mistake) => [mistake[0], mistake] as const))("%s is named", async (_name, [, from, to, ...named]) => {
  let edits = 0;
  const text = await outcomeOf((file) => {
    const edited = file.replace(pattern(from), to);
    if (edited !== file) edits += 1;
    return edited;
  });
  expect(edits, "the page still has what the mistake replaces").toBe(1);
  for (const part of named) expect(text).toMatch(part);
});

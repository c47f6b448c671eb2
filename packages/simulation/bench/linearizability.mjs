/**
 * The linearizability checker on histories of real objects. Its peer is the least that any checker must do: running the
 * model over the operations once, in a known order. The rows are appended to those of the other benches.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { SeededRandom } from "@void-system/effects";
import { checkLinearizability, keyValueModel, registerModel, UNKNOWN } from "@void-system/simulation/linearizability";
import { compare, cpuNs } from "../../../scripts/measure.mjs";

const COMMAND = "npm run bench -w packages/simulation";
const ROUNDS = 7;
const RESULTS = new URL("results.json", import.meta.url);

/** Operations of an object as its clients saw them, and the order in which they took effect. */
function recorded({ operations, clients, keys, draw, apply, lost = 0, seed }) {
  const random = new SeededRandom(seed);
  const free = Array.from({ length: clients }, () => 0);
  const planned = Array.from({ length: operations }, (_, at) => {
    const client = at % clients;
    const invokedAt = free[client] + random.below(20);
    const effectAt = invokedAt + random.below(1_000);
    const returnedAt = effectAt + random.below(1_000);
    free[client] = returnedAt + 1;
    const key = keys > 1 ? { key: `k${random.below(keys)}` } : {};
    return { client: `c${client}`, ...key, input: draw(random), invokedAt, effectAt, returnedAt };
  });
  const states = new Map();
  const order = planned.toSorted((one, other) => one.effectAt - other.effectAt);
  for (const operation of order) {
    const [state, output] = apply(states.get(operation.key), operation.input);
    states.set(operation.key, state);
    const isLost = random.chance(lost);
    operation.output = isLost ? undefined : output;
    if (isLost) operation.returnedAt = undefined;
  }
  return { history: planned, order };
}

const register = {
  draw: (random) => (random.chance(0.5) ? { type: "read" } : { type: "write", value: random.below(1_000) }),
  apply: (state = 0, input) => (input.type === "read" ? [state, state] : [input.value, undefined]),
};
const store = {
  draw: (random) => {
    const kind = random.below(3);
    if (kind === 0) return { type: "get" };
    if (kind === 1) return { type: "set", value: random.below(5) };
    return { type: "cas", expected: random.below(5), value: random.below(5) };
  },
  apply: (state, input) => {
    if (input.type === "get") return [state, state];
    if (input.type === "set") return [input.value, undefined];
    return state === input.expected ? [input.value, true] : [state, false];
  },
};

/** Operations a CPU second. */
function rate(operations, work) {
  const before = cpuNs();
  work();
  return operations / ((cpuNs() - before) / 1e9);
}

function inKnownOrder(model, order) {
  const states = new Map();
  for (const { key, input, output, returnedAt } of order) {
    const state = states.has(key) ? states.get(key) : model.init();
    states.set(key, model.step(state, input, returnedAt === undefined ? UNKNOWN : output));
  }
}

const cases = [
  {
    name: "register, 1,000 operations of 10 clients",
    model: registerModel(0),
    operations: 1_000,
    clients: 10,
    keys: 1,
    ...register,
  },
  {
    name: "register, 10,000 operations of 10 clients",
    model: registerModel(0),
    operations: 10_000,
    clients: 10,
    keys: 1,
    ...register,
  },
  {
    name: "20 keys with compare-and-set, 10,000 operations of 50 clients",
    model: keyValueModel(),
    operations: 10_000,
    clients: 50,
    keys: 20,
    ...store,
  },
  {
    name: "the same, 1 outcome of 500 unknown",
    model: keyValueModel(),
    operations: 10_000,
    clients: 50,
    keys: 20,
    lost: 0.002,
    ...store,
  },
];
const rows = [];
for (const one of cases) {
  const { history, order } = recorded({ ...one, seed: 1 });
  const check = () => {
    const { verdict } = checkLinearizability(one.model, history);
    if (verdict !== "linearizable") throw new Error(`${one.name}: ${verdict}`);
  };
  const ours = () => rate(one.operations, check);
  const repeat = 20;
  const floor = () =>
    rate(one.operations * repeat, () => {
      for (let times = 0; times < repeat; times += 1) inKnownOrder(one.model, order);
    });
  const measured = await compare(ROUNDS, "higher", ours, floor);
  const against = [
    { name: "the model alone, in a known order", version: process.version, kind: "floor", value: measured.floor },
  ];
  const ratio = measured.ours / measured.floor;
  const row = {
    name: `linearizability, ${one.name}`,
    unit: "operations/CPU-s",
    better: "higher",
    ours: measured.ours,
    against,
    ratio,
    bar: 0,
  };
  rows.push({ ...row, spread: [measured.least, measured.most], command: COMMAND });
  process.stdout.write(`${row.name}: ${Math.round(measured.ours)} ${row.unit}, ratio ${ratio.toFixed(3)}\n`);
}
const others = JSON.parse(readFileSync(RESULTS, "utf8")).filter(({ name }) => !name.startsWith("linearizability, "));
writeFileSync(RESULTS, `${JSON.stringify([...others, ...rows], null, 2)}\n`);

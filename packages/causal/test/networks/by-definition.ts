import * as fc from "fast-check";
import { DiscreteNetwork } from "../../src/networks/index.ts";
import type { DiscreteVariable, States } from "../../src/networks/index.ts";

/** Small random networks: each variable has up to three states, and up to three of those before it as parents. */
export function networks(variablesMax: number): fc.Arbitrary<DiscreteNetwork> {
  const variable = fc.record({
    states: fc.integer({ min: 1, max: 3 }),
    parents: fc.array(fc.nat(9), { maxLength: 3 }),
    numbers: fc.infiniteStream(fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1, noNaN: true }))),
  });
  return fc.array(variable, { minLength: 1, maxLength: variablesMax }).map((list) => {
    const variables: [string, DiscreteVariable][] = [];
    for (const [at, { states, parents, numbers }] of list.entries()) {
      const chosen = [...new Set(parents)].filter((parent) => parent < at);
      const rows = chosen.reduce((product, parent) => product * variables[parent]![1].states.length, 1);
      const table = Array.from({ length: rows }, () => {
        const row = Array.from({ length: states }, () => numbers.next().value as number);
        const sum = row.reduce((a, b) => a + b, 0);
        return sum > 0 ? row.map((value) => value / sum) : row.map(() => 1 / states);
      });
      const names = Array.from({ length: states }, (_, state) => `s${state}`);
      variables.push([`v${at}`, { states: names, parents: chosen.map((parent) => `v${parent}`), table }]);
    }
    return new DiscreteNetwork(Object.fromEntries(variables));
  });
}

/** Every combination of states with its probability, by the truncated factorisation (Pearl 2009, §3.2.3). */
export function worlds({ variables }: DiscreteNetwork, forced: States = {}): { readonly states: States; readonly p: number }[] {
  let all: { states: Record<string, string>; indices: number[]; p: number }[] = [{ states: {}, indices: [], p: 1 }];
  for (const { name, states, parents, table } of variables) {
    all = all.flatMap((world) =>
      states.map((state, at) => {
        const row = parents.reduce((before, parent) => before * variables[parent]!.states.length + world.indices[parent]!, 0);
        const factor = forced[name] === undefined ? table[row * states.length + at]! : Number(forced[name] === state);
        return { states: { ...world.states, [name]: state }, indices: [...world.indices, at], p: world.p * factor };
      }),
    );
  }
  return all;
}

/** Probability of the worlds that agree with some states. */
export function mass(all: readonly { readonly states: States; readonly p: number }[], seen: States): number {
  return all.reduce((sum, { states, p }) => (Object.entries(seen).every(([name, state]) => states[name] === state) ? sum + p : sum), 0);
}

/** Random states of some of a network's variables. */
export function someStates({ variables }: DiscreteNetwork, picks: readonly number[]): Record<string, string> {
  return Object.fromEntries(
    variables.flatMap(({ name, states }, at) => {
      const pick = picks[at] ?? 0;
      return pick < states.length ? [[name, states[pick]!]] : [];
    }),
  );
}

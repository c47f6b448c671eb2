import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { generateIncident } from "./support/incidents.ts";
import { SCALE } from "./support/scale.ts";

/** Digest of everything that the first 3 seeds give. A change of the generator is a change of the measure: do not. */
const FROZEN = "f2b6fda2fe1dd13f20ac5282d93d297801b4bb69177b62f409ce6748affde2a5";

test("the generator is frozen", () => {
  const hash = createHash("sha256");
  for (let seed = 0; seed < 3; seed++) {
    const { normal, incident, withoutFault, ...rest } = generateIncident(seed);
    hash.update(JSON.stringify(rest)).update(Float32Array.from(withoutFault));
    for (const table of [normal, incident]) {
      for (const node of table.nodes()) {
        for (const metric of ["latency", "availability", "requests", "cpu"]) hash.update(Float32Array.from(table.get(node, metric) ?? []));
      }
    }
  }
  expect(hash.digest("hex")).toBe(FROZEN);
});

test.runIf(SCALE > 1)("it holds what it promises: kinds, cycles, self-calls, gaps, shared databases, queues", () => {
  const seen = { none: 0, cause: 0, "target-itself": 0, cycles: 0, selfCalls: 0, gaps: 0, shared: 0, queues: 0, visible: 0 };
  for (let seed = 0; seed < 40; seed++) {
    const { calls, truth, normal, incident, target, withoutFault } = generateIncident(seed);
    seen[truth.kind]++;
    const reach = new Set<string>();
    if (calls.some(({ caller, callee }) => caller === callee)) seen.selfCalls++;
    if (calls.some(({ caller, callee }) => caller !== callee && leads(calls, callee, caller, reach))) seen.cycles++;
    if (normal.nodes().some((node) => normal.get(node, "latency")!.some((value) => Number.isNaN(value)))) seen.gaps++;
    if (calls.filter(({ callee }) => callee === "database-0").length > 1) seen.shared++;
    if (calls.some(({ callee }) => callee === "queue-0")) seen.queues++;
    const series = incident.get(target.node, target.metric)!;
    const same = series.every((value, row) => Object.is(value, withoutFault[row]));
    if (truth.kind === "none") expect(same).toBe(true);
    else if (!same) seen.visible++;
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(3);
});

function leads(calls: readonly { caller: string; callee: string }[], from: string, to: string, seen: Set<string>): boolean {
  seen.clear();
  seen.add(from);
  for (const node of seen) for (const { caller, callee } of calls) if (caller === node) seen.add(callee);
  return seen.has(to);
}

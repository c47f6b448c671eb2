import { test, expect } from "vitest";
import { solve, explain } from "../src/index.ts";
import { compile, replan } from "../src/cluster/index.ts";

test("smoke", () => {
  const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 4 }, taints: ["gpu"] }];
  const tasks = [
    { id: "train", demand: { cpu: 3 }, tolerates: ["gpu"], priority: 1 },
    { id: "serve", demand: { cpu: 3 }, priority: 2 },
    { id: "batch", demand: { cpu: 3 }, mayWait: true },
  ];
  const c = compile({ tasks, nodes });
  const r = solve(c);
  console.log(r, explain(c, r.placement, "batch").alternatives);
  const n2 = [{ id: "b", capacity: { cpu: 4 } }, { id: "c", capacity: { cpu: 4 } }];
  const t2 = ["x", "y", "z"].map((id) => ({ id, demand: { cpu: 2 } }));
  console.log(replan(compile({ tasks: t2, nodes: n2, previous: { x: "a", y: "b", z: "c" }, maxMigrations: 0 })));
});

import { describe, expect, test } from "vitest";
import { CausalGraph, CausalInference, FailureCounts, type FailureEvent, InvalidCountsError, UnknownNodeError } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { SCALE } from "../support/scale.ts";

/** A random graph of two layers of causes above a layer of symptoms, and its true weights. */
function randomGraph(random: Random): CausalGraph {
  const graph = new CausalGraph();
  for (let node = 0; node < 12; node++) graph.addNode(`n${node}`, { prior: node < 5 ? 0.05 + 0.2 * random.uniform() : 0.01 + 0.05 * random.uniform() });
  for (let effect = 5; effect < 12; effect++) {
    const causes = new Set([random.below(effect < 8 ? 5 : 8), random.below(effect < 8 ? 5 : 8), random.below(5)]);
    for (const cause of causes) graph.addEdge(`n${cause}`, `n${effect}`, 0.15 + 0.8 * random.uniform());
  }
  return graph;
}

/** Failures that may happen: of every node by itself, or through its failed causes. */
function sample(graph: CausalGraph, random: Random): Set<string> {
  const failed = new Set<string>();
  for (const node of graph.nodes()) {
    let isHit = random.uniform() < graph.prior(node);
    for (const [cause, strength] of graph.causes(node)) if (failed.has(cause) && random.uniform() < strength) isHit = true;
    if (isHit) failed.add(node);
  }
  return failed;
}

/** The same edges with weights that nobody learned. */
function unlearned(graph: CausalGraph): CausalGraph {
  const copy = new CausalGraph({ prior: 0.1, leak: 0.01 });
  for (const node of graph.nodes()) copy.addNode(node);
  for (const { cause, effect } of graph.edges()) copy.addEdge(cause, effect, 0.5);
  return copy;
}

const eventsOf = (graph: CausalGraph, random: Random, count: number): FailureEvent[] =>
  Array.from({ length: count }, (_, timeMs) => ({ timeMs, failed: sample(graph, random) }));

describe("learn", () => {
  test("the 90 % intervals hold the true strengths in 85 to 95 % of the cases", () => {
    let [inside, all] = [0, 0];
    for (let seed = 0; seed < 15 * SCALE; seed++) {
      const random = new Random(seed);
      const truth = randomGraph(random);
      const { edges, priors } = unlearned(truth).learn(eventsOf(truth, random, 1_500));
      for (const { cause, effect, strength } of edges) {
        const real = truth.causes(effect).get(cause)!;
        inside += Number(strength.low <= real && real <= strength.high);
        all++;
      }
      for (const [node, { low, value, high }] of priors) expect(low <= value && value <= high, node).toBe(true);
    }
    expect(inside / all).toBeGreaterThan(0.85);
    expect(inside / all).toBeLessThan(0.95);
  });

  test("a ranking by learned weights finds the cause more often than one by static weights", () => {
    const hits = { learned: 0, fixed: 0 };
    for (let seed = 100; seed < 100 + 4 * SCALE; seed++) {
      const random = new Random(seed);
      const truth = randomGraph(random);
      const fixed = unlearned(truth);
      const learned = fixed.learn(eventsOf(truth, random, 1_500)).graph;
      for (let incident = 0; incident < 40; incident++) {
        const failed = sample(truth, random);
        const causes = [0, 1, 2, 3, 4].map((node) => `n${node}`);
        if (causes.filter((node) => failed.has(node)).length !== 1) continue;
        const seen = Object.fromEntries(truth.nodes().slice(5).map((node) => [node, failed.has(node)]));
        const first = (graph: CausalGraph): string => {
          const inference = new CausalInference(graph);
          return causes.map((node) => ({ node, chance: inference.observationalProbability(node, seen) })).sort((a, b) => b.chance - a.chance)[0]!.node;
        };
        hits.learned += Number(failed.has(first(learned)));
        hits.fixed += Number(failed.has(first(fixed)));
      }
    }
    expect(hits.learned).toBeGreaterThan(hits.fixed);
  });

  test("the fit has a higher likelihood than anything near to it", () => {
    const random = new Random(3);
    const truth = new CausalGraph().addNode("a", { prior: 0.3 }).addNode("b", { prior: 0.3 }).addNode("c", { prior: 0.05 });
    truth.addEdge("a", "c", 0.6).addEdge("b", "c", 0.3);
    const events = eventsOf(truth, random, 5_000);
    const { graph } = unlearned(truth).learn(events);
    const likelihood = (own: number, a: number, b: number): number =>
      events.reduce((sum, { failed }) => {
        const names = new Set(failed);
        const spared = (1 - own) * (names.has("a") ? 1 - a : 1) * (names.has("b") ? 1 - b : 1);
        return sum + Math.log(names.has("c") ? 1 - spared : spared);
      }, 0);
    const at = [graph.prior("c"), graph.causes("c").get("a")!, graph.causes("c").get("b")!] as const;
    for (const [own, a, b] of [[0.01, 0, 0], [-0.01, 0, 0], [0, 0.02, 0], [0, -0.02, 0], [0, 0, 0.02], [0, 0, -0.02]] as const) {
      expect(likelihood(...at)).toBeGreaterThan(likelihood(at[0] + own, at[1] + a, at[2] + b));
    }
  });

  test("what was never seen keeps its weights; decay follows a system that changed", () => {
    const graph = new CausalGraph({ prior: 0.1, leak: 0.02 }).addEdge("db", "api", 0.7);
    expect(graph.learn([]).graph.causes("api").get("db")).toBeCloseTo(0.7, 9);
    const counts = new FailureCounts({ bucketMs: 1_000 });
    for (let index = 0; index < 400; index++) counts.record("api", index < 200, ["db"], index < 200 ? 0 : 100_000);
    const strength = (decay?: { nowMs: number; halfLifeMs: number }): number => graph.learn(counts, decay).graph.causes("api").get("db")!;
    expect(strength()).toBeGreaterThan(0.45);
    expect(strength({ nowMs: 100_000, halfLifeMs: 10_000 })).toBeLessThan(0.05);
  });

  test("refuses unknown nodes and a decay that is none", () => {
    const graph = new CausalGraph().addEdge("db", "api", 0.7);
    expect(() => graph.learn([{ timeMs: 0, failed: ["web"] }])).toThrow(UnknownNodeError);
    expect(() => graph.learn([], { nowMs: 0, halfLifeMs: 0 })).toThrow(InvalidCountsError);
  });
});

/**
 * Energies of placements with default options beside those of simple rules and of npm simulated-annealing, for every
 * generator and size, with the worst instance; then times. Energies do not depend on the machine, except those of the peer,
 * which has the same CPU time. Writes results.json.
 *
 * `node bench/bench.mjs 10` takes at most 10 instances of each, and writes nothing.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile, IsingScheduler, solve } from "@void-system/ising-scheduler";
import { GENERATORS, instance } from "./generators.mjs";
import { measureIsing } from "./ising.mjs";
import { peerPlacement } from "./peer.mjs";
import { RULES, shuffledRoundRobins } from "./rules.mjs";

/** Tasks, nodes, instances. */
const SIZES = [[50, 10, 100], [100, 10, 100], [200, 20, 100], [1000, 50, 20]];
const INSTANCES_MAX = Number(process.argv[2] ?? 100);
const COMMAND = "npm run bench -w packages/ising-scheduler";

const rows = [];
warmUp();
for (const kind of Object.keys(GENERATORS)) for (const [tasks, nodes, count] of SIZES) compareEnergies(kind, tasks, nodes, Math.min(count, INSTANCES_MAX));
measureTimes();
measureScale();
measureAnneal();
if (process.argv[2] === undefined) writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, null, 2)}\n`);

function compareEnergies(kind, taskCount, nodeCount, instances) {
  const all = Array.from({ length: instances }, (_, at) => energiesOf(instance(kind, at + 1, taskCount, nodeCount)));
  const finite = (who) => all.filter((one) => one[who] < Infinity && one.ours < Infinity);
  const beaten = (who) => all.filter((one) => one[who] < one.ours * (1 - 1e-9)).length;
  const ratios = (who) => finite(who).map((one) => one[who] / one.ours).sort((a, b) => a - b);
  const fits = (who) => all.filter((one) => one[who] < Infinity).length;
  const name = `${kind}, ${taskCount}x${nodeCount}`;
  const ms = median(all.map((one) => one.ms));
  console.log(`${name}: fits ${fits("ours")}/${instances}, median energy ${short(median(all.map((one) => one.ours)))}, ${short(ms)} CPU ms`);
  const sides = [["rule", "best simple rule"], ["shuffled", "best of 20 shuffled round robins"], ["peer", "simulated-annealing, same CPU time"]];
  for (const [who, label] of sides) {
    const [worst, middle] = [ratios(who)[0], median(ratios(who))];
    console.log(`  ${label}: fits ${fits(who)}, ratio median ${short(middle)}, worst ${short(worst)}, better than ours in ${beaten(who)}`);
  }
  const against = [];
  const add = (who, label, version, peerKind) => {
    const value = median(all.map((one) => one[who]));
    if (value < Infinity) against.push({ name: label, version, kind: peerKind, value: round(value) });
  };
  add("rule", "best simple rule", "bench/rules.mjs", "floor");
  add("shuffled", "best of 20 shuffled round robins", "bench/rules.mjs", "floor");
  add("peer", "simulated-annealing", "1.0.2", "peer");
  const worstOf = sides.flatMap(([who]) => ratios(who).slice(0, 1));
  const bestOf = sides.flatMap(([who]) => ratios(who).slice(-1));
  const ours = median(all.map((one) => one.ours));
  rows.push({
    name: `${name}: energy (fits in ${fits("ours")} of ${instances}, beaten in ${Math.max(...sides.map(([who]) => beaten(who)))})`,
    unit: "energy",
    better: "lower",
    ours: round(ours),
    against,
    ratio: against.length > 0 ? round(Math.min(...against.map(({ value }) => value)) / ours) : null,
    ...(worstOf.length > 0 && { spread: [round(Math.min(...worstOf)), round(Math.max(...bestOf))] }),
    bar: against.length > 0 ? 1 : 0,
    command: COMMAND,
  });
}

/** Energies by side; Infinity where the placement does not fit. */
function energiesOf(one) {
  const scheduler = new IsingScheduler(one.tasks, one.nodes, { links: one.links });
  const { taken: result, ms } = timed(() => scheduler.result());
  const energyOf = (placement) => {
    if (!placement) return Infinity;
    const { total, overload, conflicts } = scheduler.energy(placement);
    return overload + conflicts > 0 ? Infinity : total;
  };
  const started = result.starts.filter(({ feasible }) => feasible).map(({ energy }) => energy);
  return {
    ours: result.feasible ? result.energy.total : Infinity,
    ms,
    rule: Math.min(...Object.values(RULES).map((rule) => energyOf(rule(one))), ...started),
    shuffled: Math.min(...shuffledRoundRobins(one).map(energyOf)),
    peer: energyOf(peerPlacement(one, ms)),
  };
}

function measureTimes() {
  for (const [tasks, nodes, budgetMs] of [[50, 10, 1], [100, 10, 4]]) {
    const problems = Array.from({ length: 20 }, (_, at) => instance("planted", at + 1, tasks, nodes));
    const best = problems.map((one) => solve(compile(one), { moves: 2_000_000 }).energy.total);
    const [times, ratios] = [[], []];
    for (let turn = 0; turn < 10; turn++) {
      for (const [at, one] of problems.entries()) {
        const { taken, ms } = timed(() => new IsingScheduler(one.tasks, one.nodes, { links: one.links }).result());
        if (turn > 0) times.push(ms);
        ratios.push(taken.energy.total / best[at]);
      }
    }
    times.sort((a, b) => a - b);
    const [p50, p99, energy] = [times[times.length >> 1], times[Math.floor(times.length * 0.99)], median(ratios)];
    console.log(`planted, ${tasks}x${nodes}: new and schedule() warm p50 ${short(p50)} CPU ms, p99 ${short(p99)}; energy ${short(energy)}x that of 2,000,000 moves (bar ${budgetMs} ms at 1.05x)`);
    rows.push(alone(`planted, ${tasks}x${nodes}: warm p50 at ${energy.toFixed(3)}x the best known energy`, "CPU ms", p50));
    rows.push(alone(`planted, ${tasks}x${nodes}: warm p99`, "CPU ms", p99));
  }
  measureFirstCall();
}

/** The first placement of a process: the call alone, once everything is imported, and the whole of a program but Node's own start. */
function measureFirstCall() {
  const script = `const [w0, c0] = [performance.now(), process.cpuUsage()];
    const { IsingScheduler } = await import("@void-system/ising-scheduler");
    const { instance } = await import("./generators.mjs");
    const one = instance("planted", 1, 50, 10);
    const [w1, c1] = [performance.now(), process.cpuUsage()];
    new IsingScheduler(one.tasks, one.nodes, { links: one.links }).schedule();
    const [w2, c2] = [performance.now(), process.cpuUsage()];
    const cpu = (a, b) => (b.user + b.system - a.user - a.system) / 1000;
    console.log(JSON.stringify({ callCpu: cpu(c1, c2), callWall: w2 - w1, wholeCpu: cpu(c0, c2), wholeWall: w2 - w0 }));`;
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const runs = Array.from({ length: 5 }, () => JSON.parse(spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd, encoding: "utf8" }).stdout));
  const of = (name) => median(runs.map((run) => run[name]));
  console.log(`planted, 50x10: first call of a process ${short(of("callWall"))} ms, ${short(of("callCpu"))} CPU ms (bar 15); import and call ${short(of("wholeWall"))} ms, ${short(of("wholeCpu"))} CPU ms`);
  rows.push(alone("planted, 50x10: first call of a process, the import done", "CPU ms", of("callCpu")));
  rows.push(alone("planted, 50x10: import and first call of a process", "CPU ms", of("wholeCpu")));
}

function measureScale() {
  const one = instance("planted", 1, 10_000, 1_000);
  const { taken: compiled, ms } = timed(() => compile(one));
  console.log(`planted, 10000x1000: compile ${short(ms)} CPU ms, ${compiled.bytes} bytes`);
  for (const deadlineMs of [20, 2_000]) {
    const began = performance.now();
    const result = solve(compiled, { deadlineMs });
    const took = performance.now() - began;
    console.log(`planted, 10000x1000: deadline ${deadlineMs} ms, back after ${short(took)} ms, ${result.moves} moves, feasible ${result.feasible}, energy ${short(result.energy.total)}`);
    if (deadlineMs === 20) rows.push(alone("planted, 10000x1000: back from a deadline of 20 ms", "ms", took));
  }
  rows.push(alone("planted, 10000x1000: compile", "CPU ms", ms));
  rows.push(alone("planted, 10000x1000: arrays of the compiled problem", "MB", compiled.bytes / 2 ** 20));
}

function measureAnneal() {
  const { spins, gap, nsPerFlip } = measureIsing();
  console.log(`/ising, torus of ${spins} spins: median gap to the ground state ${short(100 * gap)} %, ${short(nsPerFlip)} ns a flip`);
  rows.push(alone(`/ising, torus of ${spins} spins at a median gap of ${short(100 * gap)} %: time a flip`, "CPU ns", nsPerFlip));
}

function alone(name, unit, ours) {
  return { name, unit, better: "lower", ours: round(ours), against: [], ratio: null, bar: 0, command: COMMAND };
}

function warmUp() {
  for (let seed = 1; seed <= 20; seed++) energiesOf(instance("planted", seed, 50, 10));
}

function timed(run) {
  const begin = process.cpuUsage();
  const taken = run();
  const { user, system } = process.cpuUsage(begin);
  return { taken, ms: (user + system) / 1_000 };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === high ? low : (low + high) / 2;
}

function round(value) {
  return Number(value.toPrecision(4));
}

function short(value) {
  return value === undefined || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(3)));
}

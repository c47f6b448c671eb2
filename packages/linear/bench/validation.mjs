/** Measures a record of six fields, right and wrong, against other validators of the same record. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inTurn, median, row } from "./measure.mjs";
import { recordPeers } from "./peers.mjs";
import { Rec, frozen, right, verdicts, wrong } from "./record.mjs";

const TURNS = 400_000;
const SLOW_TURNS = 40_000;

export async function validationRows() {
  const strict = await recordPeers(true);
  const lax = await recordPeers(false);
  const compiled = (peers) => peers.filter(({ is }) => is !== undefined);
  const slow = strict.filter(({ name }) => name === "zod" || name === "valibot");
  return [
    verdictRow("right record, verdict, unknown keys refused", compiled(strict), 0.91),
    verdictRow("right record, verdict, unknown keys refused here and let through there", compiled(lax), 0.7),
    ...slow.map((peer) => verdictRow("right record, verdict", [{ ...peer, is: peer.slowIs ?? peer.parse }], 10)),
    ...slow.map((peer) => parseRow("right record, frozen copy", [peer], right, true, 3)),
    ...strict.filter(({ name }) => name === "arktype").map((peer) => parseRow("wrong record, result", [peer], wrong, false, 50)),
    ...strict.filter(({ name }) => name === "zod").map((peer) => parseRow("wrong record, result", [peer], wrong, false, 25)),
    ...strict.filter(({ issues }) => issues !== undefined).map(issuesRow),
    rememberedRow(),
    forbiddenRow(),
  ];
}

function measured(ours, peers, pool, expected, name, bar) {
  const work = (check, turns) => ({ work: verdicts(check, pool, expected, turns), turns });
  const sides = Object.fromEntries(peers.map(({ name: of, check }) => [of, work(check, /typebox|arktype/.test(of) && expected === true ? TURNS : SLOW_TURNS)]));
  const times = inTurn({ ours: work(ours, TURNS), ...sides });
  const against = peers.map(({ name: of, version }) => ({ name: of, version, kind: "peer", value: times[of] }));
  return row(name, times.ours, against, bar);
}

function verdictRow(name, peers, bar) {
  return measured((value) => Rec.is(value), peers.map((peer) => ({ ...peer, check: peer.is })), right, true, name, bar);
}

function parseRow(name, peers, pool, expected, bar) {
  return measured((value) => Rec.safeParse(value).ok, peers.map((peer) => ({ ...peer, check: peer.parse })), pool, expected, name, bar);
}

function issuesRow(peer) {
  const ours = (value) => {
    const result = Rec.safeParse(value);
    return result.ok ? 0 : result.issues.length;
  };
  return measured(ours, [{ ...peer, check: peer.issues }], wrong, 1, "wrong record, all issues read", 1);
}

/**
 * Measures a verdict on frozen values that were seen before against one on values that may have changed. The latter come
 * first, because frozen objects have other shapes and the engine is slower with both.
 */
function rememberedRow() {
  const is = (value) => Rec.is(value);
  const { anew } = inTurn({ anew: { work: verdicts(is, right, true, TURNS), turns: TURNS } });
  for (let turn = 0; turn < 100; turn++) verdicts(is, frozen, true, TURNS / 10)();
  const { seen } = inTurn({ seen: { work: verdicts(is, frozen, true, TURNS), turns: TURNS } });
  return row("right record, frozen and seen before, verdict", seen, [{ name: "seen anew", version: process.version, kind: "floor", value: anew }], 1.5);
}

/** Measures with code from strings forbidden against allowed, in separate processes in turn. */
function forbiddenRow() {
  const file = fileURLToPath(new URL("uncompiled.mjs", import.meta.url));
  const once = (...flags) => Number(execFileSync(process.execPath, [...flags, file], { encoding: "utf8" }));
  const pairs = Array.from({ length: 5 }, () => [once("--disallow-code-generation-from-strings"), once()]);
  const [forbidden, allowed] = [0, 1].map((side) => median(pairs.map((pair) => pair[side])));
  const against = [{ name: "the same, compiled", version: process.version, kind: "floor", value: allowed }];
  return row("right record, verdict, code from strings forbidden", forbidden, against, 0.4);
}

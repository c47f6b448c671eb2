/**
 * SET of 256 bytes: a four-replica Void cluster beside a three-node etcd, each on this machine, in the same run,
 * alternating. Every acknowledged write is synced to disk, on a quorum, in both. A peer that is not installed is
 * skipped, and the reason printed.
 *
 * `npm run bench` (packages built). Debian: redis-tools; etcd-server, golang-go, golang-etcd-server-dev for the peer.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = import.meta.dirname;
const VOID = join(here, "..", "bin", "void.js");
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const VALUE_BYTES = 256;
/** Clients, commands that each sends at a time, and commands in all. */
const LOADS = [
  { clients: 1, pipeline: 1, count: 400 },
  { clients: 64, pipeline: 1, count: 8_000 },
  { clients: 1, pipeline: 16, count: 4_000 },
  { clients: 64, pipeline: 16, count: 40_000 },
];
/** Values by hand: nothing is promised yet. */
const BAR = 0;

const folder = mkdtempSync(join(tmpdir(), "void-bench-"));
const children = [];
process.once("SIGINT", () => finish(130));
try {
  await main();
  finish(0);
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  finish(1);
}

async function main() {
  if (!(await has("redis-benchmark"))) return say("skipped: redis-benchmark is not installed (Debian: redis-tools)");
  const ours = await startVoid();
  const etcd = await startEtcd();
  const rows = [];
  for (const load of LOADS) {
    const measured = { ours: [], etcd: [] };
    for (let round = 0; round < ROUNDS; round++) {
      measured.ours.push(await loadVoid(ours, load));
      if (etcd) measured.etcd.push(await loadEtcd(etcd, load));
    }
    rows.push(rowOf(load, measured, etcd));
    say(line(rows.at(-1), measured));
  }
  writeFileSync(join(here, "results.json"), `${JSON.stringify(rows, null, 2)}\n`);
}

function rowOf({ clients, pipeline }, measured, etcd) {
  const ratios = measured.ours.map(({ rps }, round) => rps / measured.etcd[round]?.rps);
  return {
    name: `SET ${VALUE_BYTES} B, ${clients} client(s), pipeline ${pipeline}`,
    unit: "ops/s",
    better: "higher",
    ours: Math.round(median(measured.ours.map(({ rps }) => rps))),
    against: etcd ? [{ name: "etcd, 3 nodes", version: etcd.version, kind: "peer", value: Math.round(median(measured.etcd.map(({ rps }) => rps))) }] : [],
    ratio: etcd ? Number(median(ratios).toFixed(3)) : null,
    bar: BAR,
    command: "npm run bench -w packages/system",
  };
}

function line(row, { ours, etcd }) {
  const beside = etcd.length > 0 ? `, etcd ${row.against[0].value} (p50 ${median(etcd.map(({ p50Ms }) => p50Ms)).toFixed(1)} ms), ratio ${row.ratio}` : "";
  return `${row.name}: ${row.ours} ops/s (p50 ${median(ours.map(({ p50Ms }) => p50Ms)).toFixed(1)} ms)${beside}`;
}

async function startVoid() {
  const dir = join(folder, "void");
  const child = start(process.execPath, [VOID, "dev", "--dir", dir]);
  await new Promise((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (bytes) => {
      output += bytes;
      if (/^ready$/m.test(output)) resolve();
    });
    child.once("close", (code) => reject(new Error(`void dev ended with ${code}: ${output}`)));
  });
  const { nodes } = JSON.parse(readFileSync(join(dir, "cluster.json"), "utf8"));
  return { port: nodes[1].resp, token: readFileSync(join(dir, "admin.token"), "utf8").trim() };
}

async function loadVoid({ port, token }, { clients, pipeline, count }) {
  const words = ["-p", port, "-a", token, "-t", "set", "-n", count, "-c", clients, "-P", pipeline, "-d", VALUE_BYTES, "-r", 1_000, "--csv"];
  const { stdout } = await run("redis-benchmark", words.map(String));
  const [, rps, , , p50Ms] = stdout.trim().split("\n").at(-1).split(",").map((cell) => Number(cell.replaceAll('"', "")));
  return { rps, p50Ms };
}

async function startEtcd() {
  if (!(await has("etcd"))) return say("etcd is skipped: not installed (Debian: etcd-server)");
  if (!(await has("go"))) return say("etcd is skipped: its load needs Go (Debian: golang-go golang-etcd-server-dev)");
  const load = join(folder, "etcd-load");
  const env = { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(folder, "go-cache"), GOFLAGS: "" };
  try {
    await run("go", ["build", "-o", load, "."], { cwd: join(here, "etcd-load"), env });
  } catch (error) {
    return say(`etcd is skipped: its load does not build (Debian: golang-etcd-server-dev): ${error.stderr ?? error}`);
  }
  const ports = await freePorts(6);
  const url = (index) => `http://127.0.0.1:${ports[index]}`;
  const names = [0, 1, 2].map((index) => `etcd${index}`);
  const cluster = names.map((name, index) => `${name}=${url(3 + index)}`).join(",");
  for (const [index, name] of names.entries()) {
    start("etcd", [
      `--name=${name}`,
      `--data-dir=${join(folder, name)}`,
      "--log-level=error",
      "--logger=zap",
      `--listen-client-urls=${url(index)}`,
      `--advertise-client-urls=${url(index)}`,
      `--listen-peer-urls=${url(3 + index)}`,
      `--initial-advertise-peer-urls=${url(3 + index)}`,
      `--initial-cluster=${cluster}`,
    ]);
  }
  const endpoints = names.map((_, index) => url(index)).join(",");
  await run(load, ["-endpoints", endpoints, "-count", "10"]);
  const { stdout } = await run("etcd", ["--version"]);
  return { load, endpoints, version: /etcd Version: (\S+)/.exec(stdout)?.[1] ?? "unknown" };
}

/** etcd's client has no pipeline: as many puts are under way at a time. */
async function loadEtcd({ load, endpoints }, { clients, pipeline, count }) {
  const words = ["-endpoints", endpoints, "-clients", clients * pipeline, "-count", Math.min(count, 8_000), "-size", VALUE_BYTES];
  return JSON.parse((await run(load, words.map(String))).stdout);
}

function start(command, words) {
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  return child;
}

async function has(command) {
  return run("sh", ["-c", `command -v ${command}`]).then(() => true, () => false);
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
    })),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function finish(code) {
  for (const child of children) child.kill("SIGTERM");
  setTimeout(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(code);
  }, 3_000);
}

/**
 * What a link costs beside the sockets under it and beside libp2p: frames between two processes on loopback, the
 * same bytes in each frame. CPU time of both processes together, which is steadier than the clock; all contenders
 * take turns in each round, and a ratio is the median of the rounds' ratios.
 *
 * `node bench/bench.mjs [part of a workload's name]`
 */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { CONTENDERS, hasLibp2p, makeSetup } from "./contenders.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const COMMAND = "npm run bench --workspace packages/transport";
const UNIT = "CPU us a frame, both ends";
const MEGABYTES_GOAL = 500;
/** For all alike: else glibc may give memory back to the kernel after each read, and page faults decide. */
const STEADY_MEMORY = { MALLOC_TRIM_THRESHOLD_: "268435456", MALLOC_MMAP_THRESHOLD_: "268435456" };
/**
 * For all alike: in a heap of 8 MB the memory of long frames makes V8 collect all of it over and over, or hardly ever, as
 * chance has it. A process that has anything else to keep is beyond that.
 */
const STEADY_HEAP = ["--initial-old-space-size=256"];
const WORKLOADS = [
  { name: "81-byte frames, 200 a turn", bytes: 77, batch: 200, count: 400_000, bars: { tls: 0.9, net: 0.5, libp2p: 1.4 } },
  { name: "81-byte frames, both directions", bytes: 77, batch: 200, count: 200_000, both: true, bars: { tls: 0.9, net: 0.5, libp2p: 1.4 } },
  { name: "64 KiB frames", bytes: 65_532, batch: 1, count: 3_000, bars: { tls: 0.9, net: 0.4, libp2p: 1.4 }, megabytes: true },
  { name: "64 KiB frames, both directions", bytes: 65_532, batch: 1, count: 1_500, both: true, bars: { tls: 0.9, net: 0.4, libp2p: 1.4 } },
];

if (process.argv[2] === "--end") end();
else await measure(process.argv[2] ?? "");

/** One end of one contender, in a process of its own: nobody's code is made slower by what another one does. */
function end() {
  let link;
  let received;
  process.on("message", async ({ open, receive, push }) => {
    if (open !== undefined) {
      const { kind, side, setup, address } = open;
      link = await CONTENDERS[kind].open(side, setup, address, kind);
      if (side === "dialer") await link.up;
      return process.send(link.address ?? {});
    }
    if (receive !== undefined) {
      await link.up;
      received = receive === 0 ? undefined : link.receive(receive);
      return process.send("ready");
    }
    const before = process.cpuUsage();
    await Promise.all([received, push.count === 0 ? undefined : link.push(push)]);
    const { user, system } = process.cpuUsage(before);
    process.send({ cpu: user + system });
  });
  process.on("disconnect", () => process.exit(0));
}

function start() {
  const child = fork(new URL(import.meta.url), ["--end"], {
    env: { ...process.env, ...STEADY_MEMORY },
    execArgv: STEADY_HEAP,
  });
  const replies = [];
  const waiting = [];
  child.on("message", (message) => (waiting.length > 0 ? waiting.shift()(message) : replies.push(message)));
  const reply = () => new Promise((resolve) => (replies.length > 0 ? resolve(replies.shift()) : waiting.push(resolve)));
  return { send: (message) => child.send(message), reply, stop: () => child.disconnect() };
}

async function startPair(kind, setup) {
  const [listener, dialer] = [start(), start()];
  listener.send({ open: { kind, side: "listener", setup } });
  dialer.send({ open: { kind, side: "dialer", setup, address: await listener.reply() } });
  await dialer.reply();
  return { listener, dialer };
}

async function runOnce({ listener, dialer }, load) {
  const back = load.both ? load.count : 0;
  listener.send({ receive: load.count });
  dialer.send({ receive: back });
  await Promise.all([listener.reply(), dialer.reply()]);
  const wall = performance.now();
  listener.send({ push: { ...load, count: back } });
  dialer.send({ push: load });
  const [one, other] = await Promise.all([listener.reply(), dialer.reply()]);
  const seconds = (performance.now() - wall) / 1_000;
  const frames = load.count + back;
  return { cpu: (one.cpu + other.cpu) / frames, rate: (frames * (load.bytes + 4)) / seconds / 1e6 };
}

async function measure(filter) {
  const setup = await makeSetup();
  const peers = await hasLibp2p();
  if (!peers) console.log("libp2p is not installed (npm run prebench): its rows are missing");
  const kinds = Object.keys(CONTENDERS).filter((kind) => peers || !kind.startsWith("libp2p"));
  const pairs = {};
  for (const kind of kinds) pairs[kind] = await startPair(kind, setup);
  const rows = [];
  for (const load of WORKLOADS.filter(({ name }) => name.includes(filter))) {
    const runs = Object.fromEntries(kinds.map((kind) => [kind, []]));
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (let turn = 0; turn < kinds.length; turn += 1) {
        const kind = kinds[(turn + round) % kinds.length];
        const result = await runOnce(pairs[kind], load);
        if (round > 0) runs[kind].push(result); // the first is a warm-up
      }
    }
    rows.push(...rowsOf(load, kinds, runs));
  }
  if (filter === "") writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
  for (const { listener, dialer } of Object.values(pairs)) {
    dialer.stop();
    listener.stop();
  }
}

function rowsOf(load, kinds, runs) {
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const cost = (kind) => median(runs[kind].map(({ cpu }) => cpu));
  const rate = (kind) => median(runs[kind].map((one) => one.rate));
  const row = (over, against, ours, ratio, bar) => ({
    name: `${load.name}, over ${over}`,
    unit: UNIT,
    better: "lower",
    ours,
    against,
    ratio,
    bar,
    command: COMMAND,
  });
  const beside = (kind) => {
    const { name, version, kind: sort } = CONTENDERS[kind];
    return { name, version, kind: sort, value: cost(kind) };
  };
  const ratios = (kind) => runs[kind].map(({ cpu }, round) => cpu / runs.ours[round].cpu);
  const rows = ["tls", "net"].map((kind) =>
    row(CONTENDERS[kind].name, [beside(kind)], cost("ours"), median(ratios(kind)), load.bars[kind]),
  );
  const libp2p = kinds.filter((kind) => kind.startsWith("libp2p"));
  // Without libp2p there is a row all the same, which says so.
  const best = runs.ours.map((_, round) => Math.min(...libp2p.map((kind) => ratios(kind)[round])));
  rows.push(row("libp2p", libp2p.map(beside), cost("ours"), libp2p.length > 0 ? median(best) : null, load.bars.libp2p));
  if (load.megabytes) {
    rows.push({
      name: `${load.name}, throughput (goal: ${MEGABYTES_GOAL} MB/s)`,
      unit: "MB/s",
      better: "higher",
      ours: rate("ours"),
      against: [{ name: "bare node:tls", version: process.version, kind: "floor", value: rate("tls") }],
      ratio: median(runs.ours.map((one, round) => one.rate / runs.tls[round].rate)),
      bar: 0, // by the clock, which other work on the machine moves
      command: COMMAND,
    });
  }
  for (const { name, ours, against, ratio, bar } of rows) {
    const others = against.map((one) => `${one.name} ${one.value.toFixed(3)}`).join(", ");
    console.log(`${name}: ours ${ours.toFixed(3)}, ${others}; ratio ${ratio?.toFixed(2)} (promised ${bar})`);
  }
  console.log(`  MB/s: ${kinds.map((kind) => `${kind} ${rate(kind).toFixed(0)}`).join(", ")}`);
  return rows;
}

/**
 * A bank on four replicas, one of which cooks its books, in a seeded world that crashes, pauses and cuts off the others. After
 * each event: money is neither made nor lost, and nobody owes. Run it: `npm run build:js && node examples/bank/bank.mjs [seeds]`.
 */
import { digest, ed25519, generateKey } from "@void-system/crypto";
import { suspend } from "@void-system/effects/fibers";
import { client, configuration, portsOf, replica } from "@void-system/pbft";
import { simulate } from "@void-system/simulation";

const replicas = ["r0", "r1", "r2", "r3"];
const tellers = ["teller0", "teller1"];
const accounts = ["ada", "bob", "eve"];
const OPENING = 100;
const utf8 = { encode: (value) => new TextEncoder().encode(JSON.stringify(value)), decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) };

/** Moves money if there is enough; answers whether it did, and the balance of an account that is asked for. */
class Bank {
  balances = Object.fromEntries(accounts.map((name) => [name, OPENING]));

  apply(batch) {
    return batch.map(({ operation }) => utf8.encode(this.perform(utf8.decode(operation))));
  }
  perform({ from, to, amount, of }) {
    if (of !== undefined) return this.balances[of];
    if (this.balances[from] < amount) return false;
    this.balances[from] -= amount;
    this.balances[to] += amount;
    return true;
  }
  root() {
    return digest(utf8.encode(this.balances));
  }
  snapshot() {
    const state = utf8.encode(this.balances);
    return { chunks: 1, chunk: () => state, release() {} };
  }
  restore(chunks) {
    for (const state of chunks) this.balances = utf8.decode(state);
  }
}

/** Says that every transfer worked, and gives Eve a present with each. */
class CrookedBank extends Bank {
  perform(operation) {
    super.perform(operation);
    this.balances.eve += 1;
    return operation.of === undefined ? true : this.balances[operation.of];
  }
}

const cluster = configuration({ replicas, cluster: "bank", checkpointInterval: 8, viewTimeoutMs: 200 });
const keys = new Map([...replicas, ...tellers].map((id) => [id, ed25519.signer(generateKey("ed25519"))]));
const portsFor = (id) => portsOf({ signer: keys.get(id), publicKeyOf: (other) => keys.get(other)?.publicKey });
const parts = (world, id) => ({ world, network: world.network, cluster, ports: portsFor(id), fatal: (cause) => { throw cause; } });

const scenario = () => {
  const banks = new Map();
  const bankOf = (id) => (world) => {
    banks.set(id, id === "r3" ? new CrookedBank() : new Bank());
    replica({ ...parts(world, id), machine: banks.get(id), tuning: { statusMs: 100 } });
  };
  const tellerOf = (id) => (world) => {
    const hosted = client({ ...parts(world, id), tuning: { timeoutMs: 20_000, retryMs: 100 } });
    const ask = (operation) => suspend((resume) => hosted.submit(utf8.encode(operation), (outcome) => outcome.type === "ok" && resume(utf8.decode(outcome.result))));
    return { api: { ask } };
  };
  return {
    nodes: { ...Object.fromEntries(replicas.map((id) => [id, bankOf(id)])), ...Object.fromEntries(tellers.map((id) => [id, tellerOf(id)])) },
    faults: { kinds: ["crash", "pause", "partition"], nodes: ["r0", "r1", "r2"], downMax: 1, everyMs: 150, lastMs: [20, 200], untilMs: 1_500 },
    workload: {
      clients: 2,
      operations: 12,
      thinkMs: [0, 100],
      draw: (random) => {
        const [from, to] = [random.below(3), random.below(3)].map((at) => accounts[at]);
        return random.chance(0.7) ? { op: "transfer", input: { from, to, amount: random.between(1, 80) } } : { op: "balance", input: { of: from } };
      },
      perform: ({ input, client: name }, { call }) => call(name === "c0" ? "teller0" : "teller1", ({ ask }) => ask(input)),
    },
    check() {
      for (const [id, { balances }] of banks) {
        const sum = accounts.reduce((all, name) => all + balances[name], 0);
        if (id !== "r3" && (sum !== OPENING * accounts.length || accounts.some((name) => balances[name] < 0))) throw new Error(`${id}: ${JSON.stringify(balances)}`);
      }
    },
    deadlineMs: 60_000,
  };
};

for (let seed = 1; seed <= Number(process.argv[2] ?? 5); seed += 1) {
  const run = simulate({ ...scenario(), seed });
  if (!run.ok) throw new Error(`seed ${seed}: ${run.failure.name} ${run.failure.message}`);
  const { history } = run;
  const made = history.filter(({ op, output }) => op === "transfer" && output === true);
  process.stdout.write(`seed ${seed}: ${history.length} operations, ${made.length} transfers, every account right after each of ${run.events} events\n`);
}

/**
 * A simulated cluster with clients, and everything that must hold of it checked while it runs.
 *
 * Signatures are a keyed hash here, which no other node can make either, and forty times cheaper than Ed25519;
 * `node.test.ts` runs the real ones.
 */
import { digest } from "@void-system/crypto";
import type { Network, World } from "@void-system/effects";
import { Simulation, type SimulationOptions } from "@void-system/simulation";
import { checkLinearizability, explain, keyValueModel, type KeyValueInput, type Operation } from "@void-system/simulation/linearizability";
import {
  client,
  configuration,
  messageCodec,
  replica,
  type Agreed,
  type ClientTuning,
  type Command,
  type Configuration,
  type ConfigurationOptions,
  type Executed,
  type HostedClient,
  type HostedReplica,
  type Message,
  type Ports,
  type ReplicaTuning,
} from "../../src/index.ts";
import {
  KeyValueMachine,
  keyValueOperations,
  operationIn,
  type KeyValueOperation,
  type KeyValueResult,
} from "./key-value-machine.ts";

/** Signs with a keyed hash; verifies whatever any node of the test has signed. */
export function testPorts(self: string): Ports {
  const seal = (signer: string, bytes: Uint8Array): Uint8Array => {
    const name = new TextEncoder().encode(`secret of ${signer}:`);
    const keyed = new Uint8Array(name.length + bytes.length);
    keyed.set(name);
    keyed.set(bytes, name.length);
    const half = digest(keyed);
    const signature = new Uint8Array(64);
    signature.set(half);
    signature.set(half, 32);
    return signature;
  };
  return {
    digest,
    sign: (bytes) => seal(self, bytes),
    verify(signer, bytes, signature) {
      const expected = seal(signer, bytes);
      return expected.length === signature.length && expected.every((byte, index) => byte === signature[index]);
    },
  };
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Tells the root after each batch: several batches may be executed before the first of them is delivered. */
class WatchedMachine extends KeyValueMachine {
  readonly #watch: (sequence: number, root: string) => void;

  constructor(watch: (sequence: number, root: string) => void) {
    super();
    this.#watch = watch;
  }

  override apply(batch: readonly Command[], agreed: Agreed): readonly Uint8Array[] {
    const results = super.apply(batch, agreed);
    this.#watch(agreed.sequence, hex(this.root()));
    return results;
  }
}

/** One submission of a test's client, and what came of it. */
export interface Attempt {
  readonly client: string;
  readonly operation: KeyValueOperation;
  readonly invokedAtMs: number;
  returnedAtMs?: number;
  result?: KeyValueResult;
  unknown?: boolean;
  /** Not executed, now or ever. */
  refused?: boolean;
}

export interface ClusterOptions extends Partial<SimulationOptions> {
  readonly seed: number;
  readonly n?: number;
  readonly clients?: number;
  readonly checkpointInterval?: number;
  readonly configuration?: Partial<ConfigurationOptions>;
  readonly tuning?: Partial<ReplicaTuning>;
  readonly clientTuning?: Partial<ClientTuning>;
  /** Replicas whose nodes are not correct: what they boot instead, or around the correct replica's network. */
  readonly hostile?: Readonly<Record<string, (world: World, cluster: TestCluster) => Network | "boots itself">>;
  /** Around the cryptography of every node: to count, or to charge a simulated CPU. */
  readonly ports?: (ports: Ports, simulation: Simulation) => Ports;
  /** Around the network of every correct replica: for planted bugs. */
  readonly world?: (world: World, id: string) => World;
  /** Called with what correct replicas say. */
  readonly onSaid?: (id: string, message: Message) => void;
}

/** The cluster, its log as correct replicas executed it, and its checks. */
export class TestCluster {
  readonly configuration: Configuration;
  readonly simulation: Simulation;
  readonly replicas: Map<string, HostedReplica> = new Map();
  readonly machines: Map<string, KeyValueMachine> = new Map();
  readonly clients: Map<string, HostedClient> = new Map();
  readonly attempts: Attempt[] = [];
  /** Batches that correct replicas executed, by sequence number. */
  readonly log: Map<number, { readonly digest: string; readonly executed: Executed }> = new Map();
  /** The state's root after each batch that changed anything. */
  readonly roots: Map<number, string> = new Map();
  readonly violations: string[] = [];
  readonly ids: readonly string[];
  readonly clientIds: readonly string[];
  readonly #options: ClusterOptions;
  readonly #places = new Map<string, number>();
  readonly #said = new Map<string, string>();
  readonly #last = new Map<string, number>();

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.ids = Array.from({ length: options.n ?? 4 }, (_, index) => `r${index}`);
    this.clientIds = Array.from({ length: options.clients ?? 2 }, (_, index) => `c${index}`);
    this.configuration = configuration({
      replicas: this.ids,
      cluster: "test",
      checkpointInterval: options.checkpointInterval ?? 8,
      viewTimeoutMs: 300,
      clockDriftMs: 1_000,
      ...options.configuration,
    });
    this.simulation = new Simulation(options);
    for (const id of this.ids) this.simulation.node(id, (world) => this.#bootReplica(id, world));
    for (const id of this.clientIds) this.simulation.node(id, (world) => this.#bootClient(id, world));
  }

  get correct(): readonly string[] {
    return this.ids.filter((id) => !(id in (this.#options.hostile ?? {})));
  }

  startAll(): void {
    for (const id of [...this.ids, ...this.clientIds]) this.simulation.start(id);
  }

  standing(id: string): ReturnType<HostedReplica["standing"]> {
    return this.replicas.get(id)!.standing();
  }

  /** Submits when the client takes it; the attempt tells what came of it. */
  submit(clientId: string, operation: KeyValueOperation): Attempt {
    const attempt: Attempt = { client: clientId, operation, invokedAtMs: this.simulation.now };
    const answer = this.clients.get(clientId)?.submit(keyValueOperations.encode(operation), (outcome) => {
      attempt.returnedAtMs = this.simulation.now;
      if (outcome.type === "ok") attempt.result = keyValueOperations.decode(outcome.result);
      else if (outcome.type === "unknown") attempt.unknown = true;
      else if (outcome.type === "refused" && outcome.code === "expired") attempt.refused = true;
      else this.violations.push(`${clientId}: unexpected outcome ${outcome.type}: ${outcome.reason}`);
    });
    if (answer === "accepted") this.attempts.push(attempt);
    return attempt;
  }

  /** True when every submission has an outcome. */
  settled(): boolean {
    return this.attempts.every((attempt) => attempt.result !== undefined || attempt.unknown === true || attempt.refused === true);
  }

  /** True when the running correct replicas are level, in one view. */
  level(): boolean {
    const standings = this.correct
      .filter((id) => this.simulation.isRunning(id))
      .map((id) => this.replicas.get(id)?.standing());
    const [first] = standings;
    return standings.every(
      (standing) =>
        standing !== undefined &&
        first !== undefined &&
        !standing.inViewChange &&
        !standing.catchingUp &&
        standing.lastExecuted === first.lastExecuted &&
        standing.view === first.view &&
        standing.pendingRequests === 0,
    );
  }

  /** All that must hold of what happened; empty when it does. */
  check(): readonly string[] {
    this.#checkLog();
    this.#checkHistory();
    for (const id of this.correct) {
      const standing = this.replicas.get(id)?.standing();
      const root = standing && this.roots.get(standing.lastExecuted);
      if (standing && root !== undefined && root !== hex(standing.root))
        this.violations.push(`${id}: another root at ${standing.lastExecuted}`);
      for (const { culprit, kind, view, sequence } of standing?.evidence ?? [])
        if (this.correct.includes(culprit)) this.violations.push(`${id} convicts ${culprit}: ${kind} ${view} ${sequence}`);
    }
    return this.violations;
  }

  #checkLog(): void {
    const state = new Map<string, unknown>();
    const results = new Map<string, KeyValueResult[]>();
    let previousTime = { physicalMs: -1, logical: 0 };
    for (const [, { executed }] of [...this.log].sort(([a], [b]) => a - b)) {
      const { time, sequence } = executed.agreed;
      if (executed.requests.length > 0) {
        const after =
          time.physicalMs > previousTime.physicalMs ||
          (time.physicalMs === previousTime.physicalMs && time.logical > previousTime.logical);
        if (!after) this.violations.push(`time does not increase at ${sequence}`);
        previousTime = time;
      }
      for (const request of executed.requests) {
        const operation = operationIn(request.operation);
        if (operation === undefined) {
          this.violations.push(`no operation at ${sequence}`);
          continue;
        }
        const key = `${request.client} ${hex(request.operation)}`;
        const expected = applyToModel(state, operation);
        results.set(key, [...(results.get(key) ?? []), expected]);
        const got = keyValueOperations.decode(request.result);
        if (JSON.stringify(got) !== JSON.stringify(expected))
          this.violations.push(`wrong result at ${sequence}: ${JSON.stringify(got)}`);
      }
    }
    for (const attempt of this.attempts) {
      const executions = results.get(`${attempt.client} ${hex(keyValueOperations.encode(attempt.operation))}`) ?? [];
      if (attempt.refused === true && attempt.operation.op === "write" && executions.length > 0)
        this.violations.push(`refused for good, and executed: ${JSON.stringify(attempt.operation)}`);
      if (attempt.result === undefined) continue;
      const wanted = JSON.stringify(attempt.result);
      if (!executions.some((result) => JSON.stringify(result) === wanted)) {
        this.violations.push(
          `acknowledged but not in the log: ${attempt.client} ${JSON.stringify(attempt.operation)} ${wanted}`,
        );
      }
      if (attempt.operation.op === "write" && executions.length !== 1)
        this.violations.push(`executed ${executions.length} times: ${JSON.stringify(attempt.operation)}`);
    }
  }

  /** The order of the log is that of real time, as the clients see it. */
  #checkHistory(): void {
    const history = this.attempts.flatMap((attempt): Operation<KeyValueInput<string>, string | undefined>[] => {
      const { client: name, operation, result, invokedAtMs, returnedAtMs } = attempt;
      if (attempt.refused === true) return [];
      const { op, key } = operation;
      const input: KeyValueInput<string> = op === "write" ? { type: "set", value: JSON.stringify(operation.value) } : { type: op === "read" ? "get" : "delete" };
      const output = result?.op === "read" && result.found ? JSON.stringify(result.value) : undefined;
      return [{ client: name, key, input, output, invokedAt: invokedAtMs, returnedAt: result === undefined ? undefined : returnedAtMs }];
    });
    const checked = checkLinearizability(keyValueModel<string>(), history);
    if (checked.verdict !== "linearizable") this.violations.push(explain(checked));
  }

  #bootReplica(id: string, plain: World): { stop: (done: () => void) => void } | undefined {
    const hostile = this.#options.hostile?.[id]?.(plain, this);
    if (hostile === "boots itself") return undefined;
    const world = this.#options.world?.(plain, id) ?? plain;
    const correct = hostile === undefined;
    const network = hostile ?? this.#listening(id, world.network);
    const machine = new WatchedMachine((sequence, root) => {
      if (!correct) return;
      const known = this.roots.get(sequence) ?? root;
      this.roots.set(sequence, known);
      if (known !== root) this.violations.push(`${id}: another root after ${sequence}`);
    });
    this.machines.set(id, machine);
    this.#last.delete(id);
    const hosted = replica({
      world,
      network,
      cluster: this.configuration,
      ports: this.#ports(id),
      machine,
      tuning: {
        statusMs: 100,
        pipeline: 4,
        batchRequestsMax: 4,
        ...this.#options.tuning,
      },
      onExecuted: (executed) => {
        if (correct) this.#onExecuted(id, executed);
      },
      onRestored: ({ sequence }) => {
        this.#last.set(id, sequence);
      },
      fatal: (cause) => {
        if (correct) this.violations.push(`${id} died: ${String(cause.cause ?? cause)}`);
      },
    });
    this.replicas.set(id, hosted);
    return { stop: (done) => hosted.stop(1_000, done) };
  }

  #ports(id: string): Ports {
    const plain = testPorts(id);
    return this.#options.ports?.(plain, this.simulation) ?? plain;
  }

  #bootClient(id: string, world: World): undefined {
    const hosted = client({
      world,
      network: world.network,
      cluster: this.configuration,
      ports: this.#ports(id),
      tuning: { timeoutMs: 60_000, retryMs: 150, ...this.#options.clientTuning },
      fatal: (cause) => this.violations.push(`${id} died: ${String(cause.cause ?? cause)}`),
    });
    this.clients.set(id, hosted);
  }

  #onExecuted(id: string, executed: Executed): void {
    const { sequence } = executed.agreed;
    const last = this.#last.get(id);
    if (last !== undefined && sequence !== last + 1) this.violations.push(`${id}: ${sequence} after ${last}`);
    this.#last.set(id, sequence);
    const content = hex(executed.certificate.digest);
    const known = this.log.get(sequence);
    if (known === undefined) {
      this.log.set(sequence, { digest: content, executed });
      for (const request of executed.requests) this.#once(request.client, request.number, sequence);
    } else {
      if (known.digest !== content)
        this.violations.push(
          `two batches at ${sequence}: ${known.digest.slice(0, 8)} and, at ${id}, ${content.slice(0, 8)}`,
        );
      if (JSON.stringify(known.executed.agreed.time) !== JSON.stringify(executed.agreed.time))
        this.violations.push(`${id}: another time at ${sequence}`);
    }
  }

  #once(clientId: string, number: number, sequence: number): void {
    const key = `${clientId} ${number}`;
    const other = this.#places.get(key);
    if (other !== undefined && other !== sequence) this.violations.push(`${key} executed at ${other} and ${sequence}`);
    this.#places.set(key, sequence);
  }

  /** Hears what a correct replica says: over all its lives it never says two things of one place. */
  #listening(id: string, network: Network): Network {
    const codec = messageCodec(this.configuration, digest);
    let last: Uint8Array | undefined;
    return {
      self: network.self,
      onFrame: (handle) => network.onFrame(handle),
      onLink: (handle) => network.onLink(handle),
      dial: (peer, address) => network.dial(peer, address),
      hangUp: (peer) => network.hangUp(peer),
      send: (to, frame) => {
        if (frame !== last) {
          last = frame;
          const decoded = codec.decode(frame);
          if (decoded.ok) {
            this.#hear(id, decoded.value);
            this.#options.onSaid?.(id, decoded.value);
          }
          else this.violations.push(`${id} sent what cannot be decoded: ${decoded.reason}`);
        }
        return network.send(to, frame);
      },
    };
  }

  #hear(id: string, message: Message): void {
    let place: string | undefined;
    let content = "";
    if (message.type === "prepare" || message.type === "commit") {
      place = `${message.type} ${message.view} ${message.sequence}`;
      content = hex(message.digest);
    } else if (message.type === "pre-prepare") {
      place = `${message.type} ${message.view} ${message.sequence}`;
      content = hex(message.batch.digest);
    } else if (message.type === "checkpoint") {
      place = `${message.type} ${message.sequence}`;
      content = hex(message.digest);
    } else if (message.type === "new-view" || message.type === "view-change") {
      if (message.type === "new-view" && this.configuration.replicas[message.view % this.ids.length] !== id) return;
      place = `${message.type} ${message.view}`;
      content = hex(message.signature);
    }
    if (place === undefined) return;
    const key = `${id} ${place}`;
    const before = this.#said.get(key);
    if (before !== undefined && before !== content)
      this.violations.push(`${id} equivocates: ${place} at ${this.simulation.now}`);
    this.#said.set(key, content);
  }
}

function applyToModel(state: Map<string, unknown>, operation: KeyValueOperation): KeyValueResult {
  const { op, key } = operation;
  if (op === "write") {
    state.set(key, operation.value);
    return { op };
  }
  if (op === "delete") return { op, existed: state.delete(key) };
  return state.has(key) ? { op, found: true, value: state.get(key) } : { op, found: false };
}

/**
 * The clients of a workload: each does its operations one after the other, and records what it saw.
 */
import { SeededRandom } from "../seeded-random.ts";
import { atOnce } from "./at-once.ts";
import { SimulationUseError } from "./errors.ts";
import type { Cluster, OperationTime, Workload, WorkloadOperation } from "./scenario.ts";

const THINK_MS: readonly [number, number] = [0, 50];

/** Draws all operations of a run, client by client. */
export function drawOperations<A>(workload: Workload<A>, seed: number): readonly WorkloadOperation[] {
  const [leastMs, mostMs] = workload.thinkMs ?? THINK_MS;
  const { clients } = workload;
  const names = typeof clients === "number" ? Array.from({ length: clients }, (_, at) => `c${at}`) : clients;
  if (new Set(names).size < names.length) throw new SimulationUseError("clients of different names", names.join(", "));
  return names.flatMap((client, at) => {
    const random = new SeededRandom(seed, `workload/${client}`);
    return Array.from({ length: workload.operations }, (_, index): WorkloadOperation => {
      const thinkMs = random.between(leastMs, mostMs);
      const drawn = workload.draw(random, client, index);
      if (typeof drawn?.op !== "string")
        throw new SimulationUseError("draw to return an operation { op: … }", JSON.stringify(drawn) ?? String(drawn));
      return { ...drawn, index: at * workload.operations + index, client, thinkMs };
    });
  });
}

/** Clients at work. */
export class WorkloadClients<A> {
  readonly #workload: Workload<A>;
  readonly #cluster: Cluster<A>;
  readonly #given: ReadonlyMap<number, number>;
  readonly #times: OperationTime[] = [];
  #left: number;

  constructor(
    workload: Workload<A>,
    operations: readonly WorkloadOperation[],
    times: readonly OperationTime[],
    cluster: Cluster<A>
  ) {
    this.#workload = workload;
    this.#given = new Map(times.map(({ index, atMs }) => [index, atMs]));
    this.#cluster = cluster;
    this.#left = operations.length;
    for (const client of new Set(operations.map((one) => one.client)))
      this.#next(operations.filter((one) => one.client === client), 0);
  }

  /** Every operation has returned, or its time is over. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  /** When operations began. */
  get times(): readonly OperationTime[] {
    return this.#times;
  }

  #next(mine: readonly WorkloadOperation[], at: number): void {
    const operation = mine[at];
    if (!operation) return;
    const { now } = this.#cluster;
    const perform = (): void => this.#perform(operation, () => this.#next(mine, at + 1));
    const atMs = this.#given.get(operation.index) ?? now + operation.thinkMs;
    this.#cluster.simulation.at(atMs, perform, `${operation.client}: ${operation.op}`);
  }

  #perform(operation: WorkloadOperation, goOn: () => void): void {
    const cluster = this.#cluster;
    const { client, op, key, input, index } = operation;
    this.#times.push({ index, atMs: cluster.now });
    const returned = cluster.history.invoke({ client, op, input, ...(key !== undefined && { key }) });
    let open = true;
    const end = (): void => {
      open = false;
      this.#left -= 1;
      goOn();
    };
    const { timeoutMs } = this.#workload;
    const cancel = timeoutMs === undefined ? undefined : cluster.at(cluster.now + timeoutMs, end);
    const done = (output?: unknown): void => {
      if (!open) return;
      cancel?.();
      returned(output);
      end();
    };
    atOnce<unknown>(this.#workload.perform(operation, done, cluster), "perform");
  }
}

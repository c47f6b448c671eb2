/**
 * `void place`: the services of a dataset on the nodes of the cluster.
 */
import type { Command } from "commander";
import type { Need } from "@void-system/effects/fibers";
import { PlacementError } from "../../errors.ts";
import { CONCURRENCY, workloadOf } from "../../telemetry/demand.ts";
import { PLACEMENT_KEY } from "../../store/placement.ts";
import { place } from "../../telemetry/place-workload.ts";
import { readBack } from "../../telemetry/read-back.ts";
import { columns } from "../columns.ts";
import { type ClusterOptions, DATASET_OPTION, clusterCommand } from "../command.ts";
import { Console, withProgress } from "../console.ts";
import type { Profile } from "../profile.ts";
import { nodeStatuses } from "./status.ts";

interface PlaceOptions extends ClusterOptions {
  readonly dataset: string;
}

type Needs = Need<"void.store"> | Need<"void.console"> | Need<"void.clock"> | Need<"void.http"> | Need<"void.redis">;

/** `void place`. */
export function placeCommand(): Command {
  return clusterCommand<PlaceOptions>("place", "place the services on the nodes and commit the placement", (cluster, _, { dataset }) =>
    runPlace(cluster, dataset),
  ).option(...DATASET_OPTION);
}

/** Places the services of a dataset on the nodes that answer. */
export function* runPlace(cluster: Profile, dataset: string): Generator<Needs, void> {
  const workload = workloadOf(yield* withProgress("read", (onProgress) => readBack(dataset, onProgress)));
  const nodes = (yield* nodeStatuses(cluster)).flatMap((status) => (status?.capacity ? [{ id: status.nodeId, capacity: status.capacity }] : []));
  if (nodes.length === 0) throw new PlacementError("expected at least one node that answers with its capacity; see void status");
  const { placement, energy } = yield* place(workload, nodes);
  const rows = nodes.map(({ id, capacity }) => {
    const tasks = workload.tasks.filter((task) => placement[task.id] === id);
    const load = tasks.reduce((sum, task) => sum + (task.demand[CONCURRENCY] ?? 0), 0);
    return [`  ${id}`, `${load.toFixed(3)} of ${capacity[CONCURRENCY] ?? 0}`, `${tasks.length}`];
  });
  yield* Console.print({ placement, energy }, [
    `placed ${workload.tasks.length} services on ${nodes.length} nodes (energy ${energy.total.toFixed(4)}), committed as ${PLACEMENT_KEY}`,
    ...columns([["  node", CONCURRENCY, "services"], ...rows]),
  ]);
}

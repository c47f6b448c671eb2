import type { ClusterNode, ClusterProblem, ClusterTask } from "../cluster/model.ts";
import { amount } from "./rows.ts";
import type { Row } from "./row.ts";

/**
 * Reads the Alibaba trace openb (cluster-trace-gpu-v2023; Weng and others, Beware of Fragmentation, USENIX ATC 2023) from
 * the rows of its two tables. Pods may wait. A pod has whole GPUs, or a share of one; its `gpu_spec` lists the models that
 * will do.
 *
 * @throws `ImportError` naming the row and the column of the first mistake.
 */
export function fromOpenb(nodes: readonly Row[], pods: readonly Row[]): ClusterProblem {
  return {
    nodes: nodes.map((row, at): ClusterNode => ({
      id: row["sn"] ?? "",
      capacity: { cpu: number(row, "cpu_milli", at), memory: number(row, "memory_mib", at), gpu: number(row, "gpu", at) },
      ...(row["model"] && { labels: { gpu: row["model"] } }),
    })),
    tasks: pods.map((row, at): ClusterTask => {
      const [count, share] = [number(row, "num_gpu", at), number(row, "gpu_milli", at) / 1000];
      return {
        id: row["name"] ?? "",
        demand: { cpu: number(row, "cpu_milli", at), memory: number(row, "memory_mib", at), ...(count > 0 && { gpu: count === 1 ? share : count }) },
        mayWait: true,
        ...(row["gpu_spec"] && { requires: { gpu: row["gpu_spec"].split("|") } }),
      };
    }),
    slots: ["gpu"],
  };
}

function number(row: Row, column: string, at: number): number {
  return amount(row[column] ?? "", column, at);
}

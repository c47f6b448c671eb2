import type { Start } from "./start.ts";

/** Round robin: tasks by id, each on the next node. */
export const roundRobin: Start = ({ tasks, nodes }) => Int32Array.from(tasks, (_, task) => task % nodes.length);

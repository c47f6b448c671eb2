export { CSV_CHARACTERS_MAX, readCsv } from "./csv.ts";
export { fromKubectl } from "./kubectl.ts";
export type { Imported } from "./kubectl.ts";
export { fromOpenb } from "./openb.ts";
export { nodesFromRows, tasksFromRows } from "./rows.ts";
export { ImportError } from "./row.ts";
export type { Row } from "./row.ts";

/**
 * Small telemetry of three services, of which `api` is slow because `db` is.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a dataset with `rows` times in the normal period and four in the incident; gives its folder. */
export function writeDataset(folder: string, name: string, rows: number): string {
  const at = join(folder, name);
  for (const part of ["noissue", "incident"]) mkdirSync(join(at, part), { recursive: true });
  const header = ["microservice,api,db,api,db", "metric,latency,latency,requests,requests", "statistic,Average,Average,Sum,Sum", "unix_timestamp,,,,"];
  const normal = Array.from({ length: rows }, (_, row) => `${1_000 + row * 300},${0.1 + (row % 5) / 100},${row % 7 === 0 ? "" : 0.02 + (row % 3) / 1000},300,600`);
  const incident = [0.1, 0.9, 1.1, 0.1].map((latency, row) => `${900_000 + row * 300},${latency},${latency - 0.08},300,600`);
  writeFileSync(join(at, "graph.csv"), ",api,db\napi,0,1\ndb,0,0\n");
  writeFileSync(join(at, "noissue", "metrics.csv"), [...header, ...normal, ""].join("\n"));
  writeFileSync(join(at, "incident", "metrics.csv"), [...header, ...incident, ""].join("\n"));
  writeFileSync(join(at, "incident", "target.json"), JSON.stringify({ target: { node: "api", metric: "latency" }, root_cause: { node: "db" } }));
  return at;
}

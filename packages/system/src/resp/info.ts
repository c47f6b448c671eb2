/**
 * What `INFO` answers: lines of `name:value` under headings, as Redis' clients and tools read them.
 */
import type { SystemStatus } from "../status.ts";

/** The text of `INFO`. */
export function infoText(status: SystemStatus): string {
  const sections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    Server: {
      redis_version: "7.0.0",
      server_name: "void",
      redis_mode: "standalone",
      process_id: status.pid,
      uptime_in_seconds: status.uptimeSeconds,
      loading: 0,
    },
    Replication: { role: "master", connected_slaves: 0 },
    Void: {
      node_id: status.nodeId,
      cluster: status.cluster,
      node_role: status.role,
      ready: status.ready ? 1 : 0,
      durability: status.durability,
      view: status.view ?? "",
      primary: status.primary ?? "",
      executed: status.executed ?? "",
      state_digest: status.stateDigest ?? "",
      links: status.links.length,
    },
    Keyspace: status.keys === undefined ? {} : { db0: `keys=${status.keys},expires=0,avg_ttl=0` },
  };
  const lines = Object.entries(sections).map(([title, values]) =>
    [`# ${title}`, ...Object.entries(values).map(([name, value]) => `${name}:${String(value)}`)].join("\r\n"),
  );
  return `${lines.join("\r\n\r\n")}\r\n`;
}

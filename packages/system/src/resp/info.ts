/**
 * The answer to `INFO`: lines of `name:value` under headings, as Redis' clients and tools read them.
 */
import type { SystemStatus } from "../status.ts";

/** Names of sections that stand for all of them. */
const ALL: readonly string[] = ["all", "everything", "default"];

/** The text of `INFO`: all of it, or the sections of these names, which may be in small letters. */
export function infoText(status: SystemStatus, names: readonly string[] = []): string {
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
      capacity: JSON.stringify(status.capacity),
      problems: JSON.stringify(status.problems),
    },
    Keyspace: status.keys === undefined ? {} : { db0: `keys=${status.keys},expires=0,avg_ttl=0` },
  };
  const asked = new Set(names.map((name) => name.toLowerCase()));
  const isWhole = asked.size === 0 || ALL.some((name) => asked.has(name));
  const shown = Object.entries(sections).filter(([title]) => isWhole || asked.has(title.toLowerCase()));
  const lines = shown.map(([title, values]) =>
    [`# ${title}`, ...Object.entries(values).map(([name, value]) => `${name}:${String(value)}`)].join("\r\n"),
  );
  return lines.length === 0 ? "" : `${lines.join("\r\n\r\n")}\r\n`;
}

/**
 * The numbers that a node shows to Prometheus.
 */
import type { TransportStats } from "@void-system/transport";
import type { Metric } from "./prometheus.ts";
import type { VoidNode } from "./void-node.ts";

/** Counters of the driver under the log, as `stats()` names them, and what they mean. */
const LOG_COUNTERS: Readonly<Record<string, readonly [name: string, help: string]>> = {
  steps: ["void_log_steps_total", "Inputs that the replicated log has processed"],
  sends: ["void_log_sends_total", "Frames handed to the network"],
  syncs: ["void_log_syncs_total", "Times that the log was synced to disk"],
  appends: ["void_log_appends_total", "Records appended to the log"],
  checkpoints: ["void_log_checkpoints_total", "Checkpoints written"],
  rejected: ["void_log_rejected_frames_total", "Frames that failed a check of form, signature or certificate"],
  lostFull: ["void_log_lost_full_frames_total", "Frames that found a full link"],
  lostDown: ["void_log_lost_down_frames_total", "Frames that found no link"],
};

/** Every metric of a node. */
export function nodeMetrics(node: VoidNode, links: () => TransportStats | undefined): readonly Metric[] {
  const status = (): ReturnType<VoidNode["status"]> => node.status();
  const sumOfLinks = (of: (link: TransportStats["links"][string]) => number): number =>
    Object.values(links()?.links ?? {}).reduce((sum, link) => sum + of(link), 0);
  const gauge = (name: string, help: string, read: () => number): Metric => ({ name, help, type: "gauge", read });
  const counter = (name: string, help: string, read: () => number): Metric => ({ name, help, type: "counter", read });
  return [
    gauge("void_ready", "1 when clients are served", () => (node.ready ? 1 : 0)),
    gauge("void_view", "View of the replicated log: grows with each primary that failed", () => status().view ?? 0),
    gauge("void_executed_sequence", "Sequence number of the last executed batch", () => status().executed ?? 0),
    gauge("void_stable_checkpoint_sequence", "Sequence number of the last stable checkpoint", () => status().stableCheckpoint ?? 0),
    gauge("void_keys", "Keys in the store", () => status().keys ?? 0),
    gauge("void_state_bytes", "Bytes of the store, as it accounts for them", () => status().stateBytes ?? 0),
    gauge("void_live_bytes", "Bytes of the values of now and their keys, which void_max_state_bytes bounds", () => status().liveBytes ?? 0),
    gauge("void_max_state_bytes", "Most bytes of the state: writes beyond it fail", () => status().maxStateBytes ?? 0),
    gauge("void_links_up", "Nodes that are linked with this one", () => status().links.length),
    counter("void_gateway_commands_total", "Commands that went into the log", () => node.gateway.stats().commands),
    counter("void_gateway_bundles_total", "Bundles that these commands travelled in", () => node.gateway.stats().bundles),
    counter("void_refused_tokens_total", "Tokens that were shown and refused", () => node.gateway.stats().refusedTokens),
    counter("void_refused_commands_total", "Commands that a token did not permit", () => node.gateway.stats().refusedCommands),
    gauge("void_red_problems", "Red problems of this node, as in /health", () => node.problems.filter(({ about, level }) => level === "red" && about === status().nodeId).length),
    gauge("void_gateway_waiting_bytes", "Bytes of commands that wait to go into the log", () => node.gateway.stats().waitingBytes),
    ...Object.entries(LOG_COUNTERS).map(([key, [name, help]]) => counter(name, help, () => status().log[key] ?? 0)),
    counter("void_links_sent_bytes_total", "Bytes sent to other nodes", () => sumOfLinks((link) => link.sentBytes)),
    counter("void_links_received_bytes_total", "Bytes received from other nodes", () => sumOfLinks((link) => link.receivedBytes)),
    gauge("process_resident_memory_bytes", "Resident memory of this process", () => process.memoryUsage.rss()),
  ];
}

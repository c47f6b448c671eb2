/** A replicated key-value store. */
import { digest } from "@void-system/crypto";
import { KeyValueMachine, keyValueOperations, type KeyValueOperation, type KeyValueResult } from "./key-value.ts";
import { ReplicatedService, type ServiceOptions } from "./replicated-service.ts";

/**
 * A node of a replicated key-value store that survives f lying replicas of 3f+1. If its name is in the list it is a
 * replica, and a client of its own cluster; if not, it is a client and never votes. {@link ReplicatedService} is the
 * same for other applications.
 *
 * @example
 * ```ts
 * import { PBFTNode } from "@void-system/pbft";
 *
 * const ids = ["node0", "node1", "node2", "node3"];
 * const replicas = ids.map((id) => new PBFTNode(id, ids, { f: 1 }));
 * const client = new PBFTNode("client", ids, { f: 1 });
 *
 * await client.request({ op: "write", key: "x", value: 10 }); // => { op: "write" }
 * await replicas[2]?.request({ op: "read", key: "x" }); // => { op: "read", found: true, value: 10 }
 * await Promise.all([client, ...replicas].map((node) => node.close()));
 * ```
 */
export class PBFTNode extends ReplicatedService<KeyValueOperation, KeyValueResult> {
  /** @throws {@link ConfigurationError} for a cluster or options that cannot work. */
  constructor(nodeId: string, replicaIds: readonly string[], options: ServiceOptions = {}) {
    super(
      nodeId,
      replicaIds,
      { stateMachine: () => new KeyValueMachine(digest), operations: keyValueOperations },
      options,
    );
  }
}

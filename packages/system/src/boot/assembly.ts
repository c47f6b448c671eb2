/**
 * Parts of one node. Each component finds here the parts that earlier components have opened. It consumes its own parts
 * when it stops.
 */
import type { World } from "@void-system/effects";
import { LinearContext, LinearLeakError } from "@void-system/linear";
import type { HybridLogicalClock } from "@void-system/hlc";
import { Calls } from "../node/calls.ts";
import type { CapabilityAuthority } from "../node/capability.ts";
import type { ParsedConfig, SystemConfig } from "../config.ts";
import { LeakError, NotInitializedError } from "../errors.ts";
import type { Session } from "../node/gateway.ts";
import type { Links } from "./host.ts";
import type { Identity } from "./identity.ts";
import type { ListenAddress } from "../listen.ts";
import { nodeLogger } from "./logger.ts";
import { Metrics } from "../node/prometheus.ts";
import type { DiskSpace } from "../node/problems.ts";
import type { VoidNode } from "../node/void-node.ts";

/** The parts of one node. */
export class Assembly {
  /** Configuration as given. The first component reads it. */
  readonly given: SystemConfig;
  /** Owner of the keys, links, disk and listeners. The component that opened one consumes it; one that is left is reported. */
  readonly resources: LinearContext = new LinearContext({ name: "node" });
  /** Commands of this process. */
  readonly calls: Calls = new Calls();
  /** Metrics for Prometheus. */
  readonly metrics: Metrics = new Metrics();
  /** Addresses of the listeners. */
  readonly listening: Record<string, ListenAddress> = {};
  config: ParsedConfig | undefined;
  identity: Identity | undefined;
  links: Links | undefined;
  world: World | undefined;
  space: (() => DiskSpace | undefined) | undefined;
  clock: HybridLogicalClock | undefined;
  authority: CapabilityAuthority | undefined;
  node: VoidNode | undefined;
  session: Session | undefined;
  placements = 0;
  rankings = 0;
  #leak: LeakError | undefined;

  constructor(given: SystemConfig) {
    this.given = given;
  }

  /**
   * Closes and logs whatever a component has opened and not closed, and returns it. A second call returns the same.
   */
  close(): LeakError | undefined {
    try {
      this.resources.close();
    } catch (error) {
      if (!(error instanceof LinearLeakError)) throw error;
      this.#leak = new LeakError(error);
      const names = error.leaks.map(({ name }) => name);
      if (this.config) nodeLogger(this.config).log("error", "resources-leaked", { names, reason: error.message });
    }
    return this.#leak;
  }
}

/** Returns a part that a component has made. @throws {@link NotInitializedError} before that. */
export function required<T>(part: T | undefined): T {
  if (part === undefined) throw new NotInitializedError();
  return part;
}

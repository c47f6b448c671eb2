/**
 * What the components of one node have made so far: each finds here what those before it have opened, and consumes what
 * it has opened itself when it stops.
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
  /** The configuration as it was given; the first component reads it. */
  readonly given: SystemConfig;
  /** Owns the keys, links, disk and listeners: each is consumed by the component that opened it, or reported. */
  readonly resources: LinearContext = new LinearContext({ name: "node" });
  /** Commands of this process. */
  readonly calls: Calls = new Calls();
  /** What Prometheus is shown. */
  readonly metrics: Metrics = new Metrics();
  /** Where the faces listen. */
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
   * The end of the books: what a component has opened and not closed is closed, logged, and told here. Asked again, it
   * tells the same.
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

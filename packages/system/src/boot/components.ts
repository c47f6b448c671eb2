/**
 * The components of a node, in boot order. What a component opens is a linear resource of the node's context, which ends
 * with the fiber that boots.
 */
import { type Eff, type Need, acquire, launch, onExit, suspend } from "@void-system/effects/fibers";
import { Clock, fromPromise } from "@void-system/effects/world";
import { HybridLogicalClock } from "@void-system/hlc";
import { LinearResource } from "@void-system/linear";
import { type Assembly, required } from "./assembly.ts";
import { capabilityAuthority, rootKeyIdOf } from "../node/capability.ts";
import type { Component, Health } from "./component.ts";
import { parseConfig } from "../config.ts";
import { DiskFullError } from "../errors.ts";
import { Host, type Open } from "./host.ts";
import { HttpServer } from "../http/server.ts";
import { destroyKeys } from "./identity.ts";
import { infoText } from "../resp/info.ts";
import { NOT_COMPARED } from "../node/peer-report.ts";
import type { Problem } from "../node/problems.ts";
import { nodeMetrics } from "../node/node-metrics.ts";
import { VoidNode } from "../node/void-node.ts";
import type { SystemStatus } from "../status.ts";
import { RespServer } from "../resp/server.ts";

/** The effects that the boot of a node needs. */
export type NodeNeeds = Need<"void.clock"> | Need<"void.host">;
type NodeComponent = Component<NodeNeeds>;

/** Free bytes, beside a second copy of the state, that a node needs to start. */
const ROOM_BYTES_MIN = 1_048_576;

/** The system, as its components see it. */
export interface SystemHooks {
  /** Called when the node has failed for good. */
  readonly fatal: (cause: Error) => void;
  /** State of the node, for people. */
  readonly status: () => SystemStatus;
  /** The node's health. */
  readonly health: () => NodeHealth;
}

/** The health of a node. */
export interface NodeHealth {
  /** True while it does its work. */
  readonly ok: boolean;
  /** Problems of the node itself and of its peers. */
  readonly problems: readonly Problem[];
  /** Report of each component. */
  readonly components: Readonly<Record<string, Health>>;
}

/** Everything but the listeners. */
export function coreComponents(parts: Assembly, hooks: SystemHooks): readonly NodeComponent[] {
  return [
    types(parts),
    effects(parts),
    hlc(parts),
    transport(parts),
    pbft(parts, hooks),
    plumtree(parts),
    security(parts),
    ...algorithms(parts),
    monitoring(parts),
  ];
}

/** The listeners for clients and people. */
export function faceComponents(parts: Assembly, hooks: SystemHooks): readonly NodeComponent[] {
  return [resp(parts, hooks), http(parts, hooks)];
}

function types(parts: Assembly): NodeComponent {
  return {
    name: "config",
    phase: "types",
    *start() {
      parts.config = parseConfig(parts.given);
    },
  };
}

function effects(parts: Assembly): NodeComponent {
  return {
    name: "identity",
    phase: "effects",
    needs: ["config"],
    *start() {
      parts.identity = yield* acquire(() => Host.identity(required(parts.config), parts.resources), destroyKeys);
    },
  };
}

function hlc(parts: Assembly): NodeComponent {
  return {
    name: "hlc",
    phase: "distributed",
    needs: ["config"],
    *start() {
      const clock = yield* Clock.facet();
      const hybrid = new HybridLogicalClock(required(parts.config).nodeId, { wallMs: () => clock.wallMs() });
      parts.clock = hybrid;
      return { health: () => ({ ok: true, detail: { ...hybrid.stats() } }) };
    },
  };
}

function transport(parts: Assembly): NodeComponent {
  return {
    name: "transport",
    phase: "distributed",
    needs: ["identity"],
    *start() {
      const config = required(parts.config);
      const links = yield* owned("links", parts, () => Host.links(config, required(parts.identity)));
      const open = () => Host.world(config, links.network);
      const { world, space } = config.dataDirectory === undefined ? yield* open() : yield* owned("disk", parts, open);
      parts.links = links;
      parts.world = world;
      parts.space = space;
      return { health: () => ({ ok: true, detail: { ...links.stats() } }) };
    },
  };
}

/** The node itself: the log, with agreement or without, and the gateway to it. */
function pbft(parts: Assembly, { fatal }: SystemHooks): NodeComponent {
  return {
    name: "pbft",
    phase: "distributed",
    needs: ["transport", "hlc"],
    *start() {
      const recovery = new Recovery();
      const { ports, replicaKeys, rootKey } = required(parts.identity);
      const world = required(parts.world);
      const authority = rootKey.use((key) => capabilityAuthority(key, world.random));
      const config = required(parts.config);
      // A key that this node has made for itself is no key of the cluster's.
      const isShared = config.rootKeyFile !== undefined || config.link !== undefined;
      const node = new VoidNode({
        config,
        world,
        rootKeyId: isShared ? rootKey.use(rootKeyIdOf) : NOT_COMPARED,
        space: () => parts.space?.(),
        hlc: required(parts.clock),
        ports,
        replicaKeys,
        authority,
        ready: () => recovery.end(),
        fatal: (cause) => {
          recovery.end(cause);
          fatal(cause);
        },
      });
      const stopped = (deadlineMs: number): Eff<never, void> => suspend<void>((resume) => node.stop(deadlineMs, resume));
      // Also when it was not drained: nothing of it may run on.
      yield* onExit(() => stopped(0));
      parts.authority = authority;
      parts.node = node;
      return {
        *ready() {
          yield* recovery.wait();
          const space = parts.space?.();
          const { stateBytes = 0 } = node.status();
          // Before it says that it runs: under a supervisor it would else come and go.
          if (space && space.freeBytes < stateBytes + Math.min(ROOM_BYTES_MIN, space.totalBytes / 50)) throw new DiskFullError(config.dataDirectory ?? "", space, stateBytes);
        },
        drain: stopped,
        health: () => ({ ok: node.ready, detail: { role: node.role } }),
      };
    },
  };
}

/** The broadcasts of the node, which live and end with it. */
function plumtree(parts: Assembly): NodeComponent {
  return {
    name: "plumtree",
    phase: "distributed",
    needs: ["pbft"],
    *start() {
      const { gossip } = required(parts.node);
      return { health: () => ({ ok: true, detail: { enabled: gossip !== undefined, ...gossip?.stats() } }) };
    },
  };
}

function security(parts: Assembly): NodeComponent {
  return {
    name: "macaroons",
    phase: "security",
    needs: ["pbft"],
    *start() {
      // The process itself holds the root key: it needs no token to be let in.
      const session = required(parts.node).gateway.session();
      yield* onExit(() => session.close());
      session.authenticate(required(parts.authority).mint({ resource: "/", operations: ["admin"] }));
      parts.session = session;
      return { drain: () => parts.calls.finish() };
    },
  };
}

/** Returns the components that compute on demand. They start after the log, which decides what must be the same on all nodes. */
function algorithms(parts: Assembly): readonly NodeComponent[] {
  const computing = (name: string, detail: () => Health["detail"]): NodeComponent => ({
    name,
    phase: "scheduling",
    needs: ["macaroons"],
    *start() {
      return { health: () => ({ ok: true, detail: detail() }) };
    },
  });
  return [
    computing("ising-scheduler", () => ({ placements: parts.placements })),
    computing("causal", () => ({ rankings: parts.rankings })),
  ];
}

function monitoring(parts: Assembly): NodeComponent {
  return {
    name: "monitoring",
    phase: "monitoring",
    needs: ["pbft"],
    *start() {
      parts.metrics.add(nodeMetrics(required(parts.node), () => parts.links?.stats()));
    },
  };
}

function resp(parts: Assembly, { status }: SystemHooks): NodeComponent {
  return {
    name: "resp",
    phase: "faces",
    *start() {
      const address = required(parts.config).resp;
      if (!address) return {};
      const server = new RespServer(required(parts.node).gateway, (sections) => infoText(status(), sections));
      const opened = yield* owned("RESP listener", parts, () => Host.listen(server, address));
      parts.listening["resp"] = opened.address;
      return { health: () => ({ ok: true, detail: { ...server.stats() } }), drain: () => fromPromise(() => server.drain()) };
    },
  };
}

function http(parts: Assembly, { health, status }: SystemHooks): NodeComponent {
  return {
    name: "http",
    phase: "faces",
    *start() {
      const address = required(parts.config).http;
      if (!address) return;
      const { metrics } = parts;
      const server = new HttpServer({
        health,
        status,
        metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
      });
      const opened = yield* owned("HTTP listener", parts, () => Host.listen(server, address));
      parts.listening["http"] = opened.address;
    },
  };
}

/** Opens a resource that is closed once, when the node ends. One that stays open is in the node's list of leaks. */
function* owned<R, T extends Open>(name: string, { resources }: Assembly, open: () => Eff<R, T>): Generator<R, T> {
  const dispose = ({ close }: Open): void => void launch(close, () => undefined);
  const { opened } = yield* acquire(
    function* opening(): Generator<R, { readonly opened: T; readonly resource: LinearResource<Open> }> {
      const opened = yield* open();
      return { opened, resource: new LinearResource<Open>(opened, { name, context: resources, dispose }) };
    },
    ({ resource }) => resource.consume().close(),
  );
  return opened;
}

/** Outcome of a node's recovery, kept for later readers. */
class Recovery {
  #end: { readonly failure: Error | undefined } | undefined;
  #tell: (() => void) | undefined;

  end(failure?: Error): void {
    if (this.#end) return;
    this.#end = { failure };
    this.#tell?.();
  }

  /** @throws the error that the node failed with. */
  *wait(): Generator<never, void> {
    if (!this.#end) yield* suspend<void>((resume) => void (this.#tell = resume));
    if (this.#end?.failure) throw this.#end.failure;
  }
}

/**
 * The components of a node, in boot order. What a component opens is a linear resource of the node's context, and its
 * `stop` consumes it.
 */
import { HybridLogicalClock } from "@void-system/hlc";
import { LinearResource } from "@void-system/linear/resources";
import type { Assembly } from "./assembly.ts";
import { capabilityAuthority } from "./capability.ts";
import { type Component, type Health, component } from "./component.ts";
import { parseConfig } from "./config.ts";
import { NotInitializedError } from "./errors.ts";
import { HttpServer } from "./http/server.ts";
import { destroyKeys, loadIdentity } from "./identity.ts";
import { infoText } from "./info.ts";
import { openLinks } from "./links.ts";
import { nodeMetrics } from "./node-metrics.ts";
import { VoidNode } from "./node.ts";
import { RespServer } from "./resp/server.ts";

/** What the components need of the system that they are parts of. */
export interface SystemHooks {
  /** Told when the node has stopped working for ever. */
  readonly fatal: (cause: Error) => void;
  /** The node's state, as people are shown it. */
  readonly status: () => Parameters<typeof infoText>[0];
  /** Whether the node does its work, and each component's word on it. */
  readonly health: () => { readonly ok: boolean; readonly components: Readonly<Record<string, Health>> };
}

/** Everything but the listeners. */
export function coreComponents(parts: Assembly, hooks: SystemHooks): readonly Component[] {
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
export function faceComponents(parts: Assembly, hooks: SystemHooks): readonly Component[] {
  return [resp(parts, hooks), http(parts, hooks)];
}

function types(parts: Assembly): Component {
  return component({
    name: "config",
    phase: "types",
    start: async () => {
      parts.config = parseConfig(parts.given);
    },
  });
}

function effects(parts: Assembly): Component {
  return component({
    name: "identity",
    phase: "effects",
    needs: ["config"],
    start: async () => {
      parts.identity = loadIdentity(parts.parsed(), parts.resources);
    },
    stop: async () => parts.identity && destroyKeys(parts.identity),
  });
}

function transport(parts: Assembly): Component {
  return component({
    name: "transport",
    phase: "distributed",
    needs: ["identity"],
    start: async () => {
      parts.links = await openLinks(parts.parsed(), parts.known(), parts.resources);
    },
    stop: async () => parts.links?.close(),
    health: () => ({ ok: true, detail: { ...parts.links?.stats() } }),
  });
}

function hlc(parts: Assembly): Component {
  return component({
    name: "hlc",
    phase: "distributed",
    needs: ["config"],
    start: async () => {
      parts.clock = new HybridLogicalClock(parts.parsed().nodeId);
    },
    health: () => ({ ok: true, detail: { ...parts.clock?.stats() } }),
  });
}

/** The node itself: the log, with agreement or without, and the gateway to it. */
function pbft(parts: Assembly, { fatal }: SystemHooks): Component {
  let nodeReady: Promise<void> = Promise.resolve();
  const stopNode = (deadlineMs: number): Promise<void> =>
    new Promise((resolve) => (parts.node ? parts.node.stop(deadlineMs, resolve) : resolve()));
  return component({
    name: "pbft",
    phase: "distributed",
    needs: ["transport", "hlc"],
    start: async () => {
      const { promise, resolve, reject } = withResolvers();
      nodeReady = promise;
      promise.catch(() => undefined);
      const identity = parts.known();
      const { links, clock } = parts;
      if (!links || !clock) throw new NotInitializedError();
      const authority = identity.rootKey.use((key) => capabilityAuthority(key));
      parts.authority = authority;
      parts.node = new VoidNode({
        config: parts.parsed(),
        world: links.world,
        hlc: clock,
        ports: identity.ports,
        authority,
        ready: resolve,
        fatal: (cause) => {
          reject(cause);
          fatal(cause);
        },
      });
    },
    ready: () => nodeReady,
    drain: stopNode,
    // Also when it was not drained: nothing of it may run on.
    stop: () => stopNode(0),
    health: () => ({ ok: parts.node?.ready === true, detail: { role: parts.node?.role } }),
  });
}

/** The broadcasts of the node, which live and end with it. */
function plumtree(parts: Assembly): Component {
  return component({
    name: "plumtree",
    phase: "distributed",
    needs: ["pbft"],
    health: () => ({ ok: true, detail: { enabled: parts.node?.gossip !== undefined, ...parts.node?.gossip?.stats() } }),
  });
}

function security(parts: Assembly): Component {
  return component({
    name: "macaroons",
    phase: "security",
    needs: ["pbft"],
    start: async () => {
      // The process itself holds the root key: it needs no token to be let in.
      parts.session = parts.running().gateway.session();
      if (parts.authority) parts.session.authenticate(parts.authority.mint({ resource: "/", operations: ["admin"] }));
    },
    drain: (deadlineMs) => parts.calls.finish(deadlineMs),
    stop: async () => parts.session?.close(),
  });
}

/** Both compute on demand; what must be the same for all is decided by the log, so they start behind it. */
function algorithms(parts: Assembly): readonly Component[] {
  const needs = ["macaroons"];
  return [
    component({ name: "ising-scheduler", phase: "scheduling", needs, health: () => ({ ok: true, detail: { placements: parts.placements } }) }),
    component({ name: "causal", phase: "scheduling", needs, health: () => ({ ok: true, detail: { rankings: parts.rankings } }) }),
  ];
}

function monitoring(parts: Assembly): Component {
  return component({
    name: "monitoring",
    phase: "monitoring",
    needs: ["pbft"],
    start: async () => {
      parts.metrics.add(nodeMetrics(parts.running(), () => parts.links?.stats()));
    },
  });
}

function resp(parts: Assembly, { status }: SystemHooks): Component {
  return component({
    name: "resp",
    phase: "faces",
    start: async () => {
      const address = parts.parsed().resp;
      if (!address) return;
      const server = new RespServer(parts.running().gateway, () => infoText(status()));
      parts.listening["resp"] = await server.listen(address);
      parts.resp = listener("RESP listener", server, parts);
    },
    health: () => ({ ok: true, detail: { ...parts.resp?.use((server) => server.stats()) } }),
    drain: async (deadlineMs) => parts.resp?.use((server) => server.drain(deadlineMs)),
    stop: async () => parts.resp?.consume().close(),
  });
}

function http(parts: Assembly, { health, status }: SystemHooks): Component {
  return component({
    name: "http",
    phase: "faces",
    start: async () => {
      const address = parts.parsed().http;
      if (!address) return;
      const { metrics } = parts;
      const server = new HttpServer({
        health,
        status,
        metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
      });
      parts.listening["http"] = await server.listen(address);
      parts.http = listener("HTTP listener", server, parts);
    },
    stop: async () => parts.http?.consume().close(),
  });
}

/** A listener that is open: who stops its component closes it. */
function listener<S extends { close(): Promise<void> }>(name: string, server: S, { resources }: Assembly): LinearResource<S> {
  const dispose = (open: S): void => void open.close().catch(() => undefined);
  return new LinearResource(server, { name, context: resources, dispose });
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (cause: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (cause: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

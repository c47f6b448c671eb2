/**
 * Nodes in the simulated world.
 */
import type { World } from "@void-system/effects";
import { suspend } from "@void-system/effects/fibers";
import { boots, type Offer } from "@void-system/effects/world";
import type { Boot } from "@void-system/simulation";
import { expect } from "vitest";
import { Assembly, required } from "../../src/boot/assembly.ts";
import { type NodeNeeds, coreComponents } from "../../src/boot/components.ts";
import { Host } from "../../src/boot/host.ts";
import { Lifecycle } from "../../src/boot/lifecycle.ts";
import type { SystemConfig } from "../../src/config.ts";
import type { Session } from "../../src/node/gateway.ts";
import { hostIn } from "./host.ts";

/** A node's boot, as `VoidSystem` does it, but for the listeners. Calls `ready` when the node serves. */
export function simulatedNode<A = unknown>(
  config: SystemConfig,
  ready: (parts: Assembly, world: World, offer: Offer<A>) => void,
  rootKeyByte?: number,
): Boot<A> {
  return (world) => {
    const parts = new Assembly({ dataDirectory: "simulated", timeoutMs: 8_500, ...config });
    const lifecycle: Lifecycle<NodeNeeds> = new Lifecycle(
      coreComponents(parts, {
        fatal: (cause) => {
          throw cause;
        },
        status: () => {
          throw new Error("there is no face to ask");
        },
        health: () => ({ ok: true, problems: [], components: lifecycle.health() }),
      }),
    );
    return boots((offer: Offer<A>) =>
      Host.handle(hostIn(world, rootKeyByte), function* () {
        yield* lifecycle.start();
        ready(parts, world, offer);
        yield* suspend<never>(() => undefined);
      }),
    )(world);
  };
}

/** A session that may do everything. */
export function adminOf({ node, authority }: Assembly): Session {
  const session = required(node).gateway.session();
  expect(session.authenticate(required(authority).mint({ resource: "/", operations: ["admin"] })).ok).toBe(true);
  return session;
}

/**
 * A gateway over a log of one node, in memory: what faces are tested on.
 */
import { createHash } from "node:crypto";
import { type World, memoryHub, peerId, platformWorld } from "@void-system/effects";
import { type Authority, Gateway } from "../../src/node/gateway.ts";
import { KeyValueMachine } from "../../src/store/key-value-machine.ts";
import { type SoloOrdering, soloOrdering } from "../../src/node/solo-ordering.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** Takes the token `admin` for everything and `reader` for reading keys under `public/`. */
const authority: Authority = {
  authenticate: (token) => {
    if (token === "admin") return { ok: true, grant: { permits: () => true } };
    if (token === "reader") return { ok: true, grant: { permits: (key, access) => access === "read" && key.startsWith("public/") } };
    return { ok: false, reason: "unknown token" };
  },
};

export interface TestNode {
  readonly gateway: Gateway;
  readonly machine: KeyValueMachine;
  readonly ordering: SoloOrdering;
  readonly world: World;
}

export async function testNode(world: World = platformWorld({ network: memoryHub().join(peerId("solo")) })): Promise<TestNode> {
  const machine = new KeyValueMachine(sha256, "test");
  const ordering = await new Promise<SoloOrdering>((resolve, reject) => {
    const made: SoloOrdering = soloOrdering({ world, machine, fatal: reject, ready: () => resolve(made) });
  });
  return { gateway: new Gateway({ ordering, authority, clock: world.clock }), machine, ordering, world };
}

/**
 * Machines for a node's boot that are no machine: keys are made of a number, the world is given.
 */
import { importKey } from "@void-system/crypto";
import { ed25519 } from "@void-system/crypto/node";
import { type PeerId, type World, peerId } from "@void-system/effects";
import type { Clauses } from "@void-system/effects/fibers";
import { LinearResource } from "@void-system/linear";
import { portsOf } from "@void-system/pbft";
import type { ParsedConfig } from "../../src/config.ts";
import type { HostOperations } from "../../src/boot/host.ts";

/** The node's key: of its place among the replicas. */
function keyOf(name: string, replicaIds: readonly string[]) {
  return importKey("ed25519", new Uint8Array(32).fill(replicaIds.indexOf(name) + 1));
}

function publicKeysOf({ replicaIds }: ParsedConfig): ReadonlyMap<PeerId, Uint8Array> {
  return new Map(replicaIds.map((id) => [peerId(id), ed25519.signer(keyOf(id, replicaIds)).publicKey]));
}

function* nothing(): Generator<never, void> {}

/** A machine in a world that is there already, and stays when the node ends. */
export function hostIn(world: World, rootKeyByte = 7): Clauses<HostOperations, never> {
  return {
    identity: (config, context) => {
      const id = peerId(config.nodeId);
      const key = keyOf(id, config.replicaIds);
      const signer = ed25519.signer(key);
      const pinned = publicKeysOf(config);
      const rootKey = importKey("hmac-sha256", new Uint8Array(32).fill(rootKeyByte));
      return {
        id,
        signer,
        certificate: undefined,
        key: new LinearResource(key, { name: "node key", context }),
        rootKey: new LinearResource(rootKey, { name: "root key", context }),
        ports: portsOf({ signer, publicKeyOf: (name) => pinned.get(name) }),
        replicaKeys: [],
      };
    },
    links: () => ({ network: world.network, stats: () => undefined, close: nothing }),
    world: () => ({ world, close: nothing }),
    listen: (_, address) => ({ address, close: nothing }),
  };
}

/**
 * The World of a real node, which can be ended.
 */
import { platformClock, silent } from "../portable/platform.ts";
import type { Cancel, Clock, Logger, Network, World } from "../world.ts";
import { directoryDisk } from "./directory-disk.ts";
import { systemRandom } from "./system-random.ts";
import { workerPool, type WorkerPoolOptions } from "./worker-pool.ts";

/** Parts of {@link nodeWorld}. */
export interface NodeWorldParts {
  /** The node's links. The code that made the network closes it. */
  readonly network: Network;
  /** Folder of the node's logs. It is created if it is missing, and locked while the world lives. */
  readonly directory: string;
  /** Receives the node's log lines. @defaultValue none */
  readonly logger?: Logger;
  /** Size of the pool of threads for jobs. */
  readonly compute?: WorkerPoolOptions;
}

/** The World of a real node, for one life of it. */
export interface NodeWorld extends World {
  /**
   * Ends this life of the node. Afterwards calls into the world do nothing, and its callbacks no longer run. `ended` is
   * called once the disk's writes are complete and the folder is free for the next life.
   */
  end(ended?: () => void): void;
}

/**
 * Makes the World of a real node: the system's clock and randomness, logs in a folder, threads for jobs, and the given
 * network. A world is one life of a node, so it does nothing after `end` and cannot write beside the next life.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { memoryHub, peerId } from "@void-system/effects";
 * import { nodeWorld } from "@void-system/effects/node";
 *
 * const world = nodeWorld({
 *   network: memoryHub().join(peerId("a")),
 *   directory: mkdtempSync(join(tmpdir(), "void-")),
 * });
 * let woken = false;
 * world.clock.schedule(0, () => { woken = true; });
 * await new Promise<void>((resolve) => world.end(resolve));
 * woken; // => false
 * ```
 */
export function nodeWorld(parts: NodeWorldParts): NodeWorld {
  const logger = parts.logger ?? silent;
  const disk = directoryDisk(parts.directory, { logger });
  const pool = workerPool(parts.compute);
  const life = { alive: true };
  const detach = new Set<Cancel>();
  return {
    clock: livingClock(platformClock(), life, detach),
    random: systemRandom(),
    network: livingNetwork(parts.network, life, detach),
    disk: {
      open: (name, done) => disk.open(name, done),
      openBlobs: (name, done) => disk.openBlobs(name, done),
    },
    compute: { run: (job, input, done) => pool.run(job, input, done) },
    logger: {
      log: (level, event, fields) => {
        if (life.alive) logger.log(level, event, fields);
      },
    },
    end: (ended) => {
      life.alive = false;
      for (const cancel of detach) cancel();
      detach.clear();
      pool.close();
      disk.close(ended);
    },
  };
}

interface Living {
  readonly alive: boolean;
}

/** Returns a clock whose timers are cancelled at the end of the world. */
function livingClock(clock: Clock, life: Living, detach: Set<Cancel>): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
    schedule: (delayMs, wake) => {
      if (!life.alive) return () => undefined;
      const cancel = clock.schedule(delayMs, () => {
        detach.delete(cancel);
        wake();
      });
      detach.add(cancel);
      return () => {
        detach.delete(cancel);
        cancel();
      };
    },
  };
}

/** Returns a network whose handlers are detached at the end of the world. */
function livingNetwork(network: Network, life: Living, detach: Set<Cancel>): Network {
  const attach = (cancel: Cancel): Cancel => {
    detach.add(cancel);
    return () => {
      detach.delete(cancel);
      cancel();
    };
  };
  return {
    self: network.self,
    send: (to, frame) => (life.alive ? network.send(to, frame) : "down"),
    onFrame: (handle) => (life.alive ? attach(network.onFrame(handle)) : () => undefined),
    onLink: (handle) => (life.alive ? attach(network.onLink(handle)) : () => undefined),
    dial: (peer, address) => {
      if (life.alive) network.dial(peer, address);
    },
    hangUp: (peer) => {
      if (life.alive) network.hangUp(peer);
    },
  };
}

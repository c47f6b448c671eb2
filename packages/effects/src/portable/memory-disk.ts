/**
 * A disk in memory, for nodes that need no durability.
 */
import type { Lsn } from "../brand.ts";
import { InvalidLogNameError } from "../errors.ts";
import type { Clock, Disk, DurableLog, OpenedBlobs, Recovered } from "../world.ts";
import { MemoryBlobs } from "./memory-blobs.ts";

const LOG_NAME = /^[A-Za-z0-9-]{1,64}$/;

/** Returns true for a valid name of a log or blob store: 1 to 64 letters, digits and `-`. */
export function isLogName(name: string): boolean {
  return LOG_NAME.test(name);
}

/**
 * Makes a volatile disk, whose contents are lost with the process. Like a real disk, it calls back from the event loop,
 * and a log that is opened again shows its records, and a blob store its blobs. A checkpoint frees the records that it replaces.
 *
 * @example
 * ```ts
 * import { memoryDisk, platformClock } from "@void-system/effects";
 * const disk = memoryDisk(platformClock());
 * const opened = await new Promise<{ fresh: boolean }>((resolve, reject) => {
 *   disk.open("votes", (found) => (found instanceof Error ? reject(found) : resolve(found)));
 * });
 * opened.fresh; // => true
 * ```
 */
export function memoryDisk(clock: Pick<Clock, "schedule">): Disk {
  const logs = new Map<string, MemoryLog>();
  const open = (name: string): Recovered | Error => {
    if (!isLogName(name)) return new InvalidLogNameError(name);
    const known = logs.get(name);
    if (known) return known.recovered(false);
    const log = new MemoryLog(clock);
    logs.set(name, log);
    return log.recovered(true);
  };
  const stores = new Map<string, MemoryBlobs>();
  const openBlobs = (name: string): OpenedBlobs | Error => {
    if (!isLogName(name)) return new InvalidLogNameError(name);
    const store = stores.get(name) ?? new MemoryBlobs(name, clock);
    stores.set(name, store);
    return store.opened();
  };
  return {
    open: (name, done) => void clock.schedule(0, () => done(open(name))),
    openBlobs: (name, done) => void clock.schedule(0, () => done(openBlobs(name))),
  };
}

class MemoryLog implements DurableLog {
  readonly #clock: Pick<Clock, "schedule">;
  #upTo = 0;
  #records: Uint8Array[] = [];
  #checkpoint: Recovered["checkpoint"] = undefined;

  constructor(clock: Pick<Clock, "schedule">) {
    this.#clock = clock;
  }

  recovered(fresh: boolean): Recovered {
    return { log: this, fresh, records: [...this.#records], ...(this.#checkpoint && { checkpoint: this.#checkpoint }) };
  }

  append(record: Uint8Array): void {
    this.#records.push(new Uint8Array(record));
  }

  sync(done: (failure?: Error) => void): void {
    this.#clock.schedule(0, () => done());
  }

  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: (failure?: Error) => void): void {
    this.#clock.schedule(0, () => {
      this.#checkpoint = { upTo, chunks: Array.from(chunks, (chunk) => new Uint8Array(chunk)) };
      this.#records.splice(0, upTo - this.#upTo);
      this.#upTo = upTo;
      done();
    });
  }
}

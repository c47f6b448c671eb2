/**
 * A disk that forgets what was not synced, as a power cut makes it.
 */
import { type Lsn, lsn } from "../brand.ts";
import { InvalidLogNameError, NameTakenError } from "../errors.ts";
import { isLogName } from "../memory-disk.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { Disk, DurableLog, Recovered } from "../world.ts";
import { EVENT } from "./event-heap.ts";
import type { Kernel, Life, SimulatedNode } from "./kernel.ts";

/** How a simulated disk behaves. */
export interface SimulatedDiskOptions {
  /** The shortest time that a sync, an open or a checkpoint takes. @defaultValue 0.1 */
  readonly syncMinMs?: number;
  /** The longest. @defaultValue 2 */
  readonly syncMaxMs?: number;
  /**
   * Of the records that a sync was writing when the node crashed, some may survive: a random number of the first ones.
   * The one behind them is torn, which the next open reports and cuts. Without it none survives. @defaultValue true
   */
  readonly tornWrites?: boolean;
}

/** What is on the platter, under one name. */
interface Stored {
  /** Position of the last record that the checkpoint replaced. */
  base: number;
  records: Uint8Array[];
  checkpoint: { readonly upTo: Lsn; readonly chunks: readonly Uint8Array[] } | undefined;
  torn: boolean;
}

/** A node's disk: it outlives the node's lives. */
export class SimulatedDisk {
  readonly #kernel: Kernel;
  readonly #random: SeededRandom;
  readonly #minUs: number;
  readonly #maxUs: number;
  readonly #torn: boolean;
  readonly #stored = new Map<string, Stored>();

  constructor(kernel: Kernel, random: SeededRandom, options: SimulatedDiskOptions) {
    this.#kernel = kernel;
    this.#random = random;
    this.#minUs = Math.round((options.syncMinMs ?? 0.1) * 1000);
    this.#maxUs = Math.round((options.syncMaxMs ?? 2) * 1000);
    this.#torn = options.tornWrites ?? true;
  }

  /** The disk as one life of its node sees it. */
  facet(node: SimulatedNode, life: Life): Disk {
    return {
      open: (name, done) => {
        if (!life.alive) return;
        const known = this.#stored.has(name);
        // The birth mark may be on the platter before the answer is out: then a crash in between leaves an old disk
        // that nobody used.
        const markedEarly = this.#random.chance(0.5);
        if (markedEarly && isLogName(name)) this.#store(name);
        const answer = (): void => done(this.#open(node, life, name, !known));
        this.#kernel.plan({ kind: EVENT.disk, node, life, atUs: this.#later(), run: answer });
      },
    };
  }

  /** What a crash leaves of the logs of that life. */
  crash(life: Life): void {
    for (const log of life.logs.values()) log.crash(this.#torn ? this.#random : undefined);
  }

  #open(node: SimulatedNode, life: Life, name: string, fresh: boolean): Recovered | Error {
    if (!isLogName(name)) return new InvalidLogNameError(name);
    if (life.logs.has(name)) return new NameTakenError("log", name);
    const stored = this.#store(name);
    if (stored.torn) this.#kernel.log(node, "warn", "torn-tail-cut", { log: name });
    stored.torn = false;
    const log = new SimulatedLog(stored, (run) => {
      if (life.alive) this.#kernel.plan({ kind: EVENT.disk, node, life, atUs: this.#later(), run });
    });
    life.logs.set(name, log);
    return {
      log,
      fresh,
      records: stored.records.map((record) => record.slice()),
      ...(stored.checkpoint && {
        checkpoint: { upTo: stored.checkpoint.upTo, chunks: stored.checkpoint.chunks.map((chunk) => chunk.slice()) },
      }),
    };
  }

  #store(name: string): Stored {
    let stored = this.#stored.get(name);
    if (!stored) this.#stored.set(name, (stored = { base: 0, records: [], checkpoint: undefined, torn: false }));
    return stored;
  }

  #later(): number {
    return this.#kernel.nowUs + this.#random.between(this.#minUs, this.#maxUs);
  }
}

/** One life's hold on a log. */
export class SimulatedLog implements DurableLog {
  readonly #stored: Stored;
  readonly #later: (run: () => void) => void;
  /** Appended and not durable; `#first` is the position of the first of them. */
  readonly #pending: Uint8Array[] = [];
  #first: number;
  /** The position up to which a sync under way is writing. */
  #writing = 0;

  constructor(stored: Stored, later: (run: () => void) => void) {
    this.#stored = stored;
    this.#later = later;
    this.#first = stored.base + stored.records.length + 1;
  }

  append(record: Uint8Array): void {
    this.#pending.push(record.slice());
  }

  sync(done: (failure?: Error) => void): void {
    const covered = this.#first + this.#pending.length - 1;
    this.#writing = Math.max(this.#writing, covered);
    this.#later(() => {
      this.#persist(covered);
      done();
    });
  }

  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: (failure?: Error) => void): void {
    this.#later(() => {
      // Read as late as the contract allows: a core that changes what it put out is found out.
      const copies = Array.from(chunks, (chunk) => chunk.slice());
      const stored = this.#stored;
      stored.records.splice(0, upTo - stored.base);
      const skipped = upTo + 1 - this.#first;
      if (skipped > 0) {
        this.#pending.splice(0, skipped);
        this.#first += skipped;
      }
      stored.base = Math.max(stored.base, upTo);
      stored.checkpoint = { upTo: lsn(upTo), chunks: copies };
      done();
    });
  }

  /** The process is gone: without `random` nothing unsynced survives. */
  crash(random: SeededRandom | undefined): void {
    const writing = this.#writing - this.#first + 1;
    if (!random || writing <= 0) return;
    const surviving = random.below(writing + 1);
    this.#persist(this.#first + surviving - 1);
    this.#stored.torn = surviving < writing;
  }

  #persist(upTo: number): void {
    const count = upTo + 1 - this.#first;
    if (count <= 0) return;
    this.#stored.records.push(...this.#pending.splice(0, count));
    this.#first += count;
  }
}

/**
 * A disk that forgets unsynced writes, as in a power cut.
 */
import {
  DiskPathError,
  type DurableLog,
  InvalidLogNameError,
  isLogName,
  LogDamagedError,
  type Lsn,
  lsn,
  NameTakenError,
  type OpenedBlobs,
  type Recovered,
  type SeededRandom,
} from "@void-system/effects";
import { EVENT } from "../engine/event-kind.ts";
import { expectBytes } from "./expect-bytes.ts";
import type { Kernel, KernelNode, Life } from "./kernel.ts";
import { SimulatedBlobs, type SimulatedBlobsParts, type StoredBlobs } from "./simulated-blobs.ts";

/** Behaviour of a simulated disk. */
export interface SimulatedDiskOptions {
  /** Shortest time of a sync, an open or a checkpoint, in milliseconds. @defaultValue 0.1 */
  readonly syncMinMs?: number;
  /** Longest time in milliseconds. @defaultValue 2 */
  readonly syncMaxMs?: number;
  /**
   * Lets some records survive that a sync was writing when the node crashed: a random number of the first ones. The
   * record behind them is torn, and the next open reports and cuts it. If false, none survives. @defaultValue true
   */
  readonly tornWrites?: boolean;
}

/** Contents of a log, for people. */
export interface LogContents {
  /** Position of the last record that the checkpoint replaced, or 0. */
  readonly checkpoint: number;
  /** Durable records after the checkpoint. */
  readonly records: readonly Uint8Array[];
  /** Number of records appended in this life that are not durable. */
  readonly pending: number;
}

/** Durable contents of one log. */
interface Stored {
  /** Position of the last record that the checkpoint replaced. */
  base: number;
  records: Uint8Array[];
  checkpoint: { readonly upTo: Lsn; readonly chunks: readonly Uint8Array[] } | undefined;
  torn: boolean;
  /** Index of a damaged record. */
  rotten: number | undefined;
}

/** A node's disk, which survives the node's lives. */
export class SimulatedDisk {
  /** No space is left, so every write fails. */
  full = false;
  /** Additional time of each operation. */
  slowUs = 0;
  readonly #kernel: Kernel;
  readonly #random: SeededRandom;
  readonly #minUs: number;
  readonly #maxUs: number;
  readonly #torn: boolean;
  readonly #stored = new Map<string, Stored>();
  /** Logs opened by the current life. */
  readonly #logs = new Map<string, SimulatedLog>();
  readonly #storedBlobs = new Map<string, StoredBlobs>();
  /** Blob stores opened by the current life. */
  readonly #blobs = new Map<string, SimulatedBlobs>();

  constructor(kernel: Kernel, random: SeededRandom, options: SimulatedDiskOptions) {
    this.#kernel = kernel;
    this.#random = random;
    this.#minUs = Math.round((options.syncMinMs ?? 0.1) * 1000);
    this.#maxUs = Math.round((options.syncMaxMs ?? 2) * 1000);
    this.#torn = options.tornWrites ?? true;
  }

  /** Implements `Disk.open` for one life of the node. */
  open(node: KernelNode, life: Life, name: string, done: (opened: Recovered | Error) => void): void {
    if (!life.alive) return;
    const known = this.#stored.has(name);
    // A new log may become durable before the answer is out. A crash in between then leaves an old log that nobody has
    // used.
    const markedEarly = this.#random.chance(0.5);
    if (markedEarly && isLogName(name) && !this.full) this.#store(name);
    this.#plan(node, life, "open", () => done(this.#open(node, life, name, !known)));
  }

  /** Implements `Disk.openBlobs` for one life of the node. */
  openBlobs(node: KernelNode, life: Life, name: string, done: (opened: OpenedBlobs | Error) => void): void {
    if (life.alive) this.#plan(node, life, "open-blobs", () => done(this.#openBlobs(node, life, name)));
  }

  /** Ends the node's life, and decides which unsynced records survive it. */
  crash(): void {
    for (const log of this.#logs.values()) log.crash(this.#torn ? this.#random : undefined);
    this.#logs.clear();
    for (const blobs of this.#blobs.values()) blobs.crash(this.#torn ? this.#random : undefined);
    this.#blobs.clear();
  }

  /** Damages one durable record or blob, drawn from all. Returns false if there is none. */
  rot(): boolean {
    const candidates = [
      ...[...this.#stored.values()].filter(({ records }) => records.length > 0),
      ...[...this.#storedBlobs.values()].filter(({ size }) => size > 0),
    ];
    const stored = candidates[this.#random.below(candidates.length)];
    if (stored instanceof Map) {
      const blob = [...stored.values()][this.#random.below(stored.size)];
      if (blob) blob.rotten = true;
    } else if (stored) {
      stored.rotten ??= this.#random.below(stored.records.length);
    }
    return stored !== undefined;
  }

  /** Returns the contents of each log. */
  contents(): Readonly<Record<string, LogContents>> {
    return Object.fromEntries(
      Array.from(this.#stored, ([name, { base, records }]) => [
        name,
        { checkpoint: base, records, pending: this.#logs.get(name)?.pending ?? 0 },
      ])
    );
  }

  #open(node: KernelNode, life: Life, name: string, fresh: boolean): Recovered | Error {
    if (!isLogName(name)) return new InvalidLogNameError(name);
    if (this.#logs.has(name)) return new NameTakenError("log", name);
    if (this.full && !this.#stored.has(name)) return noSpace("create", node, name);
    const stored = this.#store(name);
    if (stored.rotten !== undefined) return rotten(stored, stored.rotten, node, name);
    if (stored.torn) this.#kernel.log(node, "warn", "torn-tail-cut", { log: name });
    stored.torn = false;
    const { later, trouble } = this.#operations(node, life, name);
    const log = new SimulatedLog(stored, later, trouble);
    this.#logs.set(name, log);
    return {
      log,
      fresh,
      records: stored.records.map((record) => record.slice()),
      ...(stored.checkpoint && {
        checkpoint: { upTo: stored.checkpoint.upTo, chunks: stored.checkpoint.chunks.map((chunk) => new Uint8Array(chunk)) },
      }),
    };
  }

  #openBlobs(node: KernelNode, life: Life, name: string): OpenedBlobs | Error {
    if (!isLogName(name)) return new InvalidLogNameError(name);
    if (this.#blobs.has(name)) return new NameTakenError("blob store", name);
    const stored: StoredBlobs = this.#storedBlobs.get(name) ?? new Map();
    this.#storedBlobs.set(name, stored);
    const blobs = new SimulatedBlobs({ name: `${node.id}/${name}`, stored, ...this.#operations(node, life, name) });
    this.#blobs.set(name, blobs);
    return { blobs, addresses: [...stored.keys()].sort() };
  }

  #operations(node: KernelNode, life: Life, name: string): Pick<SimulatedBlobsParts, "later" | "trouble"> {
    return {
      later: (what, run) => {
        if (life.alive) this.#plan(node, life, what, run);
      },
      trouble: () => (this.full ? noSpace("write", node, name) : undefined),
    };
  }

  #store(name: string): Stored {
    let stored = this.#stored.get(name);
    if (!stored) {
      stored = { base: 0, records: [], checkpoint: undefined, torn: false, rotten: undefined };
      this.#stored.set(name, stored);
    }
    return stored;
  }

  #plan(node: KernelNode, life: Life, what: string, run: () => void): void {
    const atUs = this.#kernel.nowUs + this.#random.between(this.#minUs, this.#maxUs) + this.slowUs;
    this.#kernel.plan(EVENT.disk, atUs, node.index, life, -1, undefined, () => {
      this.#kernel.note(what);
      run();
    });
  }
}

/** A log as opened by one life of a node. */
export class SimulatedLog implements DurableLog {
  readonly #stored: Stored;
  readonly #later: (what: string, run: () => void) => void;
  readonly #trouble: () => Error | undefined;
  /** Appended records that are not durable. `#first` is the position of the first one. */
  readonly #pending: Uint8Array[] = [];
  #first: number;
  /** Position up to which a running sync writes. */
  #writing = 0;
  /** First failure. Like a real log, it then writes nothing more in this life. */
  #failure: Error | undefined;

  constructor(stored: Stored, later: (what: string, run: () => void) => void, trouble: () => Error | undefined) {
    this.#stored = stored;
    this.#later = later;
    this.#trouble = trouble;
    this.#first = stored.base + stored.records.length + 1;
  }

  /** Number of records that are not durable. */
  get pending(): number {
    return this.#pending.length;
  }

  append(record: Uint8Array): void {
    expectBytes("a record", record);
    this.#pending.push(new Uint8Array(record));
  }

  sync(done: (failure?: Error) => void): void {
    const covered = this.#first + this.#pending.length - 1;
    this.#writing = Math.max(this.#writing, covered);
    this.#later("sync", () => {
      if (this.#fails(done)) return;
      this.#persist(covered);
      done();
    });
  }

  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: (failure?: Error) => void): void {
    this.#later("checkpoint", () => {
      // Reads the chunks as late as the contract allows. This exposes cores that change a checkpoint after they have
      // put it out.
      const copies = Array.from(chunks, (chunk) => new Uint8Array(chunk));
      if (this.#fails(done)) return;
      const stored = this.#stored;
      const dropped = Math.max(0, upTo - stored.base);
      stored.records.splice(0, dropped);
      if (stored.rotten !== undefined) stored.rotten = stored.rotten < dropped ? undefined : stored.rotten - dropped;
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

  /** Ends the log with its process. Without `random` no unsynced record survives. */
  crash(random: SeededRandom | undefined): void {
    const writing = this.#writing - this.#first + 1;
    if (!random || writing <= 0 || this.#failure) return;
    const surviving = random.below(writing + 1);
    this.#persist(this.#first + surviving - 1);
    this.#stored.torn = surviving < writing;
  }

  #fails(done: (failure?: Error) => void): boolean {
    this.#failure ??= this.#trouble();
    if (this.#failure) done(this.#failure);
    return this.#failure !== undefined;
  }

  #persist(upTo: number): void {
    const count = upTo + 1 - this.#first;
    if (count <= 0) return;
    this.#stored.records.push(...this.#pending.splice(0, count));
    this.#first += count;
  }
}

function noSpace(doing: string, node: KernelNode, name: string): Error {
  const cause = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  return new DiskPathError(doing, `${node.id}/${name}`, cause);
}

function rotten({ records, base }: Stored, at: number, node: KernelNode, name: string): Error {
  const offset = records.slice(0, at).reduce((sum, { length }) => sum + length, 0);
  return new LogDamagedError(`${node.id}/${name}`, offset, `the checksum of record ${base + at + 1} does not match`);
}

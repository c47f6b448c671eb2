/**
 * The guard of a replica's log. A replica whose folder is gone has forgotten its votes, and could contradict them as a
 * liar would. So the log of an empty folder is opened only when f+1 peers do not say that this replica has voted, or by
 * the word of the operator, which makes this replica one of the f that may be faulty.
 *
 * A log of its own beside the replica's, `peers`, remembers who has voted.
 */
import { type ByteReader, ByteWriter, decodeAll } from "@void-system/bytes";
import type { Cancel, Clock, Disk, DurableLog, OpenedBlobs, PeerId, Recovered } from "@void-system/effects";
import { EmptyDiskError } from "../errors.ts";
import type { PeerReport } from "./peer-report.ts";

/** Time in which peers that run have reported: only then the node starts without its replica. */
const WAIT_MAX_MS = 2_000;
/** Name of the log that remembers. */
const MEMORY = "peers";

/** One thing to remember. */
type Memory =
  /** This replica may vote from here on. */
  | { readonly type: "admitted" }
  /** It began with an empty disk by the operator's word, and is whole behind this checkpoint. */
  | { readonly type: "emptied"; readonly wholeAfter: number }
  /** It has a checkpoint behind all that it can have voted on before. */
  | { readonly type: "whole" }
  /** That replica has said that it may have voted. */
  | { readonly type: "voter"; readonly name: string };

/** The parts of a {@link DiskGuard}. */
export interface DiskGuardParts {
  /** The disk of the node. */
  readonly disk: Disk;
  /** The clock of the node. */
  readonly clock: Clock;
  /** The replica's own index in `replicas`. */
  readonly self: number;
  /** All replicas, in order. */
  readonly replicas: readonly PeerId[];
  /** Number of them that may be faulty. */
  readonly f: number;
  /** Sequence numbers that a replica votes on beyond its stable checkpoint. */
  readonly window: number;
  /** This node's configuration, as its report names it: only reports of the same one count. */
  readonly configId: string;
  /** The word of the operator that an empty disk is to be taken. */
  readonly emptyDisk: boolean;
  /** Called when the peers have not decided soon: the node goes on without its replica until they do. */
  readonly onWait: () => void;
  /** Called when this replica's report has changed. */
  readonly onChange: () => void;
  /** Called when the memory cannot be written. */
  readonly fatal: (cause: Error) => void;
}

/** Opens a replica's log when it may be opened. */
export class DiskGuard implements Disk {
  readonly #parts: DiskGuardParts;
  readonly #voters = new Set<string>();
  readonly #written = new Set<string>();
  readonly #reports = new Map<PeerId, PeerReport>();
  #memory: DurableLog | undefined;
  #isAdmitted = false;
  #wholeAfter: number | undefined;
  #waiting: (() => void) | undefined;
  #timer: Cancel | undefined;
  #isOver = false;

  constructor(parts: DiskGuardParts) {
    this.#parts = parts;
  }

  /** True once the replica may vote. */
  get hasVoted(): boolean {
    return this.#isAdmitted;
  }

  /** True while the replica counts as faulty because it began with an empty disk, or waits to begin so: two that wait at once see each other. */
  get isEmptied(): boolean {
    return this.#wholeAfter !== undefined || (this.isWaiting && this.#parts.emptyDisk);
  }

  /** True while the log is empty and too few peers have said whether this replica has voted. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Indices of the replicas that have said that they may have voted. */
  get voters(): readonly number[] {
    return this.#parts.replicas.flatMap((id, index) => (this.#voters.has(id) ? [index] : []));
  }

  open(name: string, done: (opened: Recovered | Error) => void): void {
    const { disk } = this.#parts;
    disk.open(MEMORY, (memory) => {
      if (this.#isOver) return;
      if (memory instanceof Error) return done(memory);
      const failure = this.#recall(memory);
      if (failure) return done(failure);
      disk.open(name, (opened) => {
        if (this.#isOver) return;
        if (opened instanceof Error) done(opened);
        else this.#opened(opened, done);
      });
    });
  }

  openBlobs(name: string, done: (opened: OpenedBlobs | Error) => void): void {
    this.#parts.disk.openBlobs(name, done);
  }

  /** Takes in the report of a peer. */
  hear(from: PeerId, report: PeerReport): void {
    const { replicas, configId } = this.#parts;
    if (!replicas.includes(from)) return;
    if (report.hasVoted) this.#remember({ type: "voter", name: from });
    if (report.configId !== configId) return;
    this.#reports.set(from, report);
    this.#waiting?.();
  }

  /** Forgets that the disk was empty once the replica's stable checkpoint is behind all that it can have voted on. */
  reached(stableCheckpoint: number): void {
    if (this.#wholeAfter === undefined || stableCheckpoint <= this.#wholeAfter) return;
    this.#wholeAfter = undefined;
    this.#write({ type: "whole" });
    this.#parts.onChange();
  }

  /** Opens nothing from here on. */
  stop(): void {
    this.#isOver = true;
    this.#waiting = undefined;
    this.#timer?.();
  }

  #opened(found: Recovered, done: (opened: Recovered | Error) => void): void {
    const { opened, isEmpty } = peeked(found);
    const { emptyDisk } = this.#parts;
    if (!isEmpty || this.#isAdmitted) {
      if (emptyDisk && !this.isEmptied) return done(new EmptyDiskError("its data folder is not empty: start it without --empty-disk, and nothing is forgotten"));
      return this.#admit(() => done(opened));
    }
    this.#waiting = () => {
      const verdict = emptyDisk ? this.#mayForget() : this.#isNew();
      if (verdict === "wait") return;
      this.#waiting = undefined;
      this.#timer?.();
      if (verdict !== "admit") return done(verdict);
      if (emptyDisk) this.#remember({ type: "emptied", wholeAfter: this.#highestVote() });
      this.#admit(() => done(opened));
    };
    this.#waiting();
    if (this.isWaiting) this.#timer = this.#parts.clock.schedule(WAIT_MAX_MS, () => this.#parts.onWait());
  }

  /** An empty folder is a new replica's unless f+1 peers, one of which is honest, say that it has voted. */
  #isNew(): "admit" | "wait" | Error {
    const { replicas, self, f } = this.#parts;
    const claims = [...this.#reports].filter(([, { voters }]) => voters.includes(self)).map(([id]) => id);
    if (claims.length > f) {
      return new EmptyDiskError(
        `its data folder is empty, and ${claims.join(", ")} say that ${replicas[self]} has voted: it would forget its votes. ` +
          "Bring the folder back (is its volume mounted?). If it is lost, start the node once with --empty-disk: it then counts as one of the f faulty replicas",
      );
    }
    return claims.length + this.#unheard() <= f ? "admit" : "wait";
  }

  /** At most f replicas may have forgotten their votes, this one included; one that says nothing may be one of them. */
  #mayForget(): "admit" | "wait" | Error {
    const { f } = this.#parts;
    const emptied = [...this.#reports].filter(([, { isEmptied }]) => isEmptied).map(([id]) => id);
    if (emptied.length >= f) {
      const others = emptied.length === 0 ? "" : `, and ${emptied.join(", ")} began with an empty disk already`;
      return new EmptyDiskError(`at most f = ${f} replicas may forget their votes${others}. Bring the folder back, or wait until they are whole again`);
    }
    return emptied.length + this.#unheard() < f ? "admit" : "wait";
  }

  #unheard(): number {
    return this.#parts.replicas.length - 1 - this.#reports.size;
  }

  /** No replica votes beyond a window from a checkpoint that a quorum has executed. */
  #highestVote(): number {
    return Math.max(0, ...[...this.#reports.values()].map(({ executed }) => executed)) + this.#parts.window;
  }

  #admit(then: () => void): void {
    if (this.#isAdmitted) return then();
    this.#isAdmitted = true;
    this.#write({ type: "admitted" }, () => {
      // Before its first vote, so that they know of it.
      this.#parts.onChange();
      then();
    });
  }

  #remember(memory: Memory): void {
    if (memory.type === "voter") {
      if (this.#voters.has(memory.name)) return;
      this.#voters.add(memory.name);
    }
    if (memory.type === "emptied") this.#wholeAfter = memory.wholeAfter;
    this.#write(memory);
  }

  #write(memory: Memory, then: () => void = () => undefined): void {
    const log = this.#memory;
    // Reports that came before the log was open are written when it is.
    if (!log) return then();
    if (memory.type === "voter") this.#written.add(memory.name);
    log.append(encodeMemory(memory));
    log.sync((failure) => (failure ? this.#parts.fatal(failure) : then()));
  }

  #recall({ log, records }: Recovered): Error | undefined {
    for (const bytes of records) {
      const memory = decodeAll(bytes, readMemory);
      if (!memory.ok) return new EmptyDiskError(`a record of ${MEMORY} cannot be read: ${memory.reason}`);
      const { value } = memory;
      if (value.type === "admitted") this.#isAdmitted = true;
      else if (value.type === "emptied") this.#wholeAfter = value.wholeAfter;
      else if (value.type === "whole") this.#wholeAfter = undefined;
      else for (const names of [this.#voters, this.#written]) names.add(value.name);
    }
    this.#memory = log;
    for (const name of this.#voters) if (!this.#written.has(name)) this.#write({ type: "voter", name });
    return undefined;
  }
}

/** The same log with its first record looked at. */
function peeked(found: Recovered): { readonly opened: Recovered; readonly isEmpty: boolean } {
  const rest = found.records[Symbol.iterator]();
  const first = rest.next();
  function* records(): Generator<Uint8Array> {
    for (let next = first; !next.done; next = rest.next()) yield next.value;
  }
  return { opened: { ...found, records: records() }, isEmpty: found.checkpoint === undefined && first.done === true };
}

const TYPES = ["admitted", "emptied", "whole", "voter"] as const;
const NAME_BYTES_MAX = 64;

function encodeMemory(memory: Memory): Uint8Array {
  const writer = new ByteWriter().u8(TYPES.indexOf(memory.type));
  if (memory.type === "emptied") writer.u53(memory.wholeAfter);
  if (memory.type === "voter") writer.text(memory.name);
  return writer.finish();
}

function readMemory(reader: ByteReader): Memory {
  const type = TYPES[reader.u8()];
  if (type === undefined) return reader.fail("a known memory", "another one");
  switch (type) {
    case "admitted":
    case "whole":
      return { type };
    case "emptied":
      return { type, wholeAfter: reader.u53() };
    case "voter":
      return { type, name: reader.text(NAME_BYTES_MAX) };
  }
}

/**
 * A blob store of a simulated disk. A power cut keeps any of the changes that were under way, and a blob can rot.
 */
import {
  addressOfBlob,
  type BlobAddress,
  BlobDamagedError,
  BlobMissingError,
  type BlobStore,
  type SeededRandom,
} from "@void-system/effects";
import { SimulationUseError } from "../errors.ts";
import { expectBytes } from "./expect-bytes.ts";

/** Durable blobs of one store. */
export type StoredBlobs = Map<BlobAddress, {
  readonly bytes: Uint8Array;
  /** Its bytes have changed on the disk. */
  rotten: boolean;
}>;

/** A change that is under way. */
type Change =
  | {
      readonly type: "put";
      readonly address: BlobAddress;
      /** Bytes as they were at the call. */
      readonly bytes: Uint8Array;
      /** Bytes as the caller holds them. */
      readonly given: Uint8Array;
      readonly done: (stored: BlobAddress | Error) => void;
    }
  | { readonly type: "drop"; readonly addresses: readonly BlobAddress[]; readonly done: (failure?: Error) => void };

/** The parts of a {@link SimulatedBlobs}. */
export interface SimulatedBlobsParts {
  /** Name of the store, for errors. */
  readonly name: string;
  readonly stored: StoredBlobs;
  /** Runs a task after the time of one operation of the disk, if the life still lasts. */
  readonly later: (what: string, run: () => void) => void;
  /** Returns the reason why no write succeeds now. */
  readonly trouble: () => Error | undefined;
}

/** A blob store as opened by one life of a node. */
export class SimulatedBlobs implements BlobStore {
  readonly #parts: SimulatedBlobsParts;
  /** Changes under way, oldest first. They complete in this order, whatever time each of them takes. */
  readonly #changes: Change[] = [];
  /** Blobs that this life has found rotten. A put replaces no others. */
  readonly #damaged = new Set<BlobAddress>();

  constructor(parts: SimulatedBlobsParts) {
    this.#parts = parts;
  }

  put(bytes: Uint8Array, done: (stored: BlobAddress | Error) => void): void {
    expectBytes("a blob", bytes);
    this.#begin("put", { type: "put", address: addressOfBlob(bytes), bytes: new Uint8Array(bytes), given: bytes, done });
  }

  get(address: BlobAddress, done: (found: Uint8Array | Error) => void): void {
    const { name, stored, later } = this.#parts;
    later("get", () => {
      const blob = stored.get(address);
      if (!blob) done(new BlobMissingError(name, address));
      else if (!blob.rotten) done(blob.bytes.slice());
      else {
        this.#damaged.add(address);
        done(new BlobDamagedError(name, address));
      }
    });
  }

  drop(addresses: Iterable<BlobAddress>, done: (failure?: Error) => void): void {
    this.#begin("drop", { type: "drop", addresses: [...addresses], done });
  }

  /** Ends the store with its process. Without `random` no change under way survives. */
  crash(random: SeededRandom | undefined): void {
    if (!random) return;
    for (const change of this.#changes) {
      if (change.type === "put") {
        if (random.chance(0.5)) this.#store(change);
      } else {
        for (const address of change.addresses) if (random.chance(0.5)) this.#parts.stored.delete(address);
      }
    }
  }

  #begin(what: string, change: Change): void {
    this.#changes.push(change);
    this.#parts.later(what, () => {
      const oldest = this.#changes.shift();
      if (oldest) this.#complete(oldest);
    });
  }

  #complete(change: Change): void {
    const trouble = this.#parts.trouble();
    if (change.type === "drop") {
      // A full disk has room for a removal.
      for (const address of change.addresses) this.#parts.stored.delete(address);
      change.done();
    } else if (trouble) {
      change.done(trouble);
    } else {
      this.#store(change);
      change.done(change.address);
    }
  }

  #store({ address, bytes, given }: Extract<Change, { readonly type: "put" }>): void {
    if (given.some((byte, at) => byte !== bytes[at])) {
      throw new SimulationUseError("a blob that does not change before its put is done", "one that changed");
    }
    if (this.#parts.stored.has(address) && !this.#damaged.delete(address)) return;
    this.#parts.stored.set(address, { bytes, rotten: false });
  }
}

/**
 * A blob store in memory.
 */
import type { BlobAddress } from "../brand.ts";
import { BlobMissingError } from "../errors.ts";
import type { BlobStore, Clock, OpenedBlobs } from "../world.ts";
import { addressOfBlob } from "./blob-address.ts";

/** A {@link BlobStore} whose contents are lost with the process. */
export class MemoryBlobs implements BlobStore {
  readonly #name: string;
  readonly #clock: Pick<Clock, "schedule">;
  readonly #stored = new Map<BlobAddress, Uint8Array>();

  constructor(name: string, clock: Pick<Clock, "schedule">) {
    this.#name = name;
    this.#clock = clock;
  }

  opened(): OpenedBlobs {
    return { blobs: this, addresses: [...this.#stored.keys()].sort() };
  }

  put(bytes: Uint8Array, done: (stored: BlobAddress | Error) => void): void {
    const address = addressOfBlob(bytes);
    const copy = new Uint8Array(bytes);
    this.#clock.schedule(0, () => {
      this.#stored.set(address, copy);
      done(address);
    });
  }

  get(address: BlobAddress, done: (found: Uint8Array | Error) => void): void {
    this.#clock.schedule(0, () => done(this.#stored.get(address)?.slice() ?? new BlobMissingError(this.#name, address)));
  }

  drop(addresses: Iterable<BlobAddress>, done: (failure?: Error) => void): void {
    const gone = [...addresses];
    this.#clock.schedule(0, () => {
      for (const address of gone) this.#stored.delete(address);
      done();
    });
  }
}

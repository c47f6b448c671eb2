import { compareTimestamps, type HLCTimestamp, type TimestampFields } from "../../timestamp/timestamp.ts";

/** The value of a key from a time on; undefined after a deletion. */
export interface Version {
  readonly at: HLCTimestamp;
  readonly value: Uint8Array | undefined;
}

/** A version, and the key that it is of. */
export interface KeyVersion extends Version {
  readonly key: Uint8Array;
}

/**
 * The past of the few keys into whose past something was merged: their versions but the live one, oldest first. The log
 * cannot hold them, because it only grows at its end.
 */
export class SideHistory {
  readonly #keys = new Map<string, Version[]>();

  /** Number of keys. */
  get size(): number {
    return this.#keys.size;
  }

  /** Returns the versions of a key, for changes in place. */
  get(name: string): Version[] | undefined {
    return this.#keys.get(name);
  }

  /** Takes over the past of a key. */
  set(name: string, versions: Version[]): void {
    this.#keys.set(name, versions);
  }

  /** Returns all keys and their versions, for an iteration during which they may change. */
  entries(): readonly (readonly [name: string, versions: Version[]])[] {
    return [...this.#keys];
  }

  /**
   * Drops versions that no read at `kept` or later can see, and keys that have none left.
   *
   * @param liveAt - Returns the time of a key's live version.
   * @param dropped - Called for each version.
   * @param left - Called for each key without a past.
   */
  trim(kept: TimestampFields, liveAt: (name: string) => HLCTimestamp | undefined, dropped: (name: string, version: Version) => void, left: (name: string) => void): void {
    for (const [name, versions] of this.#keys) {
      const live = liveAt(name);
      const seen = versionsUntil(versions, kept);
      const isOver = (live && compareTimestamps(live, kept) <= 0) || versions[seen - 1]?.value === undefined;
      for (const version of versions.splice(0, isOver ? seen : seen - 1)) dropped(name, version);
      if (versions.length > 0) continue;
      this.#keys.delete(name);
      left(name);
    }
  }
}

/** Returns the number of versions that are not after `at`. */
export function versionsUntil(versions: readonly Version[], at: TimestampFields): number {
  let count = versions.length;
  while (count > 0 && compareTimestamps(versions[count - 1]?.at ?? at, at) > 0) count -= 1;
  return count;
}

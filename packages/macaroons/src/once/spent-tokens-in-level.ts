import type { LeasedSpentTokens } from "./spent-tokens.ts";

/** Expired tokens that one call forgets, at most: so that no single request pays for all. */
export const SPENT_FORGOTTEN_MAX = 1000;

/** The part of a database that the store uses. Every `abstract-level` 3 database or sublevel of texts fits. */
export interface SpentDatabase {
  /** Returns the value of a key, or undefined. */
  get(key: string): Promise<string | undefined>;
  /** Writes all or nothing, durably if the database can. */
  batch(changes: SpentChange[], options: { sync: true }): Promise<void>;
  /** Returns keys in order. */
  keys(options: { gte: string; lt: string; limit: number }): SpentKeys;
}

/** A write to a {@link SpentDatabase}. */
export type SpentChange = { type: "put"; key: string; value: string } | { type: "del"; key: string };

/** Iterator over keys of a {@link SpentDatabase}. */
export interface SpentKeys {
  /** Returns all of the keys. */
  all(): Promise<string[]>;
}

/** Value of a token's key. Held until null: used up. */
interface Entry {
  readonly expiresAtMs: number;
  readonly fence: number;
  readonly heldUntilMs: number | null;
}

const TOKEN = "token:";
const EXPIRY = "expiry:";
const FORGOTTEN = "forgotten";
const LAST_FENCE = "last fence";
const TIME_DIGITS = 16;

/**
 * Remembers used tokens in an `abstract-level` database, over restarts. One process has the database open, and one store
 * of this class in it: the store decides one claim after the other. A use counts when it is on the disk.
 *
 * @example
 * ```ts
 * import { CapabilityManager, MacaroonFactory, SpentTokensInLevel, createStandardVerifier } from "@void-system/macaroons";
 * import { MemoryLevel } from "memory-level";
 *
 * const spent = new SpentTokensInLevel(new MemoryLevel<string, string>());
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const manager = new CapabilityManager(factory, createStandardVerifier(), { spent });
 * const token = factory.mint(["time < 2000", "once"]).encode();
 * const context = { timeMs: 1000, resource: "/a", operation: "read" };
 * (await manager.consume(token, context)).ok; // => true
 * (await manager.consume(token, context)).ok; // => false
 * ```
 */
export class SpentTokensInLevel implements LeasedSpentTokens {
  readonly #database: SpentDatabase;
  /** Ends with the last call: each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: SpentDatabase) {
    this.#database = database;
  }

  async claim(name: string, expiresAtMs: number, nowMs: number): Promise<boolean> {
    return (await this.#inTurn(() => this.#take(name, expiresAtMs, nowMs, null))) !== false;
  }

  async reserve(name: string, expiresAtMs: number, nowMs: number, leaseUntilMs: number): Promise<number | false> {
    return await this.#inTurn(() => this.#take(name, expiresAtMs, nowMs, leaseUntilMs));
  }

  async commit(name: string, fence: number): Promise<boolean> {
    return await this.#inTurn(async () => {
      const entry = await this.#entry(name);
      if (entry?.fence !== fence) return false;
      if (entry.heldUntilMs !== null) await this.#write([put(name, { ...entry, heldUntilMs: null })]);
      return true;
    });
  }

  async abort(name: string, fence: number): Promise<void> {
    await this.#inTurn(async () => {
      const entry = await this.#entry(name);
      if (entry?.fence === fence && entry.heldUntilMs !== null) await this.#write([put(name, { ...entry, heldUntilMs: 0 })]);
    });
  }

  async #take(name: string, expiresAtMs: number, nowMs: number, heldUntilMs: number | null): Promise<number | false> {
    const forgottenMs = await this.#forget(nowMs);
    // A clock that went back: this name may be among those forgotten.
    if (!(expiresAtMs > forgottenMs)) return false;
    const entry = await this.#entry(name);
    if (entry !== undefined && (entry.heldUntilMs === null || entry.heldUntilMs > nowMs)) return false;
    const fence = Number((await this.#database.get(LAST_FENCE)) ?? 0) + 1;
    const next = { expiresAtMs: Math.max(expiresAtMs, entry?.expiresAtMs ?? 0), fence, heldUntilMs };
    const moved: SpentChange[] = entry === undefined ? [] : [{ type: "del", key: expiryKey(entry.expiresAtMs, name) }];
    const index: SpentChange = { type: "put", key: expiryKey(next.expiresAtMs, name), value: "" };
    await this.#write([...moved, put(name, next), index, { type: "put", key: LAST_FENCE, value: `${fence}` }]);
    return fence;
  }

  /** Forgets what has expired, and returns the latest end that was ever forgotten. */
  async #forget(nowMs: number): Promise<number> {
    const forgottenMs = Number((await this.#database.get(FORGOTTEN)) ?? -1);
    if (!(nowMs >= 0)) return forgottenMs;
    const keys = await this.#database.keys({ gte: EXPIRY, lt: expiryKey(Math.floor(nowMs) + 1, ""), limit: SPENT_FORGOTTEN_MAX }).all();
    const last = keys.at(-1);
    if (last === undefined) return forgottenMs;
    const latestMs = Math.max(forgottenMs, Number(last.slice(EXPIRY.length, EXPIRY.length + TIME_DIGITS)));
    const gone = keys.flatMap((key): SpentChange[] => [
      { type: "del", key },
      { type: "del", key: TOKEN + key.slice(EXPIRY.length + TIME_DIGITS + 1) },
    ]);
    await this.#write([...gone, { type: "put", key: FORGOTTEN, value: `${latestMs}` }]);
    return latestMs;
  }

  async #entry(name: string): Promise<Entry | undefined> {
    const text = await this.#database.get(TOKEN + name);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async #write(changes: SpentChange[]): Promise<void> {
    await this.#database.batch(changes, { sync: true });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    // The next one waits for the end of this, good or bad.
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function put(name: string, entry: Entry): SpentChange {
  return { type: "put", key: TOKEN + name, value: JSON.stringify(entry) };
}

/** Sorts by time: of a fixed number of digits, and rounded up, since the name must be kept until the very end. */
function expiryKey(expiresAtMs: number, name: string): string {
  return `${EXPIRY}${String(Math.ceil(expiresAtMs)).padStart(TIME_DIGITS, "0")}:${name}`;
}

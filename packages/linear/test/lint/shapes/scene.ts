/** Declarations for the programs of the lint suite that have the shapes of real services. */
import type { LinearResource } from "../../../src/index.ts";

export { AffineResource, LinearContext, LinearResource } from "../../../src/index.ts";

export interface Row {
  readonly id: string;
  readonly count: number;
}
export interface Conn {
  query(sql: string, ...values: readonly unknown[]): Promise<readonly Row[]>;
  ping(): boolean;
  end(): void;
}
/** A connection that its holder must give back. */
export type Lease = LinearResource<Conn>;
export interface Pool {
  take(): Promise<Lease>;
  tryTake(): Lease | undefined;
  put(lease: Lease): void;
}
export declare const pool: Pool;
export declare function openConn(url: string): Promise<Lease>;
export declare function giveBack(lease: Lease): void;
export declare function discard(lease: Lease, cause?: unknown): Promise<void>;
/** @borrows lease */
export declare function countRows(lease: Lease): Promise<number>;
/** @borrows lease */
export declare function isAlive(lease: Lease): boolean;

/** A transaction: committed or rolled back, once. */
export interface Tx {
  readonly "~linear": "exactly-once";
  readonly id: string;
  /** @consumes */
  commit(): Promise<void>;
  /** @consumes */
  rollback(): Promise<void>;
  run(sql: string, ...values: readonly unknown[]): Promise<readonly Row[]>;
}
/** @borrows lease */
export declare function begin(lease: Lease): Promise<Tx>;

/** A message of a queue: acknowledged or refused, once. */
export interface Delivery {
  readonly "~linear": "exactly-once";
  readonly body: string;
  readonly attempt: number;
  /** @consumes */
  ack(): void;
  /** @consumes */
  nack(reason?: string): void;
}
export interface Queue {
  receive(): Promise<Delivery | undefined>;
  poll(): Delivery | null;
  deliveries(): AsyncIterable<Delivery>;
  batch(max: number): Promise<Delivery[]>;
}
export declare const queue: Queue;

/** A place under a limit of concurrency. */
export type Permit = LinearResource<number>;
export interface Semaphore {
  enter(): Promise<Permit>;
  tryEnter(): Permit | null;
  leave(permit: Permit): void;
}
export declare const semaphore: Semaphore;

export interface FileHandle {
  readonly "~linear": "exactly-once";
  /** @consumes */
  close(): Promise<void>;
  read(bytes: number): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
}
export declare function openFile(path: string): Promise<FileHandle>;
export declare function openPair(): Promise<{ readonly reader: FileHandle; readonly writer: FileHandle }>;
export declare function openBoth(): [FileHandle, FileHandle];

export interface Request {
  readonly path: string;
  readonly body: string;
  readonly signal: { throwIfAborted(): void };
  on(event: "close" | "data", listener: () => void): void;
}
export interface Reply {
  status(code: number): Reply;
  send(body: unknown): void;
}
export declare const app: {
  get(path: string, handler: (request: Request, reply: Reply) => void | Promise<void>): void;
  post(path: string, handler: (request: Request, reply: Reply) => void | Promise<void>): void;
};
export declare const log: { info(text: string, ...more: readonly unknown[]): void; error(text: string, cause?: unknown): void };
export declare function bytesOf(text: string): Uint8Array;
export declare function sleep(ms: number): Promise<void>;
export declare function handle(body: string): Promise<void>;
export declare function retriable(error: unknown): boolean;
export declare const settings: { readonly retries: number; readonly debug: boolean; readonly mode: "fast" | "safe" };

/** Programs with effects, in the types of @void-system/effects. */
export interface Need<K extends string> {
  readonly "~need": K;
}
export interface Eff<R, A> {
  [Symbol.iterator](): Iterator<R, A, unknown>;
}
export declare const Clock: { now(): Eff<Need<"clock">, number>; sleep(ms: number): Eff<Need<"clock">, void> };
export declare const Net: {
  send(to: string, bytes: Uint8Array): Eff<Need<"net">, boolean>;
  linked(to: string): Eff<Need<"net">, boolean>;
  receive(): Eff<Need<"net">, string>;
};
export declare function spawn<R, A>(body: () => Eff<R, A>): Eff<R, { join(): Eff<never, A> }>;
export declare function all<R, A>(bodies: readonly (() => Eff<R, A>)[]): Eff<R, readonly A[]>;
export declare function ensure<R, A>(body: () => Eff<R, A>, cleanup: () => Eff<R, void>): Eff<R, A>;
export declare function run<A>(body: () => Eff<Need<"clock"> | Need<"net">, A>): Promise<A>;

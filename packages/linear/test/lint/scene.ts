/** Declarations for the programs of the lint suite: a linear value, its makers and its consumers. */
import type { AffineResource, LinearResource } from "../../src/index.ts";

export { AffineResource, LinearContext, LinearResource } from "../../src/index.ts";

export type R = LinearResource<number>;
export type A = AffineResource<number>;

/** A program's own handle, linear by its brand. */
export interface Handle {
  readonly "~linear": "exactly-once";
  /** @consumes */
  close(): void;
  read(): number;
}

export declare function make(): R;
export declare function makeAffine(): A;
export declare function makeAsync(): Promise<R>;
export declare function maybe(): R | undefined;
export declare function open(): Handle;
export declare function take(resource: R): void;
export declare function takeAsync(resource: R): Promise<void>;
/** @borrows resource */
export declare function peek(resource: R): number;
/** @consumes value */
export declare function swallow(value: unknown): void;
export declare function show(...values: unknown[]): void;
export declare function fail(): never;
export declare function assertNever(value: never): never;
export declare function assertOpen(resource: R): asserts resource is R;
export declare function isOpen(resource: R): resource is R;
export declare function later(work: () => void): void;
/** Passes a value to the callback. */
export declare function give(to: (resource: R) => void): void;
/** @borrows to - it gives the value back */
export declare function lend(to: (resource: R) => void): void;
export declare function each<T>(all: readonly T[], visit: (one: T) => void): void;
/** Callbacks as the methods of an object. */
export interface Sink {
  accept(resource: R): void;
  /** @borrows resource */
  look(resource: R): void;
}
export declare function work(): void;
export declare function workAsync(): Promise<void>;
export declare const c: boolean;
export declare const d: boolean;
export declare const kind: "a" | "b";
export declare const items: readonly number[];
export declare const handles: R[];
export declare const table: Map<string, R>;
export declare const shape: { readonly type: "circle"; readonly r: 1 } | { readonly type: "square"; readonly a: 2 };

/**
 * Calls of node:crypto that take time on a node's thread.
 */
import type { CpuWork } from "./cpu-costs.ts";

/** A function that costs time when a node's code calls it. */
export interface MeteredCall {
  readonly owner: object;
  readonly key: string;
  readonly work: CpuWork;
  /** Pieces of work in one call. Parts of a message are charged by their length alone. */
  readonly times: 0 | 1;
  /** Index of the argument that is the input, if its length matters. */
  readonly input?: number;
}

/** Returns the metered calls of the given copy of node:crypto. */
export function meteredCalls(crypto: typeof import("node:crypto")): readonly MeteredCall[] {
  const calls: readonly MeteredCall[] = [
    { owner: crypto, key: "sign", work: "sign", times: 1, input: 1 },
    { owner: crypto, key: "verify", work: "verify", times: 1, input: 1 },
    { owner: crypto, key: "hash", work: "hash", times: 1, input: 1 },
    { owner: crypto, key: "diffieHellman", work: "agree", times: 1 },
    // Prototypes are patched, since objects of these classes may be older than the run.
    { owner: crypto.Hash.prototype, key: "update", work: "hash", times: 0, input: 0 },
    { owner: crypto.Hash.prototype, key: "digest", work: "hash", times: 1 },
    { owner: crypto.Hmac.prototype, key: "update", work: "mac", times: 0, input: 0 },
    { owner: crypto.Hmac.prototype, key: "digest", work: "mac", times: 1 },
  ];
  return calls.filter(({ owner, key }) => key in owner);
}

/** Returns the length of a call's input in bytes. Text counts its UTF-16 code units. */
export function inputBytes({ input }: MeteredCall, given: readonly unknown[]): number {
  const value = input === undefined ? undefined : given[input];
  if (typeof value === "string") return value.length;
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? value.byteLength : 0;
}

import { readFileSync } from "node:fs";
import { fromBif } from "../../src/networks/index.ts";
import type { DiscreteNetwork, NestedNumbers, States } from "../../src/networks/index.ts";



/** One network of `vectors/networks.json`, with answers of three engines. */
export interface NetworkVector {
  readonly bif: string;
  readonly nodes: number;
  readonly arcs: number;
  readonly marginals: Readonly<Record<string, readonly number[]>>;
  readonly queries: readonly {
    readonly id: string;
    readonly query: readonly string[];
    readonly evidence: States;
    readonly do: States;
    readonly p: NestedNumbers;
    readonly pEvidence: number;
  }[];
  readonly mpe: readonly { readonly evidence: States; readonly logp: number }[];
}

export const VECTORS: Readonly<Record<string, NetworkVector>> = JSON.parse(
  readFileSync(new URL("../vectors/networks.json", import.meta.url), "utf8"),
).bn;

/** The text of a network of the vectors. */
export function bifOf({ bif }: NetworkVector): string {
  return readFileSync(new URL(`../vectors/${bif}`, import.meta.url), "utf8");
}

export function networkOf(vector: NetworkVector): DiscreteNetwork {
  return fromBif(bifOf(vector));
}

export function flat(numbers: NestedNumbers): readonly number[] {
  return numbers.flatMap((item) => (typeof item === "number" ? [item] : flat(item)));
}

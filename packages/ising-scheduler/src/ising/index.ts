export { BinaryQuadraticModel } from "../qubo/bqm.ts";
export type { Couplings, Vartype } from "../qubo/bqm.ts";
export { anneal } from "./anneal.ts";
export type { Annealed, AnnealOptions } from "./anneal.ts";
export { fromCoo, toCoo } from "./coo.ts";
export { fromDimod, toDimod } from "./dimod.ts";
export { FormatError, VARIABLES_MAX } from "./format.ts";
export { fromBQM } from "./spins.ts";
export type { Spins } from "./spins.ts";

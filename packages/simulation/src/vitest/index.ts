/**
 * Scenarios as tests of vitest.
 *
 * @packageDocumentation
 */
export { simulation, type SaveOptions, type SimulationTestOptions } from "./simulation.ts";
export { SimulationFailedError } from "../errors.ts";

/** The generator and the sources that are judged by it, as one module for the benches. */
export * from "../../src/index.ts";
export { generateIncident } from "./incidents.ts";

export * from "./clock.ts";
export * from "./coarse-clock.ts";
export * from "./quarantine.ts";
export * from "./shared-clock.ts";

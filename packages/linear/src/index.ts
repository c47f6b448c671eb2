export * from "./refinements.ts";
export * from "./resources.ts";

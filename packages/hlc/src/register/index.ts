export * from "./lww-register.ts";
export * from "./value-codec.ts";

import { concatBytes } from "@void-system/bytes";
import { SEAL_BYTES } from "./limits.ts";

const encoder = /* @__PURE__ */ new TextEncoder();
const TOKEN = /* @__PURE__ */ encoder.encode("void-macaroons/1 token\n");
const DISCHARGE = /* @__PURE__ */ encoder.encode("void-macaroons/1 discharge\n");

/** Returns what a token's seal covers beside the chain: the caller's binding, such as the digest of a command. */
export function tokenBinding(binding: Uint8Array): Uint8Array {
  return concatBytes([TOKEN, binding]);
}

/** Returns what a discharge's seal covers beside its chain: the name and the seal of the token. It serves no other token. */
export function dischargeBinding(name: string, sealed: Uint8Array): Uint8Array {
  return concatBytes([DISCHARGE, encoder.encode(name), sealed.subarray(-SEAL_BYTES)]);
}

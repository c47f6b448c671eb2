/**
 * Purpose of a capability. `ADMIN` stands for every operation.
 *
 * @example
 * ```ts
 * import { CapabilityType } from "@void-system/macaroons";
 * CapabilityType.READ; // => "read"
 * ```
 */
export const CapabilityType = {
  /** To see. */
  READ: "read",
  /** To change. */
  WRITE: "write",
  /** To run. */
  EXECUTE: "execute",
  /** Every operation. */
  ADMIN: "admin",
} as const;

/** One of the values of {@link CapabilityType}. */
export type CapabilityType = (typeof CapabilityType)[keyof typeof CapabilityType];

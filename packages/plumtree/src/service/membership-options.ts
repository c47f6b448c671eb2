import { peerId } from "@void-system/effects";
import { InvalidOptionError } from "../errors.ts";
import { RECORD_BYTES_MAX, WALK_LINKS_MAX } from "../limits.ts";
import type { ReadRecord, ViewLimits } from "../membership/member.ts";
import type { MembershipParts } from "../protocol/core.ts";

/** Membership of a `PlumtreeNode`, which finds its neighbours itself. */
export interface MembershipOptions extends Partial<ViewLimits> {
  /** This node's own record, at most 1,024 bytes. It names the node and the address where others dial it. */
  readonly record: Uint8Array;
  /** Reads and verifies the records of others. */
  readonly readRecord: ReadRecord;
  /** Members by which this node joins, each with its address. The first node of a network has none. @defaultValue none */
  readonly contacts?: readonly { readonly name: string; readonly address: string }[];
  /**
   * `full`: links with all others, for networks of up to 65 nodes. `partial`: links with a few, for thousands.
   * @defaultValue "full"
   */
  readonly view?: "full" | "partial";
}

/** Limits of views that hold a whole small network. */
export const FULL_VIEW: ViewLimits = { activeMax: 64, passiveMax: 64, walkLinks: 0, shuffleMs: 10_000, repairMs: 500 };
/** Limits of views that hold a part of a large one, as in the paper. */
export const PARTIAL_VIEW: ViewLimits = { activeMax: 5, passiveMax: 30, walkLinks: 6, shuffleMs: 10_000, repairMs: 500 };

const NAMES = ["record", "readRecord", "contacts", "view"] as const;

/**
 * Checks the membership options of a node.
 *
 * @throws {@link InvalidOptionError} for an unknown name, and for a value that cannot work.
 */
export function membershipFrom(options: MembershipOptions, seed: number): MembershipParts {
  const { record, readRecord, contacts = [], view = "full", ...given } = options;
  checkRecord(record);
  if (typeof readRecord !== "function") throw new InvalidOptionError("membership.readRecord", "a function", readRecord);
  if (view !== "full" && view !== "partial") throw new InvalidOptionError("membership.view", `"full" or "partial"`, view);
  if (!Array.isArray(contacts)) throw new InvalidOptionError("membership.contacts", "an array of names and addresses", contacts);
  const defaults = view === "full" ? FULL_VIEW : PARTIAL_VIEW;
  const limits = { ...defaults, ...given };
  for (const [name, value] of Object.entries(limits)) checkLimit(name, value);
  return { record, readRecord, contacts: contacts.map(contact), limits, seed };
}

/** @throws {@link InvalidOptionError} for a record that no frame can carry. */
export function checkRecord(record: unknown): void {
  if (!(record instanceof Uint8Array) || record.length === 0 || record.length > RECORD_BYTES_MAX)
    throw new InvalidOptionError("membership.record", `1 to ${RECORD_BYTES_MAX} bytes`, record);
}

function checkLimit(name: string, value: unknown): void {
  if (!Object.hasOwn(FULL_VIEW, name))
    throw new InvalidOptionError(`membership.${name}`, `left out: the names are ${[...NAMES, ...Object.keys(FULL_VIEW)].join(", ")}`, value);
  const isTime = name.endsWith("Ms");
  const least = name === "walkLinks" ? 0 : 1;
  const isFit = typeof value === "number" && value >= least && Number.isFinite(value) && (isTime || Number.isInteger(value));
  const most = name === "walkLinks" ? WALK_LINKS_MAX : Number.POSITIVE_INFINITY;
  if (!isFit || value > most)
    throw new InvalidOptionError(`membership.${name}`, isTime ? "a positive number" : `a whole number of ${least}${most < Infinity ? ` to ${most}` : " or more"}`, value);
}

function contact(given: unknown, index: number): MembershipParts["contacts"][number] {
  const name: unknown = typeof given === "object" && given !== null && "name" in given ? given.name : undefined;
  const address: unknown = typeof given === "object" && given !== null && "address" in given ? given.address : undefined;
  if (typeof name !== "string" || typeof address !== "string")
    throw new InvalidOptionError(`membership.contacts[${index}]`, "a name and an address", given);
  return { name: peerId(name), address };
}

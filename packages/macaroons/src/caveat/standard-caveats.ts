/** The caveats that standard verifiers understand. Each has one form; anything else is unknown, and fails. */
import type { CapabilityContext, CaveatKind, ContextOf, Fields, ResourceScope } from "./caveat-kind.ts";
import { type CaveatDefinition, defineCaveat } from "./define-caveat.ts";
import { isInNetwork, parseIp, parseNetwork } from "./ip-address.ts";
import { optionalFields } from "./optional-fields.ts";

/** The operation that stands for all. */
const ADMIN = "admin";

const MILLISECONDS = "(0|[1-9][0-9]{0,15})";
const OPERATIONS = "([a-z][a-z0-9_-]*(?:,[a-z][a-z0-9_-]*)*)";
const METHODS = "([A-Z][A-Z-]*(?:,[A-Z][A-Z-]*)*)";
const ADDRESS_CHARACTERS = "0-9a-fA-F:.";

/** Definition of a kind whose texts are a word or two and a content. */
type Content<F extends Fields, V> = Omit<CaveatDefinition<F, V>, "form" | "parse"> & { readonly read: (content: string) => V | undefined };

/** All kinds, in no order that matters: no text is of two. */
export const STANDARD_CAVEATS: readonly CaveatKind<CapabilityContext>[] = /* @__PURE__ */ standardCaveats();

function standardCaveats(): readonly CaveatKind<CapabilityContext>[] {
  return [
    kind("time < MILLISECONDS", `time < ${MILLISECONDS}`, {
      read: milliseconds,
      asks: { timeMs: "number" },
      // Asked so that a time that is no number (NaN) is refused.
      check: (expiresAtMs, { timeMs }) => timeMs < expiresAtMs,
      refusal: "expired",
      implies: (mine, other) => mine <= other,
      facts: (expiresAtMs) => ({ expiresAtMs }),
    }),
    kind("time >= MILLISECONDS", `time >= ${MILLISECONDS}`, {
      read: milliseconds,
      asks: { timeMs: "number" },
      check: (notBeforeMs, { timeMs }) => timeMs >= notBeforeMs,
      refusal: "not-yet-valid",
      implies: (mine, other) => mine >= other,
      facts: (notBeforeMs) => ({ notBeforeMs }),
    }),
    // Of one definition, since a caveat of either form can imply one of the other.
    kind("resource = PATH; resource under PATH", "resource ((?:=|under) .+)", {
      read: scopeOf,
      asks: { resource: "string" },
      check: (scope, { resource }) => isWithin(resource, scope),
      refusal: "wrong-resource",
      implies: (mine, other) => isWithin(mine.path, other) && (mine.kind === "exact" || other.kind === "under"),
      facts: ({ kind: of, path }) => ({ resource: { kind: of, path } }),
    }),
    kind("operation in NAME,NAME", `operation in ${OPERATIONS}`, {
      read: names,
      asks: { operation: "string" },
      check: (operations, { operation }) => operations.includes(operation) || operations.includes(ADMIN),
      refusal: "wrong-operation",
      implies: (mine, other) => other.includes(ADMIN) || isSubset(mine, other),
      facts: (operations) => ({ operations }),
    }),
    optionalFields(
      kind("user = NAME", "user = (.+)", {
        read: whole,
        asks: { user: "string" },
        check: (name, { user }) => user === name,
        refusal: "wrong-user",
        facts: (user) => ({ user }),
      }),
    ),
    optionalFields(
      kind("audience = NAME", "audience = (.+)", {
        read: whole,
        asks: { audience: "string" },
        check: (name, { audience }) => audience === name,
        refusal: "wrong-audience",
      }),
    ),
    optionalFields(
      kind("method in NAME,NAME", `method in ${METHODS}`, {
        read: names,
        asks: { method: "string" },
        check: (methods, { method }) => methods.includes(method),
        refusal: "wrong-method",
        implies: isSubset,
      }),
    ),
    optionalFields(
      kind("address = IP", `address = ([${ADDRESS_CHARACTERS}]{2,45})`, {
        read: parseIp,
        asks: { address: "string" },
        check: (wanted, { address }) => isInNetwork(parseIp(address) ?? [], { bytes: wanted, bits: wanted.length * 8 }),
        refusal: "wrong-address",
        edgeOnly: true,
      }),
    ),
    optionalFields(
      kind("address in NETWORK", `address in ([${ADDRESS_CHARACTERS}]{2,45}/[0-9]{1,3})`, {
        read: parseNetwork,
        asks: { address: "string" },
        check: (network, { address }) => isInNetwork(parseIp(address) ?? [], network),
        refusal: "wrong-address",
        implies: (mine, other) => mine.bits >= other.bits && isInNetwork(mine.bytes, other),
        edgeOnly: true,
      }),
    ),
    optionalFields(
      kind("body sha256 = HEX", "body sha256 = ([0-9a-f]{64})", {
        read: whole,
        asks: { bodySha256: "string" },
        check: (wanted, { bodySha256 }) => bodySha256 === wanted,
        refusal: "wrong-body",
      }),
    ),
    kind("delegations <= NUMBER", "delegations <= (0|[1-9][0-9]{0,2})", {
      read: Number,
      asks: {},
      check: (most, _, behind) => behind <= most,
      refusal: "delegated-too-often",
    }),
    // The context does not say if it was used already: the claim of the token reads the fact.
    kind("once", "(once)", { read: whole, asks: {}, check: () => true, facts: () => ({ once: true }) }),
  ];
}

function kind<const F extends Fields = Record<never, never>, V = unknown>(form: string, pattern: string, { read, ...more }: Content<F, V>): CaveatKind<ContextOf<F>> {
  const text = new RegExp(`^${pattern}$`, "su");
  // Literal, and enough to tell most texts of other kinds apart.
  const prefix = pattern.slice(0, pattern.indexOf("("));
  return defineCaveat({
    ...more,
    form,
    parse: (caveat) => {
      const content = caveat.startsWith(prefix) ? text.exec(caveat)?.[1] : undefined;
      return content === undefined ? undefined : read(content);
    },
  });
}

function whole(content: string): string {
  return content;
}

function names(content: string): readonly string[] {
  return content.split(",");
}

function milliseconds(content: string): number | undefined {
  const ms = Number(content);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function isSubset(mine: readonly string[], other: readonly string[]): boolean {
  return mine.every((name) => other.includes(name));
}

/** Path, and the beginning of everything that is under it. */
interface Scope extends ResourceScope {
  readonly folder: string;
}

function scopeOf(content: string): Scope {
  const path = content.slice(content.indexOf(" ") + 1);
  return { kind: content.startsWith("=") ? "exact" : "under", path, folder: path.endsWith("/") ? path : `${path}/` };
}

/** Whole segments only: `/apix` is not under `/api`. A path that climbs (`..`) is under nothing but the root. */
function isWithin(resource: string, { kind: of, path, folder }: Scope): boolean {
  if (resource === path) return true;
  if (of === "exact") return false;
  if (path === "/") return resource.startsWith("/");
  return resource.startsWith(folder) && !hasDotSegment(resource);
}

const DOT_SEGMENT = /(?:^|[/\\])\.\.?(?:[/\\]|$)/u;
let judged = "";
let judgedHas = false;

/**
 * The caveats of one token ask this of the same resource, one after the other, and a holder may add hundreds of them:
 * so the resource is searched once. Remembering the last answer changes no answer.
 */
function hasDotSegment(resource: string): boolean {
  if (resource === judged) return judgedHas;
  judgedHas = DOT_SEGMENT.test(resource);
  judged = resource;
  return judgedHas;
}

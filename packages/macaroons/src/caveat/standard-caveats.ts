/** The caveats that standard verifiers understand. Each has one form; anything else is unknown, and fails. */
import type { CapabilityContext, Caveat, CaveatKind, ResourceScope } from "./caveat-kind.ts";

/** The operation that stands for all. */
const ADMIN = "admin";

const MILLISECONDS = "(0|[1-9][0-9]{0,15})";
const OPERATIONS = "([a-z][a-z0-9_-]*(?:,[a-z][a-z0-9_-]*)*)";

/** All kinds, in no order that matters: no text is of two. */
export const STANDARD_CAVEATS: readonly CaveatKind[] = [
  kind("time < MILLISECONDS", `time < ${MILLISECONDS}`, (text) => {
    const expiresAtMs = Number(text);
    if (!Number.isSafeInteger(expiresAtMs)) return undefined;
    // Asked so that a time that is no number (NaN) is refused.
    const refuses = ({ timeMs }: CapabilityContext): "expired" | undefined => (timeMs < expiresAtMs ? undefined : "expired");
    return { refuses, asks: ["timeMs"], facts: { expiresAtMs } };
  }),
  kind("time >= MILLISECONDS", `time >= ${MILLISECONDS}`, (text) => {
    const notBeforeMs = Number(text);
    if (!Number.isSafeInteger(notBeforeMs)) return undefined;
    const refuses = ({ timeMs }: CapabilityContext): "not-yet-valid" | undefined =>
      timeMs >= notBeforeMs ? undefined : "not-yet-valid";
    return { refuses, asks: ["timeMs"], facts: { notBeforeMs } };
  }),
  kind("resource = PATH", "resource = (.+)", (path) => scoped({ kind: "exact", path })),
  kind("resource under PATH", "resource under (.+)", (path) => scoped({ kind: "under", path })),
  kind("operation in NAME,NAME", `operation in ${OPERATIONS}`, (text) => {
    const operations = text.split(",");
    const refuses = ({ operation }: CapabilityContext): "wrong-operation" | undefined =>
      operations.includes(operation) || operations.includes(ADMIN) ? undefined : "wrong-operation";
    return { refuses, asks: ["operation"], facts: { operations } };
  }),
  kind("user = NAME", "user = (.+)", (user) => ({
    refuses: (context) => (context.user === user ? undefined : "wrong-user"),
    asks: ["user"],
    facts: { user },
  })),
  // Whether it was used already is not in the context: whoever claims the token looks at the fact.
  kind("once", "(once)", () => ({ refuses: () => undefined, facts: { once: true } })),
];

function kind(form: string, pattern: string, make: (content: string) => Caveat | undefined): CaveatKind {
  const whole = new RegExp(`^${pattern}$`, "su");
  // Literal, and enough to tell most texts of other kinds apart.
  const prefix = pattern.slice(0, pattern.indexOf("("));
  return {
    form,
    parse: (text) => {
      if (!text.startsWith(prefix)) return undefined;
      const content = whole.exec(text)?.[1];
      return content === undefined ? undefined : make(content);
    },
  };
}

function scoped(resource: ResourceScope): Caveat {
  const folder = resource.path.endsWith("/") ? resource.path : `${resource.path}/`;
  const refuses = (context: CapabilityContext): "wrong-resource" | undefined =>
    isWithin(context.resource, resource, folder) ? undefined : "wrong-resource";
  return { refuses, asks: ["resource"], facts: { resource } };
}

/** Whole segments only: `/apix` is not under `/api`. A path that climbs (`..`) is under nothing but the root. */
function isWithin(resource: string, { kind, path }: ResourceScope, folder: string): boolean {
  if (resource === path) return true;
  if (kind === "exact") return false;
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

/**
 * The limits of a token on the command line: options into caveats, caveats into words. A caveat that no node honours is
 * refused here, since a token with it is useless wherever it is shown.
 */
import { OPERATIONS, type TokenLimits } from "../node/capability.ts";
import { UsageError } from "../errors.ts";

/** Options that limit a token. */
export interface LimitOptions {
  readonly resource?: string;
  readonly operation?: readonly string[];
  readonly expires?: string;
  readonly caveat?: readonly string[];
}

/** Options of a new token. */
export interface MintLimits extends LimitOptions {
  readonly all?: boolean;
  readonly forever?: boolean;
  readonly once?: boolean;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns the limits that narrow a token. @throws {@link UsageError} for one that no node honours. */
export function limitsOf({ resource, operation, expires, caveat = [] }: LimitOptions, nowMs: number): TokenLimits {
  if (resource !== undefined && !resource.startsWith("/")) {
    throw new UsageError(`expected --resource to be a path such as /kv/ or /kv/public, got ${resource}; no key lies under that`);
  }
  for (const name of operation ?? []) refuseOperation(name);
  for (const text of caveat) refuseDead(text, nowMs);
  return {
    ...(resource === undefined ? {} : { resource }),
    ...(operation === undefined ? {} : { operations: operation }),
    ...(expires === undefined ? {} : { expiresAtMs: nowMs + duration(expires) }),
  };
}

/** Returns the limits of a new token, whose scope and end must both be said. @throws {@link UsageError} when they are not. */
export function limitsOfNew(options: MintLimits, nowMs: number): TokenLimits {
  const { all, forever, once, resource, operation, expires } = options;
  if (once && expires === undefined) throw new UsageError("expected --expires beside --once, got none; a used token is remembered until it ends");
  if (all && (resource !== undefined || operation !== undefined)) throw new UsageError("expected --all, or --resource and --operation, got both");
  if (!all && (resource === undefined || operation === undefined)) {
    throw new UsageError("expected --resource and --operation, which say what the token permits, or --all for everything");
  }
  if (forever && expires !== undefined) throw new UsageError("expected --expires or --forever, got both");
  if (!forever && expires === undefined) throw new UsageError("expected --expires such as 12h or 30d, or --forever for a token that never ends; no token can be called back");
  const everything = all ? { resource: "/", operations: ["admin"] } : {};
  return { ...limitsOf(options, nowMs), ...everything, ...(once ? { once: true } : {}) };
}

/** Says in words what a token with these caveats permits. */
export function grantIn(caveats: readonly (string | null | undefined)[]): string {
  const of = (prefix: string): readonly string[] => caveats.flatMap((caveat) => (caveat?.startsWith(prefix) ? [caveat.slice(prefix.length)] : []));
  const operations = of("operation in ").join("; of these only ");
  const resources = of("resource under ").map((path) => (path === "/" ? "everything" : `${path} and all below`)).join("; of that only ");
  const ends = of("time < ").map(Number);
  const others = caveats.filter((caveat) => !/^(operation in|resource under|time <) /.test(caveat ?? ""));
  const until = ends.length === 0 ? "forever" : `until ${new Date(Math.min(...ends)).toISOString()}`;
  return `grants ${operations || "every operation"} on ${resources || "everything"}, ${until}${others.map((caveat) => `, ${caveat ?? "with a caveat that is no text"}`).join("")}`;
}

function refuseOperation(name: string): void {
  if (OPERATIONS.some((known) => known === name)) return;
  throw new UsageError(`expected an operation out of ${OPERATIONS.join(", ")}, got ${name}; no node knows that one`);
}

/** @throws {@link UsageError} for a caveat under which every node refuses everything. */
function refuseDead(caveat: string, nowMs: number): void {
  if (caveat.startsWith("user = ")) throw new UsageError(`expected a caveat that nodes can judge, got ${caveat}; they know no users`);
  const operations = /^operation in (.*)$/s.exec(caveat)?.[1];
  for (const name of operations?.split(",") ?? []) refuseOperation(name);
  const endMs = /^time < (\d+)$/.exec(caveat)?.[1];
  if (endMs !== undefined && Number(endMs) <= nowMs) throw new UsageError(`expected an end to come, got ${caveat}, which is ${new Date(Number(endMs)).toISOString()}`);
}

function duration(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unitMs = UNITS_MS[match?.[2] ?? ""];
  if (!match || unitMs === undefined || Number(match[1]) === 0) throw new UsageError(`expected a duration such as 90s, 15m, 12h or 30d, got ${text}`);
  return Number(match[1]) * unitMs;
}

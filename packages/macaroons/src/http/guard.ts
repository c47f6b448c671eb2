import type { CapabilityContext } from "../caveat/caveat-kind.ts";
import type { Grant } from "../caveat/grant.ts";
import { refuseUnknown, requireFunctions } from "../options.ts";
import type { RefusalReason } from "../verify/judge.ts";
import type { TokenVerifier } from "../verify/token-verifier.ts";
import { challengeOf, readAuthorization } from "./headers.ts";

/** The part of Node's `IncomingMessage` that is read. */
export interface NodeRequest {
  /** Method of the request. */
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** Headers by lower-case name. */
  readonly headers: { readonly authorization?: string | undefined };
  /** Connection, for the address of the peer. */
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined;
}

/** A request of Fetch or of Node. */
export type GuardRequest = Request | NodeRequest;

/** A request, as caveats ask about it. */
export interface RequestParts {
  /** In capitals. */
  readonly method: string;
  /** Path, normalised and decoded. */
  readonly path: string;
  /** Address of the caller's connection, on Node. */
  readonly address: string | undefined;
}

/** Options of {@link createGuard}. */
export interface GuardOptions<P extends object, C extends object> {
  /** Name of what is protected, for `WWW-Authenticate`. */
  readonly realm: string;
  /** Returns the context of a request. Query and body are not part of the path: a caveat of your own can ask for them. */
  readonly contextOf: (parts: RequestParts, request: GuardRequest) => C | Promise<C>;
  /** Returns what else is presented: budgets and the binding of a public token. @defaultValue nothing */
  readonly presentedOf?: (parts: RequestParts, request: GuardRequest) => Omit<P, "discharges"> | Promise<Omit<P, "discharges">>;
}

/** Answer of a guard. */
export type GuardAnswer<C extends object> = Guarded<C> | Turned;

/** The request may go on. */
export interface Guarded<C extends object> {
  readonly ok: true;
  /** The token's rights. */
  readonly grant: Grant<C>;
  /** Path that was judged. Serve this one: another reading of the request's URL may name another resource. */
  readonly path: string;
}

/** The request is turned away. */
export interface Turned {
  readonly ok: false;
  /** 400 for a path that can be read in two ways, 401 for no good token, 403 for a good one that does not permit this. */
  readonly status: 400 | 401 | 403;
  /** Reason, for logs. */
  readonly reason: RefusalReason | "no-token" | "ambiguous-path";
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Judges a request. */
export type Guard<C extends object> = (request: GuardRequest) => Promise<GuardAnswer<C>>;

/** Refusals by the token itself. Every other is by a caveat, about this request. */
const UNAUTHENTICATED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "malformed",
  "unknown-key",
  "bad-signature",
  "bad-seal",
  "bad-sealed-key",
  "bad-discharge",
  "missing-discharge",
  "unused-discharge",
  "too-many-discharges",
  "discharge-too-deep",
  "third-party-caveat",
  "over-budget",
  "expired",
  "not-yet-valid",
  "revoked",
  "already-used",
  "once-without-end",
] satisfies RefusalReason[]);

/**
 * Returns a guard that judges the token in a request's `Authorization` header, and uses up a token with `once`. It never throws
 * for what a caller sends.
 *
 * @throws `OptionError` for an unknown option, or one of the wrong kind.
 * @example
 * ```ts
 * import { CapabilityManager, MacaroonFactory, createStandardVerifier } from "@void-system/macaroons";
 * import { createGuard, writeAuthorization } from "@void-system/macaroons/http";
 *
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const manager = new CapabilityManager(factory, createStandardVerifier());
 * const guard = createGuard(manager, {
 *   realm: "files",
 *   contextOf: ({ path, method }) => ({ timeMs: Date.now(), resource: path, operation: method === "GET" ? "read" : "write", method }),
 * });
 *
 * const headers = { authorization: writeAuthorization(factory.mint(["resource under /public", "operation in read"])) };
 * (await guard(new Request("https://files.example/public/a", { headers }))).ok; // => true
 * const turned = await guard(new Request("https://files.example/private", { headers }));
 * turned.ok ? undefined : turned.status; // => 403
 * ```
 */
export function createGuard<P extends object, C extends object = CapabilityContext>(verifier: TokenVerifier<P, C>, options: GuardOptions<P, C>): Guard<C> {
  refuseUnknown("createGuard", options, ["realm", "contextOf", "presentedOf"]);
  const { realm, contextOf, presentedOf } = options;
  requireFunctions("createGuard", contextOf, presentedOf ?? contextOf);
  const turned = (status: Turned["status"], reason: Turned["reason"]): Turned => {
    const error = reason === "no-token" ? undefined : reason;
    return { ok: false, status, reason, headers: status === 400 ? {} : { "www-authenticate": challengeOf({ realm, error }) } };
  };
  // Throws now for a realm that cannot stand in a header.
  challengeOf({ realm });
  return async (request) => {
    const parts = partsOf(request);
    if (parts === undefined) return turned(400, "ambiguous-path");
    const credentials = readAuthorization(authorizationOf(request));
    if (credentials === undefined) return turned(401, "no-token");
    const { token, discharges } = credentials;
    if (discharges.length > 0 && !verifier.takesDischarges) return turned(401, "unused-discharge");
    // A verifier that takes discharges has them in its P, as the check above holds; `presentedOf` gives the rest of P.
    const presented = { ...(await presentedOf?.(parts, request)), ...(discharges.length > 0 && { discharges }) } as unknown as P;
    const verdict = await verifier.consume(token, await contextOf(parts, request), presented);
    if (verdict.ok) return { ok: true, grant: verdict.grant, path: parts.path };
    return turned(UNAUTHENTICATED.has(verdict.reason) ? 401 : 403, verdict.reason);
  };
}

function authorizationOf({ headers }: GuardRequest): string | null | undefined {
  return headers instanceof Headers ? headers.get("authorization") : (headers as NodeRequest["headers"]).authorization;
}

function partsOf(request: GuardRequest): RequestParts | undefined {
  const { method = "GET", url = "/" } = request;
  const path = pathOf(url);
  const address = "socket" in request ? request.socket?.remoteAddress : undefined;
  return path === undefined ? undefined : { method: method.toUpperCase(), path, address };
}

/** Separators that are encoded, and what becomes one, or a dot, when it is decoded twice: one server does, another does not. */
const ENCODED_SEPARATOR = /%(?:25)*(?:2f|5c|00)|%(?:25)+2e/iu;

/** Returns the path of a URL as a file server would use it, or `undefined` where that depends on the server. */
function pathOf(url: string): string | undefined {
  try {
    // Node gives the path alone. A path that begins with two slashes is no host.
    const { pathname } = new URL(url.replace(/^\//u, "http://host/"));
    return ENCODED_SEPARATOR.test(pathname) ? undefined : decodeURIComponent(pathname);
  } catch {
    // No URL, or no UTF-8.
    return undefined;
  }
}

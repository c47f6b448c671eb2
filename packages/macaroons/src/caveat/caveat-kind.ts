/** Question to a token: may this be done, now? */
export interface CapabilityContext {
  /** The time of the verifier, in milliseconds since 1970. */
  readonly timeMs: number;
  /** Resource of the request, as it will be used: decoded and normalised before. */
  readonly resource: string;
  /** Operation on the resource. */
  readonly operation: string;
  /** User who asks, if known. */
  readonly user?: string | undefined;
  /** The caller's IP address, if that is known. */
  readonly address?: string | undefined;
}

/** The caller: the part of a context that stays the same for all requests of a session. */
export type Subject = Omit<CapabilityContext, "timeMs" | "resource" | "operation">;

/** A field of the context, by which a caveat says what it asks. */
export type ContextField = keyof CapabilityContext;

/** Reason of a caveat to refuse a context. Kinds of your own may say `caveat-refused`. */
export type CaveatRefusal =
  /** The context lacks a field that the caveat asks. */
  | "incomplete-context"
  | "expired"
  | "not-yet-valid"
  | "wrong-resource"
  | "wrong-operation"
  | "wrong-user"
  | "wrong-address"
  | "caveat-refused";

/** A caveat that was understood. */
export interface Caveat {
  /** Returns the reason to refuse the context, or `undefined` where it allows it. Pure: the same context, the same answer. */
  refuses(context: CapabilityContext): CaveatRefusal | undefined;
  /** Fields that it asks. A context that lacks one, or has it in another type, is refused before any caveat is judged. */
  readonly asks?: readonly ContextField[];
  /** Statements about the token as a whole, for callers that ask later. */
  readonly facts?: CaveatFacts;
}

/** Statements of a caveat about a token as a whole. Facts of several caveats hold together. */
export interface CaveatFacts {
  /** From this time on it is refused. */
  readonly expiresAtMs?: number;
  /** Before this time it is refused. */
  readonly notBeforeMs?: number;
  /** Operations that it is limited to. */
  readonly operations?: readonly string[];
  /** The resource that it is limited to, or the one under which it must lie. */
  readonly resource?: ResourceScope;
  /** The user that it is limited to. */
  readonly user?: string;
  /** It may be used one single time. */
  readonly once?: true;
}

/** One resource, or everything under it. */
export interface ResourceScope {
  readonly kind: "exact" | "under";
  /** The resource. */
  readonly path: string;
}

/** A kind of caveat that a verifier understands. */
export interface CaveatKind {
  /** Form of its text, for messages: `user = NAME`. */
  readonly form: string;
  /** The caveat of a text of this kind; `undefined` for any other text, and for one that it does not fully understand. */
  parse(text: string): Caveat | undefined;
}

/** Says of each field whether a context has it, in its type. */
const HAS = {
  timeMs: ({ timeMs }) => typeof timeMs === "number",
  resource: ({ resource }) => typeof resource === "string",
  operation: ({ operation }) => typeof operation === "string",
  user: ({ user }) => typeof user === "string",
  address: ({ address }) => typeof address === "string",
} as const satisfies Record<ContextField, (context: CapabilityContext) => boolean>;

/** Returns the fields that caveats ask, each once. */
export function fieldsAsked(caveats: readonly Caveat[]): readonly ContextField[] {
  const asked: ContextField[] = [];
  for (const { asks = [] } of caveats) for (const field of asks) if (!asked.includes(field)) asked.push(field);
  return asked;
}

/** Returns the first of these fields that the context does not have, or has in another type. */
export function missingField(asked: readonly ContextField[], context: CapabilityContext): ContextField | undefined {
  for (const field of asked) if (!HAS[field](context)) return field;
  return undefined;
}

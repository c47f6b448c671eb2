/** Question to a token: may this be done, now? What the standard caveats can ask; a verifier's own caveats may ask more. */
export interface CapabilityContext {
  /** The time of the verifier, in milliseconds since 1970. */
  readonly timeMs: number;
  /** Resource of the request, as it will be used: decoded and normalised before. */
  readonly resource: string;
  /** Operation on the resource. */
  readonly operation: string;
  /** User who asks, if known. */
  readonly user?: string | undefined;
  /** Service that judges, by the name that issuers know, if it has one. */
  readonly audience?: string | undefined;
  /** HTTP method of the request, in capitals, if there is one. */
  readonly method?: string | undefined;
  /** The caller's IP address, if that is known. */
  readonly address?: string | undefined;
  /** SHA-256 of the request's body, in lower-case hexadecimal, if there is one. */
  readonly bodySha256?: string | undefined;
}

/** The caller: the part of a context that stays the same for all requests of a session. */
export type Subject<C extends object = CapabilityContext> = Omit<C, "timeMs" | "resource" | "operation">;

/** Types that a caveat can ask of a field of the context. */
export interface FieldTypes {
  /** A text. */
  string: string;
  /** A number. */
  number: number;
  /** True or false. */
  boolean: boolean;
  /** Bytes. */
  bytes: Uint8Array;
}

/** A field of the context, in the type that a caveat asks. */
export interface AskedField {
  /** Name of the field. */
  readonly name: string;
  readonly type: keyof FieldTypes;
}

/** Fields of the context that a caveat asks, with their types. */
export type Fields = Readonly<Record<string, keyof FieldTypes>>;

/** Context that has these fields. */
export type ContextOf<F extends Fields> = { readonly [Name in keyof F]: FieldTypes[F[Name]] };

/** Reason of a caveat to refuse a context. Kinds of your own may say `caveat-refused`. */
export type CaveatRefusal =
  /** The context lacks a field that the caveat asks. */
  | "incomplete-context"
  | "expired"
  | "not-yet-valid"
  | "wrong-resource"
  | "wrong-operation"
  | "wrong-user"
  | "wrong-audience"
  | "wrong-method"
  | "wrong-address"
  | "wrong-body"
  | "delegated-too-often"
  | "caveat-refused";

/** A caveat that was understood. */
export interface Caveat<in C extends object = CapabilityContext> {
  /**
   * Returns the reason to refuse the context, or `undefined` where it allows it. Pure: the same context, the same answer.
   *
   * @param behind - number of links behind the caveat: later caveats of a macaroon, later blocks of a public token.
   */
  readonly refuses: (context: C, behind: number) => CaveatRefusal | undefined;
  /** Fields that it asks. A context that lacks one, or has it in another type, is refused before any caveat is judged. */
  readonly asks: readonly AskedField[];
  /** Statements about the token as a whole, for callers that ask later. */
  readonly facts: CaveatFacts;
  /** True if only the edge can judge it: see {@link CaveatDefinition.edgeOnly}. */
  readonly edgeOnly: boolean;
  /** Returns true if whatever this one allows, the other allows too, so that the other adds nothing. */
  readonly implies: (other: object) => boolean;
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

/** A kind of caveat that a verifier understands. Made by `defineCaveat`. */
export interface CaveatKind<in C extends object = CapabilityContext> {
  /** Form of its text, for messages: `user = NAME`. */
  readonly form: string;
  /** The caveat of a text of this kind; `undefined` for any other text, and for one that it does not fully understand. */
  readonly parse: (text: string) => Caveat<C> | undefined;
}

/** Context that all of these kinds ask for. */
export type ContextOfKinds<K extends readonly CaveatKind<never>[]> = [K[number]] extends [never]
  ? object
  : K[number] extends CaveatKind<infer C>
    ? C
    : never;

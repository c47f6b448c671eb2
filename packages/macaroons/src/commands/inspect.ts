import { toHex } from "@void-system/bytes";
import { printable } from "../explain/printable.ts";
import { keyIdOf } from "../token/identifier.ts";
import { type CommandAnswer, type TokenText, macaroonOf, publicTokenOf } from "./answer.ts";

/** Request of {@link inspectCommand}. */
export interface InspectRequest {
  /** Token to inspect. */
  readonly token: TokenText;
}

/**
 * Shows a macaroon or a public token, without its signature. Verifies nothing.
 *
 * @throws `MacaroonFormatError` for what is neither.
 */
export function inspectCommand({ token }: InspectRequest): CommandAnswer {
  const value = publicView(token) ?? macaroonView(token);
  const { caveats, thirdParties, ...fields } = value;
  const lines = [
    ...Object.entries(fields).flatMap(([field, content]) => (content === undefined ? [] : [`${field.padEnd(8)}${printable(content)}`])),
    ...caveats.map((caveat) => `caveat  ${caveat === null ? "(not text, or a third party's)" : printable(caveat)}`),
    ...thirdParties.map((location) => `third   ${printable(location)}`),
  ];
  return { ok: true, text: lines.join("\n"), value };
}

interface View {
  readonly kind: "macaroon" | "public token";
  readonly name: string;
  readonly link?: string;
  readonly key?: string | undefined;
  readonly memo?: string | undefined;
  readonly location?: string | undefined;
  readonly caveats: readonly (string | null)[];
  readonly thirdParties: readonly string[];
}

function publicView(token: TokenText): View | undefined {
  const found = publicTokenOf(token);
  if (found === undefined) return undefined;
  const { name, caveats, issuer, contents } = found;
  const memo = contents.head.kind === "token" ? contents.head.memo : undefined;
  return { kind: "public token", name, key: toHex(issuer), memo, caveats, thirdParties: found.thirdPartyCaveats.map(({ condition, location }) => `${location} ${condition}`.trim()) };
}

function macaroonView(token: TokenText): View {
  const macaroon = macaroonOf(token);
  const { name, link, memo, location, identifier } = macaroon;
  const thirdParties = macaroon.thirdPartyCaveats.map((caveat) => caveat.location ?? "(no location)");
  return { kind: "macaroon", name, link, key: keyIdOf(identifier), memo, location, caveats: macaroon.toJSON().caveats, thirdParties };
}

import { equalBytes, toHex } from "@void-system/bytes";
import { loadPublicKey, verifyChain } from "@void-system/crypto";
import { BAKERY_CAVEATS } from "../src/caveat/bakery-caveats.ts";
import { createStandardVerifier } from "../src/caveat/verifier.ts";
import { caveatsOf, nameOfContents } from "../src/public/contents.ts";
import { dischargeBinding, tokenBinding } from "../src/public/seal-binding.ts";
import { caveatText } from "../src/token/caveat-text.ts";
import { readIdentifier } from "../src/token/identifier.ts";
import type { MintingNotes } from "../src/token/minting-notes.ts";
import { nameOf } from "../src/token/name.ts";
import { readToken } from "../src/verify/macaroon-authenticator.ts";
import type { Token } from "./pasted-token.ts";

/** A token or a discharge, as it is shown. */
export interface TokenTree {
  readonly title: string;
  /** Name and content of each field. */
  readonly fields: readonly Field[];
  readonly caveats: readonly ShownCaveat[];
  /** Statements that hold without any secret. */
  readonly known: readonly string[];
  /** Statements that only a verifier with the right key can make. */
  readonly unknown: readonly string[];
}

type Field = readonly [name: string, content: string];

/** A caveat, as it is shown. */
export interface ShownCaveat {
  readonly text: string;
  /** Meaning of the caveat, or a warning. */
  readonly note: string | undefined;
  /** Discharge that serves it. */
  readonly discharge?: TokenTree | undefined;
}

const verifier = createStandardVerifier(BAKERY_CAVEATS);

/** Returns what can be shown of a token without any key, and the discharges that no caveat asks for. */
export function treeOf(root: Token, discharges: readonly Token[], nowMs: number): { readonly tree: TokenTree; readonly unused: readonly TokenTree[] } {
  const company: Company = { root, left: [...discharges], nowMs };
  const tree = partOf(root, "token", company);
  const unused: TokenTree[] = [];
  for (let next = company.left.shift(); next !== undefined; next = company.left.shift()) unused.push(partOf(next, "discharge", company));
  return { tree, unused };
}

/** The token, the discharges that serve no caveat yet, and the time on this device. */
interface Company {
  readonly root: Token;
  readonly left: Token[];
  readonly nowMs: number;
}

type Role = "token" | "discharge";

function partOf(part: Token, role: Role, company: Company): TokenTree {
  return part.kind === "macaroon" ? macaroonTree(part, role, company) : publicTree(part, role, company);
}

function macaroonTree({ macaroon, isCanonical }: Token & { readonly kind: "macaroon" }, role: Role, company: Company): TokenTree {
  const { identifier, name, link, location } = macaroon;
  const own = readIdentifier(identifier);
  return {
    title: role === "token" ? "Macaroon" : "Discharge",
    fields: [["name", name], ["link", link], ...field("key id", own?.keyId), ...(own === undefined ? field("identifier", toHex(identifier)) : []), ...notesOf(own ?? {}), ...field("location, not signed", location)],
    caveats: (readToken(macaroon)?.caveats ?? []).map((caveat): ShownCaveat => {
      const { id, thirdParty } = caveat;
      if (thirdParty === undefined) return firstParty(caveatText(caveat), company.nowMs);
      return demand(`third party ${thirdParty.location ?? "(no location)"}, caveat ${nameOf(id)}`, company, (one) => one.kind === "macaroon" && equalBytes(one.macaroon.identifier, id));
    }),
    known: [isCanonical ? "The form is canonical." : "The form is not canonical: strict verifiers refuse this text. The copies below are canonical."],
    unknown: [
      role === "token"
        ? "If the signature is right: only the root key can check it. Anybody can write a macaroon that reads like this one."
        : "If the signature is right, and for which token it is bound: only a verifier of that token can check it.",
    ],
  };
}

function publicTree(part: Exclude<Token, { readonly kind: "macaroon" }>, role: Role, company: Company): TokenTree {
  const { contents } = part;
  const { head, issuer } = contents;
  return {
    title: role === "token" ? "Public token" : "Discharge",
    fields: [
      ["name", nameOfContents(contents)],
      [head.kind === "token" ? "issuer" : "third party", toHex(issuer)],
      ["blocks", String(contents.blocks.length)],
      ...(head.kind === "token" ? notesOf(head) : field("condition", head.condition)),
    ],
    caveats: caveatsOf(contents).map((caveat): ShownCaveat => {
      if ("text" in caveat) return firstParty(caveat.text, company.nowMs);
      const { thirdParty, nonce, condition, location } = caveat;
      const title = `third party ${location === "" ? toHex(thirdParty) : location}: ${condition}`;
      return demand(title, company, (one) => one.kind !== "macaroon" && one.contents.head.kind === "discharge" && equalBytes(one.contents.head.nonce, nonce) && equalBytes(one.contents.issuer, thirdParty));
    }),
    known: part.kind === "open" ? ["The signatures hold under the key that it names.", "It holds its secret: who has it can narrow it and show it."] : [sealState(part, company.root)],
    unknown: ["If a verifier trusts the key that it names: anybody can make a key, and sign with it."],
  };
}

/** A seal may cover more than the page knows, such as the digest of a command. */
function sealState({ token, contents }: Token & { readonly kind: "sealed" }, root: Token): string {
  const binding = contents.head.kind === "token" ? tokenBinding(new Uint8Array()) : root.kind === "sealed" ? dischargeBinding(root.token.name, root.token.toBytes()) : new Uint8Array();
  const reason = refusalOf(token.toBytes(), contents.issuer, binding);
  if (reason === undefined) return contents.head.kind === "token" ? "The signatures hold under the key that it names." : "The signatures hold under the key that it names, and it is sealed for this token.";
  if (reason === "bad-seal") return contents.head.kind === "token" ? "The blocks' signatures hold under the key that it names. The seal is for a binding that this page does not know, or wrong." : "The blocks' signatures hold under the key that it names. The seal is not for this token.";
  return `The signatures do not hold: ${reason}. Every verifier refuses it.`;
}

function refusalOf(bytes: Uint8Array, issuer: Uint8Array, binding: Uint8Array): string | undefined {
  try {
    const verdict = verifyChain(bytes, loadPublicKey(issuer), { binding });
    return verdict.valid ? undefined : verdict.reason;
  } catch {
    return "the issuer is no public key";
  }
}

function demand(text: string, company: Company, serves: (one: Token) => boolean): ShownCaveat {
  const at = company.left.findIndex(serves);
  const [found] = at < 0 ? [] : company.left.splice(at, 1);
  return { text, note: found === undefined ? "no discharge was pasted for it" : "by the discharge below", discharge: found && partOf(found, "discharge", company) };
}

function firstParty(text: string | undefined, nowMs: number): ShownCaveat {
  if (text === undefined) return { text: "(not text)", note: UNKNOWN };
  const found = verifier.parse(text);
  if (found.length === 0) return { text, note: UNKNOWN };
  const notes = found.flatMap(({ facts: { expiresAtMs, notBeforeMs, once } }) => [
    ...(expiresAtMs === undefined ? [] : [`${nowMs < expiresAtMs ? "until" : "expired"} ${dateOf(expiresAtMs)}`]),
    ...(notBeforeMs === undefined ? [] : [`${nowMs < notBeforeMs ? "not valid before" : "since"} ${dateOf(notBeforeMs)}`]),
    ...(once === true ? ["honoured one single time"] : []),
  ]);
  return { text, note: notes.length > 0 ? notes.join(", ") : undefined };
}

const UNKNOWN = "of no standard form: a verifier that does not know it refuses the token";

function notesOf({ mintedAtMs, memo }: MintingNotes): readonly Field[] {
  return [...field("minted", mintedAtMs === undefined ? undefined : dateOf(mintedAtMs)), ...field("memo", memo)];
}

function field(name: string, content: string | undefined): readonly Field[] {
  return content === undefined ? [] : [[name, content]];
}

function dateOf(ms: number): string {
  const date = new Date(ms);
  return Number.isFinite(date.getTime()) ? date.toISOString() : `${ms} ms since 1970`;
}

import { CaveatError } from "../src/errors.ts";
import { encodeBase64url } from "../src/format/base64url.ts";
import { formatToken } from "../src/format/parse-token.ts";
import { readContents } from "../src/public/contents.ts";
import { PublicToken } from "../src/public/public-token.ts";
import type { Token } from "./pasted-token.ts";

/**
 * Returns a token with further caveats: of a public token one block.
 *
 * @throws {@link CaveatError} for a list without a caveat, what is no caveat, or more than there is room for, and for a sealed
 * token, to which nobody can add.
 */
export function narrowed(token: Token, caveats: readonly string[]): Token {
  if (caveats.length === 0) throw new CaveatError("expected at least one caveat, got none");
  if (token.kind === "macaroon") return { kind: "macaroon", macaroon: caveats.reduce((made, caveat) => made.addCaveat(caveat), token.macaroon), isCanonical: true };
  if (token.kind === "sealed") throw new CaveatError("expected a token that can be narrowed, got a sealed one; ask its holder for it with its secret");
  using open = PublicToken.open(token.bytes);
  using narrower = open.addCaveats(caveats);
  const bytes = narrower.handOver();
  return { kind: "open", bytes, contents: readContents(bytes) ?? token.contents };
}

/** A form in which a token can be copied. */
export interface Copy {
  readonly label: string;
  readonly text: string;
}

/** Returns a token in every form in which it can go out. */
export function copiesOf(token: Token): readonly Copy[] {
  switch (token.kind) {
    case "macaroon":
      return [
        { label: "version 2", text: formatToken(token.macaroon, "v2") },
        { label: "version 1", text: formatToken(token.macaroon, "v1") },
        { label: "version 2 JSON", text: formatToken(token.macaroon, "v2-json") },
      ];
    case "sealed":
      return [{ label: "sealed", text: token.token.encode() }];
    case "open": {
      const handedOver = { label: "with its secret, to hand over", text: encodeBase64url(token.bytes) };
      // A discharge is sealed for a token that its holder chooses.
      if (token.contents.head.kind === "discharge") return [handedOver];
      using open = PublicToken.open(token.bytes);
      return [{ label: "sealed, to show", text: open.seal().encode() }, handedOver];
    }
  }
}

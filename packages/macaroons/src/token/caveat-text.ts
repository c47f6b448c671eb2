import type { CaveatParts } from "../format/v2-binary.ts";
import { isAscii, lettersOf } from "./letters.ts";

/** Longest text that is read a letter at a time: a decoder costs more than that many letters. */
const SHORT_BYTES = 64;

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the text of a first-party caveat; `undefined` for one that is not UTF-8 or is a third party's. */
export function caveatText({ id, thirdParty }: CaveatParts): string | undefined {
  if (thirdParty !== undefined) return undefined;
  if (id.length <= SHORT_BYTES && isAscii(id)) return lettersOf(id);
  try {
    return decoder.decode(id);
  } catch {
    return undefined;
  }
}

import type { CaveatParts } from "../format/v2-binary.ts";

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the text of a first-party caveat; `undefined` for one that is not UTF-8 or is a third party's. */
export function caveatText({ id, thirdParty }: CaveatParts): string | undefined {
  if (thirdParty !== undefined) return undefined;
  try {
    return decoder.decode(id);
  } catch {
    return undefined;
  }
}

/** Returns a text that steers no terminal: what does not print, and what could pass for an escape of it, as escapes. */
export function printable(text: string): string {
  return text.replace(/[^\P{C} ]|[\p{Zl}\p{Zp}\\]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The seeds of a test: `1` to `usual`, or those of the environment, as in `VOID_SEEDS=500-999`. */
export function seeds(usual: number): number[] {
  const [from = 1, to = usual] = (process.env["VOID_SEEDS"] ?? `1-${usual}`).split("-").map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Times that random tests look at more cases than `npm test` has time for: `npm run torture` sets it. */
export const SCALE: number = Number(process.env["CAUSAL_SCALE"] ?? 1);

// The jobs of worker-pool.test.ts, which its threads import.
export const doubled = (input) => input.map((byte) => byte * 2);
export const failing = () => {
  throw new Error("no");
};
export const dying = () => process.exit(3);

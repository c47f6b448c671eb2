// What a thread imports: the jobs of compute.test.ts.
export const doubled = (input) => input.map((byte) => byte * 2);
export const failing = () => {
  throw new Error("no");
};
export const dying = () => process.exit(3);

/** Bytes that are gathered into one write; a larger frame is written by itself. */
export const BLOCK_BYTES: number = 128 * 1024;
/** Free blocks that all links of this process keep together. */
const FREE_BLOCKS_MAX = 16;

const free: Uint8Array[] = [];

/** Returns a block of {@link BLOCK_BYTES} with arbitrary contents. Idle links hold none. */
export function takeBlock(): Uint8Array {
  return free.pop() ?? unfilled(BLOCK_BYTES);
}

/** Returns a block to the pool. Nobody may use it afterwards. */
export function giveBlock(block: Uint8Array): void {
  if (free.length < FREE_BLOCKS_MAX) free.push(block);
}

/** Allocates memory without zeroing it. The caller writes all of it before anyone reads it. */
export function unfilled(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

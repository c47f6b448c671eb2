/** Bytes that are gathered into one write; a larger frame is written by itself. */
export const BLOCK_BYTES: number = 128 * 1024;
/** Free blocks that are kept, by all links of this process together. */
const FREE_BLOCKS_MAX = 16;

const free: Uint8Array[] = [];

/** A block of {@link BLOCK_BYTES}, with whatever was in it. Idle links hold none. */
export function takeBlock(): Uint8Array {
  return free.pop() ?? unfilled(BLOCK_BYTES);
}

/** Gives a block back; nobody may use it any more. */
export function giveBlock(block: Uint8Array): void {
  if (free.length < FREE_BLOCKS_MAX) free.push(block);
}

/** Memory that is not zeroed: all of it is written before anyone reads it. */
export function unfilled(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

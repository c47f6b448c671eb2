/** Counts the first `length` indices for which `holds` is true, by binary search: all of those must come first. */
export function count(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  while (low < length) {
    const middle = (low + length) >> 1;
    if (holds(middle)) low = middle + 1;
    else length = middle;
  }
  return low;
}

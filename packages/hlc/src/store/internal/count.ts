/** How many of the first `length` numbers hold; those that do come before those that do not. */
export function count(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  while (low < length) {
    const middle = (low + length) >> 1;
    if (holds(middle)) low = middle + 1;
    else length = middle;
  }
  return low;
}

/** The cast that refined types need, and nothing else. */

/** Narrows a value to a part of its type. The caller has just checked that the value is of that part. */
export function narrowed<Whole, Part extends Whole>(value: Whole): Part {
  return value as Part;
}

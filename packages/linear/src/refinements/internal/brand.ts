/** The cast that refined types need, and nothing else. */

/** Narrows a value to a part of its type. The caller must have checked that the value belongs to that part. */
export function narrowed<Whole, Part extends Whole>(value: Whole): Part {
  return value as Part;
}

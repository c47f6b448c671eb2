/**
 * Runs a generator that yields its progress to its end, without a pause. If `onProgress` returns false, the work ends
 * early.
 */
export function toEnd<P, R>(work: Generator<P, R, boolean | void>, onProgress?: (progress: P) => boolean | void): R {
  let step = work.next();
  while (step.done !== true) step = work.next(onProgress?.(step.value));
  return step.value;
}

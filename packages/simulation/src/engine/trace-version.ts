/**
 * What a seed means: how events follow from it, and how they are hashed. Runs of one seed and program are the same in
 * all releases of the same number; it is raised whenever chance is drawn in another order, for something more or for
 * something less, or events happen that did not. Saved runs carry it.
 */
export const TRACE_VERSION = 1;

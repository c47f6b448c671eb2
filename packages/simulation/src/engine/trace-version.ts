/**
 * Version of the meaning of a seed: how events follow from it, and how they are hashed. A seed and a program give the
 * same run in all releases with the same version. Raise it when randomness is drawn in another order or amount, or when
 * other events happen. Saved runs carry it.
 */
export const TRACE_VERSION = 2;

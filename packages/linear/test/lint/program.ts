/** Stands in for each program of the suite, whose text the tests hand to the linter under this name. */
export const PROGRAM = "";

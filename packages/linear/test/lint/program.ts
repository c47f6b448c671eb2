/** This file stands in for each program of the suite, whose text the tests hand to the linter under its name. */
export const PROGRAM_FILE = "program.ts";

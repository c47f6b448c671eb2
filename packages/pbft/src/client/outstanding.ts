/** A request under way at a client, and how far it is. */
import type { Request } from "../codec/batch.ts";
import type { Answers } from "./answers.ts";
import type { Submission } from "./client-options.ts";

/** A request under way. */
export interface Outstanding {
  readonly submission: Submission;
  readonly request: Request;
  /** The statement that the request is, and its digest. */
  readonly statement: Uint8Array;
  readonly digest: Uint8Array;
  readonly renumbered: number;
  readonly answers: Answers;
  /** The request that it asks about, if it is a question. */
  readonly about: Outstanding | undefined;
  deadlineMs: number;
  retryAtMs: number;
  retryMs: number;
  /** Its time is over, and what came of it is asked for; or it is known to be executed, and its result is. */
  phase: "open" | "asked" | "executed";
  /** Number of the question about it. */
  question: number | undefined;
  isBusy: boolean;
}

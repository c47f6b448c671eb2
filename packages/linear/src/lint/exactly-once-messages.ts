/** The messages of `exactly-once`, by id. */
export const messages = {
  dropped: "expected {{name}} to be consumed, got no use that takes it; consume it, pass it on or return it",
  oneBranch: "expected {{name}} to be consumed on every path, got one on which it is left; consume it there too",
  usedTwice: "expected {{name}} to be used no more after it was consumed, got a use here; borrow it before",
  inLoop: "expected {{name}} to be consumed once, got a loop that does it each time; create it inside, or end the loop",
  captured: "expected {{name}} to be consumed here, got a closure that may run later, twice or never; hand it over",
  reassigned: "expected {{name}} to be consumed before it is assigned anew, got a value that would be lost",
  afterClose: "expected {{name}} to be used while its context is open, got a use after its close()",
  outlives: "expected {{name}} to be consumed in its context, got it returned out of it; move() it to a longer one",
  lentLater: "expected {{name}} to be lent no more when it is consumed, got a callback that may yet run; wait for it",
  borrowed: "expected {{name}} to be given back, since this function has the tag @borrows, got a use that takes it",
} as const;

/** What `exactly-once` may report. */
export type ExactlyOnceMessage = keyof typeof messages;

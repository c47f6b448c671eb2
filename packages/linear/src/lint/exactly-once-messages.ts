/** Messages of `exactly-once`, by id. */
export const messages = {
  dropped: "expected {{name}} to be consumed, got no use that takes it; consume it, pass it on or return it",
  oneBranch: "expected {{name}} to be consumed on every path, got one on which it is left; consume it there too",
  usedTwice: "expected no use of {{name}} after it was consumed, got one here; borrow it before that",
  inLoop: "expected {{name}} to be consumed once, got a loop that consumes it each time; create it inside, or end the loop",
  captured: "expected {{name}} to be consumed here, got a closure that may run later, twice or never; hand it over",
  reassigned: "expected {{name}} to be consumed before it is overwritten, got a value that would be lost; consume it first",
  afterClose: "expected {{name}} to be used while its context is open, got a use after its close(); use it before",
  outlives: "expected {{name}} to be consumed in its context, got it returned out of it; move() it to a longer one",
  lentLater: "expected {{name}} to be no longer lent when it is consumed, got a callback that may still run; await it",
  lentHere: "expected {{name}} to be consumed after its borrow, got a use in the callback that borrows it; do it after use()",
  borrowed: "expected {{name}} to be only borrowed, as @borrows says, got a use that takes it; remove the tag or the use",
} as const;

/** Ids of the messages of `exactly-once`. */
export type ExactlyOnceMessage = keyof typeof messages;

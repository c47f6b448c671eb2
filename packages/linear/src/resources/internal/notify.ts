/** Notifies the observer that a resource was made or has ended; undefined while there is none. */
export let notify: ((event: "created" | "ended", resource: object) => void) | undefined;

/** Sets {@link notify}. */
export function setNotify(next: typeof notify): void {
  notify = next;
}

/**
 * The real world of Node.js.
 *
 * @packageDocumentation
 */
export { platformClock as systemClock } from "../platform.ts";

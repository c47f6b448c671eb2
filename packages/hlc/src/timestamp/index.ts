export { NODE_ID_LENGTH_MAX } from "./node-id.ts";
export {
  compareTimestamps,
  HLCTimestamp,
  LOGICAL_MAX,
  PHYSICAL_MS_MAX,
  type TimestampFields,
} from "./timestamp.ts";
export * from "./timestamp-format.ts";

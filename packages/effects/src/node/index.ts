/**
 * The real world of Node.js: the system's clock and randomness, and durable logs in a folder.
 *
 * @packageDocumentation
 */
export { platformClock as systemClock } from "../portable/platform.ts";
export { CHUNK_BYTES_MAX } from "./checkpoint-file.ts";
export { type DirectoryDisk, directoryDisk, type DirectoryDiskOptions } from "./directory-disk.ts";
export { SEGMENT_BYTES_MAX } from "./directory-log.ts";
export {
  ComputeBusyError,
  DiskLockedError,
  DiskPathError,
  LogDamagedError,
  LogVersionError,
  RecordTooLargeError,
} from "../errors.ts";
export { lockFolder } from "./folder-lock.ts";
export { BATCH_BYTES_MAX, RECORD_BYTES_MAX } from "./log-format.ts";
export { type NodeWorld, nodeWorld, type NodeWorldParts } from "./node-world.ts";
export { systemRandom } from "./system-random.ts";
export {
  JOBS_WAITING_MAX,
  type WorkerPool,
  workerPool,
  type WorkerPoolOptions,
} from "./worker-pool.ts";

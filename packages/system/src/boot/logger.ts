/**
 * What a node logs: JSON lines on standard output.
 */
import type { Logger } from "@void-system/effects";
import pino from "pino";
import type { ParsedConfig } from "../config.ts";

/** A logger of one node. Field names that could hold a secret are redacted, whoever logs them. */
export function nodeLogger(config: Pick<ParsedConfig, "nodeId" | "logLevel">): Logger {
  const logger = pino({
    level: config.logLevel,
    base: { node: config.nodeId },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ["token", "key", "secret", "password", "*.token", "*.key", "*.secret", "*.password"], censor: "[hidden]" },
  });
  return { log: (level, event, fields) => logger[level]({ event, ...fields }) };
}

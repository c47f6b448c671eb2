/**
 * Log of a node: JSON lines on standard output.
 */
import type { Logger } from "@void-system/effects";
import pino from "pino";
import type { ParsedConfig } from "../config.ts";

/** The logger of each configuration, so that all parts of a node have one level. */
const loggers = new WeakMap<object, pino.Logger>();

/** Returns the logger of one node. Fields whose name could hold a secret are redacted. */
export function nodeLogger(config: Pick<ParsedConfig, "nodeId" | "logLevel">): Logger {
  const logger = loggers.get(config) ?? made(config);
  loggers.set(config, logger);
  return { log: (level, event, fields) => logger[level]({ event, ...fields }) };
}

/** Changes the level of the loggers of a configuration. */
export function setLogLevel(config: Pick<ParsedConfig, "nodeId" | "logLevel">, level: ParsedConfig["logLevel"]): void {
  const logger = loggers.get(config);
  if (logger) logger.level = level;
}

function made(config: Pick<ParsedConfig, "nodeId" | "logLevel">): pino.Logger {
  return pino({
    level: config.logLevel,
    base: { node: config.nodeId },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ["token", "key", "secret", "password", "*.token", "*.key", "*.secret", "*.password"], censor: "[hidden]" },
  });
}

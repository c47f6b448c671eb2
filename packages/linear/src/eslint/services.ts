import type { ParserServices, ParserServicesWithTypeInformation } from "@typescript-eslint/utils";
import { LinearError } from "../errors.ts";

/**
 * What the parser knows about types.
 *
 * @throws LinearError when a file was parsed without them.
 */
export function typedServices(services: Partial<ParserServices> | undefined): ParserServicesWithTypeInformation {
  if (isTyped(services)) return services;
  throw new LinearError(
    "ERR_LINT_UNTYPED",
    "expected a file parsed with types, got one without; set languageOptions.parser to @typescript-eslint/parser " +
      "and parserOptions.projectService to true",
  );
}

function isTyped(services: Partial<ParserServices> | undefined): services is ParserServicesWithTypeInformation {
  return services?.program !== undefined && services.program !== null;
}

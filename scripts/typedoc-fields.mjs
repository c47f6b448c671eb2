/**
 * A typedoc plugin: every property of a public interface or class must be documented. Typedoc's own check of properties
 * also asks for words on each field of a union's members and of inline types, which the sentence above the whole explains;
 * so it is switched off for properties (`requiredToBeDocumented`), and this one takes its place.
 */
import { Application, ReflectionKind } from "typedoc";

/** @param {Application} app */
export function load(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
      if (property.hasComment() || isInline(property) || isDiscriminant(property)) continue;
      if (!property.sources?.some(({ fileName }) => fileName.startsWith("packages/"))) continue;
      app.logger.validationWarning(`${property.getFriendlyFullName()} (property), in ${property.sources[0].fileName}, has no docstring`);
    }
  });
}

/** A field of a type literal or of a parameter's type. */
function isInline(property) {
  for (let at = property.parent; at; at = at.parent) if (at.kindOf(ReflectionKind.TypeLiteral | ReflectionKind.SomeSignature)) return true;
  return false;
}

/** Names of fields that tell the members of a union apart: their values say all there is to say. */
const DISCRIMINANTS = new Set(["kind", "ok", "op", "type"]);

/** True for a discriminant, and for a field whose type is a literal. */
function isDiscriminant({ name, type }) {
  return DISCRIMINANTS.has(name) || type?.type === "literal";
}

/** A formula over the observed distribution `P`. Names are variables; those under a sum are bound to it. */
export type Expression =
  | { readonly kind: "probability"; readonly of: readonly string[]; readonly given: readonly string[] }
  | { readonly kind: "sum"; readonly over: readonly string[]; readonly of: Expression }
  | { readonly kind: "product"; readonly factors: readonly Expression[] }
  | { readonly kind: "fraction"; readonly numerator: Expression; readonly denominator: Expression };

/** Returns the variables that no sum binds. */
export function freeVariables(expression: Expression): ReadonlySet<string> {
  switch (expression.kind) {
    case "probability":
      return new Set([...expression.of, ...expression.given]);
    case "sum":
      return new Set([...freeVariables(expression.of)].filter((name) => !expression.over.includes(name)));
    case "product":
      return new Set(expression.factors.flatMap((factor) => [...freeVariables(factor)]));
    case "fraction":
      return new Set([...freeVariables(expression.numerator), ...freeVariables(expression.denominator)]);
  }
}

/** Returns the product; products in it are joined, and one factor is itself. */
export function product(factors: readonly Expression[]): Expression {
  const all = factors.flatMap(factorsOf);
  const [only] = all;
  return only && all.length === 1 ? only : { kind: "product", factors: all };
}

/** Returns the sum. A conditional distribution that is summed out, and on which nothing else depends, is 1 and goes. */
export function sum(over: readonly string[], of: Expression): Expression {
  if (of.kind === "sum") return sum([...over, ...of.over], of.of);
  let bound = over;
  let terms = factorsOf(of).map((factor) => ({ factor, free: freeVariables(factor) }));
  for (let more = true; more; ) {
    more = false;
    for (const name of bound) {
      const users = terms.filter(({ free }) => free.has(name));
      const factor = users[0]?.factor;
      if (users.length !== 1 || factor?.kind !== "probability" || factor.of.length !== 1 || factor.given.includes(name)) continue;
      bound = bound.filter((other) => other !== name);
      terms = terms.filter((term) => term.factor !== factor);
      more = true;
    }
  }
  const rest = product(terms.map(({ factor }) => factor));
  return bound.length === 0 ? rest : { kind: "sum", over: bound, of: rest };
}

/** Returns the fraction; factors that stand above and below the line go. */
export function fraction(numerator: Expression, denominator: Expression): Expression {
  const above = [...factorsOf(numerator)];
  const texts = above.map(toText);
  const below = factorsOf(denominator).filter((factor) => {
    const at = texts.indexOf(toText(factor));
    if (at < 0) return true;
    above.splice(at, 1);
    texts.splice(at, 1);
    return false;
  });
  return below.length === 0 ? product(above) : { kind: "fraction", numerator: product(above), denominator: product(below) };
}

function factorsOf(expression: Expression): readonly Expression[] {
  return expression.kind === "product" ? expression.factors : [expression];
}

/** Returns the formula as plain text, such as `sum_{z} P(y | x, z) P(z)`. */
export function toText(expression: Expression): string {
  return written(expression, { given: " | ", sum: (over) => `sum_{${over}} `, fraction: (above, below) => `[${above}] / [${below}]`, name: (name) => name, open: "(", close: ")" });
}

/** Returns the formula in LaTeX. */
export function toLatex(expression: Expression): string {
  return written(expression, {
    given: " \\mid ",
    sum: (over) => `\\sum_{${over}} `,
    fraction: (above, below) => `\\frac{${above}}{${below}}`,
    name: latexName,
    open: "\\left(",
    close: "\\right)",
  });
}

interface Style {
  readonly given: string;
  readonly open: string;
  readonly close: string;
  sum(over: string): string;
  fraction(above: string, below: string): string;
  name(name: string): string;
}

function written(expression: Expression, style: Style): string {
  const list = (names: readonly string[]): string => names.map((name) => style.name(name)).join(", ");
  switch (expression.kind) {
    case "probability":
      return `P(${list(expression.of)}${expression.given.length > 0 ? style.given + list(expression.given) : ""})`;
    case "sum":
      return style.sum(list(expression.over)) + written(expression.of, style);
    case "product":
      return (
        expression.factors
          .map((factor) => (factor.kind === "sum" ? `${style.open}${written(factor, style)}${style.close}` : written(factor, style)))
          .join(" ") || "1"
      );
    case "fraction":
      return style.fraction(written(expression.numerator, style), written(expression.denominator, style));
  }
}

/** One letter with a number is a symbol with an index; anything longer is upright, with its special characters escaped. */
function latexName(name: string): string {
  const symbol = /^(\p{L})_?(\d*)$/u.exec(name);
  if (symbol) return symbol[2] ? `${symbol[1]}_{${symbol[2]}}` : name;
  const escaped = name.replace(/[\\{}$&#%_^~]/gu, (character) => (/[\\^~]/u.test(character) ? `\\char${character.charCodeAt(0)} ` : `\\${character}`));
  return `\\mathit{${escaped}}`;
}

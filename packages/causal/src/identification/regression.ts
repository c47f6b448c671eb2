/** Keeps equations solvable where covariates depend on each other; too small to be seen in a result. */
const RIDGE = 1e-9;
const NEWTON_STEPS_MAX = 50;

/** Returns the weights of the columns by least squares. */
export function fitLinear(rows: readonly (readonly number[])[], targets: readonly number[]): readonly number[] {
  return weighted(rows, targets, rows.map(() => 1));
}

/** Returns the weights of a logistic regression, by Newton's method (iterated least squares; Nelder and Wedderburn 1972). */
export function fitLogistic(rows: readonly (readonly number[])[], targets: readonly boolean[]): readonly number[] {
  let weights: readonly number[] = (rows[0] ?? []).map(() => 0);
  for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
    const scores = rows.map((row) => Math.max(-20, Math.min(20, predict(weights, row))));
    const chances = scores.map((score) => 1 / (1 + Math.exp(-score)));
    const spreads = chances.map((chance) => chance * (1 - chance));
    const working = scores.map((score, at) => score + (Number(targets[at]) - (chances[at] ?? 0)) / (spreads[at] ?? 1));
    const next = weighted(rows, working, spreads);
    const change = next.reduce((most, weight, at) => Math.max(most, Math.abs(weight - (weights[at] ?? 0))), 0);
    weights = next;
    if (change < 1e-10) break;
  }
  return weights;
}

/** Returns the sum of the columns times their weights. */
export function predict(weights: readonly number[], row: readonly number[]): number {
  return row.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0);
}

/** Least squares with weights: the normal equations, solved by elimination with pivots. */
function weighted(rows: readonly (readonly number[])[], targets: readonly number[], weights: readonly number[]): readonly number[] {
  const size = rows[0]?.length ?? 0;
  const matrix = Array.from({ length: size }, (_, a) => Array.from({ length: size + 1 }, (_unused, b) => (a === b ? RIDGE * rows.length : 0)));
  for (const [at, row] of rows.entries()) {
    const weight = weights[at] ?? 0;
    for (const [a, line] of matrix.entries()) {
      const value = weight * (row[a] ?? 0);
      for (let b = 0; b < size; b++) line[b] = (line[b] ?? 0) + value * (row[b] ?? 0);
      line[size] = (line[size] ?? 0) + value * (targets[at] ?? 0);
    }
  }
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let line = column; line < size; line++) if (Math.abs(matrix[line]?.[column] ?? 0) > Math.abs(matrix[pivot]?.[column] ?? 0)) pivot = line;
    [matrix[column], matrix[pivot]] = [matrix[pivot] ?? [], matrix[column] ?? []];
    const top = matrix[column] ?? [];
    for (const [line, cells] of matrix.entries()) {
      if (line === column) continue;
      const factor = (cells[column] ?? 0) / (top[column] ?? 1);
      for (let cell = column; cell <= size; cell++) cells[cell] = (cells[cell] ?? 0) - factor * (top[cell] ?? 0);
    }
  }
  return matrix.map((line, at) => (line[size] ?? 0) / (line[at] ?? 1));
}

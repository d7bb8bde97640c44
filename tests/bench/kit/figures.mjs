// Figures of a bench: a name, what we measured, what a rival had, and the budget, which is
// for reading only: no figure ever fails a run.
export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length - 1) * share))];
}

export function sorted(values) {
  return [...values].sort((a, b) => a - b);
}

export function median(values) {
  return percentile(sorted(values), 0.5);
}

// The increase of y per unit of x, by least squares.
export function slope(points) {
  const n = points.length;
  const mx = points.reduce((sum, [x]) => sum + x, 0) / n;
  const my = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  const below = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

export function text(value) {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) throw new Error('a figure is no number');
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

// rows: { what, unit, ours, rival?, budget? }
export function print(title, rows) {
  const cells = [['', 'unit', 'vitrine', 'rival', 'budget'],
    ...rows.map((row) => [row.what, row.unit, text(row.ours), text(row.rival), text(row.budget)])];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  console.log(`\n${title}`);
  for (const line of cells)
    console.log(`  ${line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd()}`);
}

// The rows of several runs as one, each figure the median of its own.
export function merge(runs) {
  return runs[0].map((row, i) => {
    const pick = (name) => {
      const values = runs.map((rows) => rows[i]?.[name]).filter((value) => typeof value === 'number');
      return values.length ? median(values) : row[name];
    };
    return { ...row, ours: pick('ours'), rival: pick('rival'), all: runs.map((rows) => rows[i]?.ours) };
  });
}

// The rules of the program, over the measured values: a minimum keeps what is equal to it, and so does a maximum;
// a bin takes what is above any of its limits, strictly; the last bin takes the rest.
const movable = new Map();
for (const rule of [...data.filtering.rules, ...data.bins.groups.flatMap((group) => group.rules)])
  if (!movable.has(rule.name)) movable.set(rule.name, { ...rule, start: rule.threshold });
const filterColumns = Object.fromEntries(Object.entries(data.filtering.columns).map(([name, text]) => [name, numbers(text)]));
const binColumns = Object.fromEntries(Object.entries(data.bins.columns).map(([name, text]) => [name, numbers(text)]));
const fixed = bytes(data.filtering.fixed), fixedInBins = bytes(data.bins.fixed);

function passes(rule, value) { return rule.minimum ? value >= rule.threshold : value <= rule.threshold; }

// kept: pass every rule; unknown: pass what was measured, but some value was not needed in this run and is not there.
function decide() {
  const result = { kept: 0, unknown: 0, fixed: 0, rejected: 0, bins: Object.fromEntries(data.bins.groups.map((group) => [group.name, 0])), leftOut: 0, unbinned: 0 };
  const rules = data.filtering.rules.map((rule) => [movable.get(rule.name), filterColumns[rule.name]]);
  for (let row = 0; row < data.filtering.count; row++) {
    if (fixed[row]) { result.fixed++; continue; }
    let verdict = "kept";
    for (const [rule, column] of rules) {
      if (Number.isNaN(column[row])) { if (verdict === "kept") verdict = "unknown"; }
      else if (!passes(rule, column[row])) { verdict = "rejected"; break; }
    }
    result[verdict]++;
    if (verdict === "kept" && fixedInBins[row]) result.leftOut++;
    else if (verdict === "kept" && data.bins.groups.length) {
      const bin = binOf(row);
      if (bin === null) result.unbinned++; else result.bins[bin]++;
    }
  }
  return result;
}

function binOf(row) {
  for (const group of data.bins.groups) {
    if (!group.rules.length) return group.name;
    let missing = false;
    for (const { name } of group.rules) {
      const value = binColumns[name][row];
      if (Number.isNaN(value)) missing = true;
      else if (value > movable.get(name).threshold) return group.name;
    }
    if (missing && group.rules.every(({ name }) => Number.isNaN(binColumns[name][row]))) return null;
  }
  return null;
}

function moved() { return [...movable.values()].filter((rule) => rule.threshold !== rule.start); }
function overrides() { return moved().map((rule) => `${rule.key}=${rule.threshold}`); }
function quoted(word) { return /^[\w.,:=\/@%+-]+$/.test(word) ? word : "'" + word.replace(/'/g, "'\\''") + "'"; }
function command() {
  const keys = new Set(moved().map((rule) => rule.key));
  const kept = data.overrides.filter((word) => !keys.has(word.split("=")[0].replace(/^[+~]+/, "")));
  return ["python -m dcvlr", ...[...kept, ...overrides()].map(quoted)].join(" ");
}

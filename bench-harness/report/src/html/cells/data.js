
// The page's data, with columns unpacked as they are needed.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

// A column as a function from a place to its text.
function column(packed) {
  if (packed.one !== undefined) return () => packed.one;
  if (packed.words !== undefined) return (place) => packed.words[packed.at[place]];
  let texts = null;
  return (place) => {
    texts ??= packed.list.split("|");
    return texts[place];
  };
}

// For each entry, the sum of all numbers before it.
function starts(numbers, count) {
  const sums = new Array(count + 1).fill(0);
  for (let place = 0; place < count; place += 1) {
    sums[place + 1] = sums[place] + Number(numbers(place));
  }
  return sums;
}

function read() {
  const data = JSON.parse(document.getElementById("cells-data").textContent);
  const exported = new Map();
  for (const { name, values } of data.exported) exported.set(name, column(values));
  const own = {};
  for (const [name, packed] of Object.entries(data.per_cell)) own[name] = column(packed);
  const trials = starts(own.trials, data.cells);
  const tables = data.tables.map((table) => ({
    ...table,
    columns: table.columns.map((one) => ({ ...one, values: column(one.values) })),
    starts: starts(column(table.rows), trials[data.cells]),
    tone: column(table.tone),
  }));
  const runs = [];
  for (const run of data.runs) {
    for (let cell = 0; cell < run.cells; cell += 1) runs.push(run);
  }
  return {
    ...data,
    own,
    tables,
    trials,
    runOf: (cell) => runs[cell],
    field: (key) => exported.get(key) ?? (key === "claim" ? own.tags : own[key]),
    highest: column(data.seconds.highest),
    points: column(data.seconds.points),
  };
}

// The values of a filter that a cell has: one, but for tags.
function valuesOf(data, key, cell) {
  const text = data.field(key)(cell);
  return key === "claim" ? text.split(" ").filter((tag) => tag !== "") : [text];
}

// Deliveries per second at each point of a trial.
function rates(data, trial) {
  const highest = Number(data.highest(trial));
  const digits = data.points(trial);
  const rates = [];
  for (let at = 0; at + 1 < digits.length; at += 2) {
    const steps = DIGITS.indexOf(digits[at]) * 64 + DIGITS.indexOf(digits[at + 1]);
    rates.push((highest * steps) / 4095);
  }
  return rates;
}

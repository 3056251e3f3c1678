
// Which cells are shown: values of columns, and words.

const EMPTY = "none";

// The filters that have a choice, each with its values in the order of their first cell.
function choices(data) {
  const lists = [];
  for (const filter of data.filters) {
    const values = new Set();
    for (let cell = 0; cell < data.cells; cell += 1) {
      for (const value of valuesOf(data, filter.key, cell)) values.add(value);
    }
    if (values.size > (filter.optional && filter.key !== "claim" ? 1 : 0)) {
      lists.push({ ...filter, values: [...values] });
    }
  }
  return lists;
}

// All that a cell is found by, in lower case; made when it is first asked for.
function searcher(data) {
  const keys = data.exported.filter(({ key }) => key).map(({ name }) => data.field(name));
  const fields = [data.own.label, data.own.tags, ...keys];
  fields.push(...["guarantee", "outcome", "verdict", "limited_by", "reasons"].map(data.field));
  const texts = [];
  return (cell) => {
    texts[cell] ??= fields.map((field) => field(cell)).join("\n").toLowerCase();
    return texts[cell];
  };
}

// Whether a cell has all words and, of each filter but one, a chosen value.
function passes(data, state, cell, except) {
  for (const [key, chosen] of state.chosen) {
    if (key === except || chosen.size === 0) continue;
    if (!valuesOf(data, key, cell).some((value) => chosen.has(value))) return false;
  }
  return state.words.every((word) => state.text(cell).includes(word));
}

// How many cells each value of a filter would leave.
function counts(data, state, filter) {
  const numbers = new Map(filter.values.map((value) => [value, 0]));
  for (let cell = 0; cell < data.cells; cell += 1) {
    if (!passes(data, state, cell, filter.key)) continue;
    for (const value of valuesOf(data, filter.key, cell)) numbers.set(value, numbers.get(value) + 1);
  }
  return numbers;
}

// One filter as a list that folds; `changed` is called when a value was chosen.
function filterBox(filter, state, changed) {
  const summary = make("summary", { title: filter.meaning });
  const boxes = filter.values.map((value, place) => {
    const id = `filter-${filter.key}-${place}`;
    const input = make("input", { type: "checkbox", id });
    const count = make("span", { class: "count" });
    input.addEventListener("change", () => {
      const chosen = state.chosen.get(filter.key);
      if (input.checked) chosen.add(value);
      else chosen.delete(value);
      changed();
    });
    const text = make("span", { class: "value" }, value === "" ? EMPTY : value);
    return { value, input, count, line: make("label", { for: id }, input, text, count) };
  });
  const legend = make("legend", {}, filter.title);
  const box = make("details", { class: "filter" }, summary,
    make("fieldset", {}, legend, ...boxes.map(({ line }) => line)));
  return {
    box,
    show(numbers) {
      const chosen = state.chosen.get(filter.key);
      const names = [...chosen].map((value) => (value === "" ? EMPTY : value));
      summary.textContent = `${filter.title}: ${names.length === 0 ? "all" : names.join(", ")}`;
      box.classList.toggle("chosen", names.length > 0);
      for (const { value, input, count, line } of boxes) {
        input.checked = chosen.has(value);
        count.textContent = grouped(String(numbers.get(value)));
        line.classList.toggle("nothing", numbers.get(value) === 0);
      }
    },
  };
}

// `#cells?bus=nats-core&bus=mqtt5&text=qos&sort=lost&order=descending&cell=1.17`. Names that are no
// filter and values that no cell has are left out.
function fromFragment(data, state, lists) {
  const [anchor, query] = location.hash.slice(1).split(/\?(.*)/s);
  if (anchor !== "cells" || query === undefined) return false;
  const wanted = new URLSearchParams(query);
  clear(state);
  for (const { key, values } of lists) {
    for (const value of wanted.getAll(key)) {
      // A claim without a cell leaves none, rather than all.
      if (values.includes(value) || key === "claim") state.chosen.get(key).add(value);
    }
  }
  if (wanted.has("claim") && !state.chosen.has("claim")) {
    state.chosen.set("claim", new Set(wanted.getAll("claim")));
  }
  search(state, wanted.get("text") ?? "");
  if (data.heads.some(({ key }) => key === wanted.get("sort"))) {
    state.sort = wanted.get("sort");
    state.descending = wanted.get("order") === "descending";
  }
  state.open.clear();
  const cell = placeOf(data, wanted.get("cell") ?? "");
  if (cell !== null) {
    state.only = cell;
    state.open.add(cell);
  }
  return true;
}

// The place of the cell that `1.17` names: the 17th of the first run's plan.
function placeOf(data, name) {
  const [run, cell] = name.split(".").map(Number);
  if (!(run >= 1 && run <= data.runs.length && cell >= 1 && cell <= data.runs[run - 1].cells)) return null;
  return data.runs.slice(0, run - 1).reduce((sum, { cells }) => sum + cells, 0) + cell - 1;
}

function toFragment(state) {
  const query = new URLSearchParams();
  for (const [key, chosen] of state.chosen) {
    for (const value of chosen) query.append(key, value);
  }
  if (state.typed.trim() !== "") query.set("text", state.typed.trim());
  if (state.sort) {
    query.set("sort", state.sort);
    if (state.descending) query.set("order", "descending");
  }
  return query.size === 0 ? "#cells" : `#cells?${query}`;
}

function search(state, typed) {
  state.typed = typed;
  state.words = typed.toLowerCase().split(/\s+/).filter((word) => word !== "");
}

function clear(state) {
  for (const chosen of state.chosen.values()) chosen.clear();
  search(state, "");
  state.sort = null;
  state.descending = false;
  state.only = null;
}

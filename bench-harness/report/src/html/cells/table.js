
// The table and all around it.

const ROWS = 100;

// Columns that say something: those that are always there, and those in which cells differ.
function headsOf(data) {
  return data.heads.filter((head) => {
    if (!head.optional) return true;
    const field = data.field(head.key);
    for (let cell = 1; cell < data.cells; cell += 1) {
      if (field(cell) !== field(0)) return true;
    }
    return false;
  });
}

// What a cell has in a column: the export's field, where the cell has a headline.
function fieldOf(data, head, cell) {
  if (head.headline && data.own.unranked(cell) !== "") return "";
  return data.field(head.key)(cell);
}

// Cells that pass, in order. Empty values come last either way; equal ones stay in the plan's order.
function shownCells(data, state, heads) {
  const cells = [];
  for (let cell = 0; cell < data.cells; cell += 1) {
    if (state.only !== null ? cell === state.only : passes(data, state, cell, null)) cells.push(cell);
  }
  const head = heads.find(({ key }) => key === state.sort);
  if (!head) return cells;
  const value = (cell) => {
    const field = fieldOf(data, head, cell);
    if (field === "") return null;
    return head.unit === "text" ? field : Number(field);
  };
  const direction = state.descending ? -1 : 1;
  return cells
    .map((cell) => ({ cell, value: value(cell) }))
    .sort((one, other) => {
      if (one.value === null || other.value === null) {
        return (one.value === null) - (other.value === null);
      }
      if (one.value === other.value) return 0;
      return one.value < other.value ? -direction : direction;
    })
    .map(({ cell }) => cell);
}

function row(data, heads, state, cell) {
  const detail = `cell-${cell}-opened`;
  const line = make("tr", { class: data.own.tone(cell) });
  const lines = [line];
  const isOpen = () => state.open.has(cell);
  const button = make("button", { type: "button", "aria-expanded": String(isOpen()) },
    chip(data.own.ink(cell)), data.own.label(cell));
  line.append(make("th", { scope: "row" }, button));
  for (const head of heads.slice(1)) {
    let text = written(fieldOf(data, head, cell), head.unit);
    if (head.key === "delivered_per_second" && text !== "" && data.own.at_least(cell) === "1") {
      text = `≥ ${text}`;
    }
    const judged = head.key === "outcome" || head.key === "verdict";
    const kind = head.unit !== "text" ? "number" : judged ? "judgement" : "";
    const meaning = data.meanings[head.key]?.[text] ?? "";
    line.append(make("td", { class: kind, title: meaning }, text === "" ? NONE : text));
  }
  const show = () => {
    if (isOpen() && lines.length === 1) {
      const place = make("td", { colspan: String(heads.length) }, opened(data, cell));
      lines.push(make("tr", { class: "detail", id: detail }, place));
      line.after(lines[1]);
      button.setAttribute("aria-controls", detail);
    } else if (!isOpen() && lines.length === 2) {
      lines.pop().remove();
      button.removeAttribute("aria-controls");
    }
    button.setAttribute("aria-expanded", String(isOpen()));
  };
  button.addEventListener("click", () => {
    if (!state.open.delete(cell)) state.open.add(cell);
    show();
  });
  if (isOpen()) {
    const body = document.createDocumentFragment();
    body.append(line);
    show();
    return body;
  }
  return line;
}

function headRow(heads, state, changed) {
  const buttons = heads.map((head) => {
    const arrow = make("span", { class: "arrow", "aria-hidden": "true" });
    const button = make("button", { type: "button" }, head.title, arrow);
    const attributes = { scope: "col", class: head.unit === "text" ? "" : "number", title: head.meaning };
    button.addEventListener("click", () => {
      state.descending = state.sort === head.key && !state.descending;
      state.sort = head.key;
      changed();
    });
    return { head, arrow, cell: make("th", attributes, button) };
  });
  return {
    line: make("tr", {}, ...buttons.map(({ cell }) => cell)),
    show() {
      for (const { head, arrow, cell } of buttons) {
        const sorted = state.sort === head.key;
        if (sorted) cell.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
        else cell.removeAttribute("aria-sort");
        arrow.textContent = sorted ? (state.descending ? "\u00a0↓" : "\u00a0↑") : "";
      }
    },
  };
}

function start() {
  const data = read();
  const heads = headsOf(data);
  const lists = choices(data);
  const state = {
    chosen: new Map(lists.map(({ key }) => [key, new Set()])),
    open: new Set(),
    text: searcher(data),
    shown: ROWS,
  };
  clear(state);

  const changed = () => {
    state.shown = ROWS;
    state.only = null;
    update();
    try {
      history.replaceState(null, "", toFragment(state));
    } catch {
      // Some browsers refuse it for a file; the filters work without.
    }
  };
  const boxes = lists.map((filter) => ({ filter, ...filterBox(filter, state, changed) }));
  const input = make("input", { type: "search", id: "cells-search", autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", () => {
    search(state, input.value);
    changed();
  });
  const status = make("p", { class: "status", role: "status" });
  const all = make("button", { type: "button" }, "Show all");
  all.addEventListener("click", () => {
    clear(state);
    changed();
  });
  let cells = [];
  const save = make("button", { type: "button" }, "Download CSV");
  // In the plan's order, as the export has them, however the table is sorted.
  save.addEventListener("click", () => download(data, [...cells].sort((one, other) => one - other)));
  const more = make("button", { type: "button", class: "more" });
  more.addEventListener("click", () => {
    const first = state.shown;
    state.shown += ROWS;
    fill(first);
    body.querySelectorAll("tr:not(.detail) > th > button")[first]?.focus();
  });
  const head = headRow(heads, state, changed);
  const body = make("tbody");

  // Adds the rows from a place on.
  const fill = (first) => {
    body.append(...cells.slice(first, state.shown).map((cell) => row(data, heads, state, cell)));
    const left = cells.length - state.shown;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(ROWS, left)} more of ${grouped(String(Math.max(left, 0)))}`;
  };
  const update = () => {
    cells = shownCells(data, state, heads);
    for (const { filter, show } of boxes) show(counts(data, state, filter));
    if (input.value !== state.typed) input.value = state.typed;
    head.show();
    const [some, of] = [cells.length, data.cells].map((number) => grouped(String(number)));
    status.textContent = `${some} of ${of} cells`;
    body.replaceChildren();
    fill(0);
  };
  const follow = () => {
    if (!fromFragment(data, state, lists)) return;
    state.shown = ROWS;
    update();
    document.getElementById("cells").scrollIntoView();
  };

  // Paper has no button for more.
  window.addEventListener("beforeprint", () => {
    const first = state.shown;
    state.shown = Math.max(cells.length, ROWS);
    fill(first);
  });
  window.addEventListener("hashchange", follow);

  document.getElementById("cells-place").append(
    make("div", { class: "filters" }, ...boxes.map(({ box }) => box)),
    make("div", { class: "bar" },
      make("label", { for: "cells-search" }, "Search"), input, status, all, save),
    scrolling("Every cell", make("table", { class: "cells" },
      make("thead", {}, head.line), body)),
    more,
  );
  update();
  follow();
}

document.addEventListener("DOMContentLoaded", start);


// What a row opens to.

function opened(data, cell) {
  const id = `cell-${cell}`;
  const field = (key) => data.field(key)(cell);
  const run = data.runOf(cell);
  return make("div", { class: "opened" },
    make("h3", {}, data.own.label(cell)),
    make("p", { class: "conditions" }, `${run.scenario}: ${run.question} · run ${run.run}`),
    judgements(data, cell, field),
    ...trialsOf(data, cell, id),
    ...figuresOf(data, cell, field),
    conditions(data, field),
    ...setting(data, cell, run),
  );
}

// Outcome, limit, verdict, guarantee and reasons, each with what it means.
function judgements(data, cell, field) {
  const told = (text, meaning) => (text === "" || !meaning ? text : `${text}: ${meaning}`);
  const entries = [
    ["Outcome", told(field("outcome"), data.meanings.outcome[field("outcome")])],
    ["Limited by", told(field("limited_by"), data.meanings.limited_by[field("limited_by")])],
    ["Verdict", told(field("verdict"), data.meanings.verdict[field("verdict")])],
    ["Guarantee", told(field("guarantee"), data.meanings.guarantee[field("guarantee")])],
    ["Reasons", field("reasons")],
  ];
  for (const kind of data.own.kinds(cell).split(" ").filter((kind) => kind !== "")) {
    entries.push([kind, data.meanings.reason[kind] ?? ""]);
  }
  const unranked = data.own.unranked(cell);
  if (unranked !== "") entries.push(["Not ranked", unranked]);
  const tags = valuesOf(data, "claim", cell);
  if (tags.length > 0) entries.push(["Evidence for", tags.join(", ")]);
  return facts(entries);
}

function trialsOf(data, cell, id) {
  const [first, last] = [data.trials[cell], data.trials[cell + 1]];
  if (first === last) return [make("p", { class: "small" }, "No trial of this cell has finished.")];
  const [numbers, verdicts] = ["trial", "verdict"].map((title) =>
    data.tables[0].columns.find((one) => one.title === title).values);
  const trials = [];
  for (let place = first; place < last; place += 1) {
    trials.push({ place, number: numbers(place), invalid: verdicts(place) === "invalid" });
  }
  const parts = [chart(data, cell, trials, id)];
  for (const [index, table] of data.tables.entries()) {
    const content = trialTable(data, table, trials, index > 0);
    if (!content) continue;
    const shown = scrolling(`${table.title}, ${data.own.label(cell)}`, content);
    const link = document.getElementById(table.method)
      ? [" · ", make("a", { class: "method", href: `#${table.method}` }, "How this is made")] : [];
    if (index === 0) {
      parts.push(make("h4", {}, table.title, ...link), shown);
    } else {
      parts.push(make("details", {}, make("summary", {}, table.title), make("p", { class: "small" }, ...link.slice(1)), shown));
    }
  }
  if (data.left_out) parts.push(make("p", { class: "small" }, data.left_out));
  return parts;
}

// The rows of some trials; null where they have none.
function trialTable(data, table, trials, numbered) {
  const body = make("tbody");
  for (const trial of trials) {
    for (let row = table.starts[trial.place]; row < table.starts[trial.place + 1]; row += 1) {
      const line = make("tr", { class: table.tone(row) });
      if (numbered) line.append(make("td", { class: "number" }, trial.number));
      for (const one of table.columns) line.append(trialCell(data, one, one.values(row)));
      body.append(line);
    }
  }
  if (body.rows.length === 0) return null;
  const head = make("tr");
  if (numbered) head.append(make("th", { scope: "col", class: "number" }, "trial"));
  for (const one of table.columns) {
    const attributes = { scope: "col", class: one.number ? "number" : "", title: one.meaning };
    head.append(make("th", attributes, one.title));
  }
  return make("table", {}, make("thead", {}, head), body);
}

function trialCell(data, { title, number }, text) {
  const meanings = data.meanings[title.replace(" ", "_")];
  const judged = title === "outcome" || title === "verdict";
  const kind = number ? "number" : judged ? "judgement" : title === "reasons" ? "long" : "";
  return make("td", { class: kind, title: meanings?.[text] ?? "" }, text);
}

function figuresOf(data, cell, field) {
  const parts = [];
  for (const group of data.figures) {
    const entries = group.figures.map(({ key, title, unit, meaning }) => {
      const bound = key === "delivered_per_second" && data.own.at_least(cell) === "1";
      const text = written(field(key), unit);
      return [title, bound && text !== "" ? `≥ ${text}` : text, meaning];
    });
    if (entries.every(([, text]) => text === "")) continue;
    parts.push(make("div", {}, make("h4", {}, group.title), facts(entries)));
  }
  if (parts.length === 0) return [];
  const unranked = data.own.unranked(cell);
  const notes = unranked === "" ? [] : [make("p", { class: "small" },
    `These figures stand in no ranking (${unranked}): times are those of the messages that arrived.`)];
  return [...notes, make("div", { class: "groups" }, ...parts)];
}

// The columns that name the cell.
function conditions(data, field) {
  const entries = data.exported
    .filter(({ key }) => key)
    .map(({ name, meaning }) => [name.replaceAll("_", " "), field(name), meaning]);
  return make("details", {}, make("summary", {}, "Conditions"), facts(entries));
}

function setting(data, cell, run) {
  const server = data.own.server(cell);
  const entries = [
    ["Host", run.setting],
    ["Machine", run.machine],
    ["Server", server === "" ? "" : data.servers[Number(server)].title],
    ["Client", data.own.client_settings(cell)],
  ];
  const parts = [make("h4", {}, "Server and environment"), facts(entries)];
  if (server !== "") {
    parts.push(make("details", {}, make("summary", {}, "Effective configuration of the server"),
      make("pre", { tabindex: "0" }, data.servers[Number(server)].configuration)));
  }
  if (document.getElementById("environment")) {
    parts.push(make("p", { class: "small" },
      make("a", { href: "#environment" }, "All of servers, machine and scenario")));
  }
  return parts;
}

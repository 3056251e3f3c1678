
// The cells that are shown, as `busbench export` writes them: RFC 4180, lines ending in `\n`.

function quoted(field) {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function csv(data, cells) {
  const names = data.exported.map(({ name }) => name);
  const fields = names.map((name) => data.field(name));
  const lines = [names.map(quoted).join(",")];
  for (const cell of cells) lines.push(fields.map((field) => quoted(field(cell))).join(","));
  return `${lines.join("\n")}\n`;
}

function download(data, cells) {
  const file = new Blob([csv(data, cells)], { type: "text/csv" });
  const address = URL.createObjectURL(file);
  const link = make("a", { href: address, download: "cells.csv" });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has taken the address by then.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

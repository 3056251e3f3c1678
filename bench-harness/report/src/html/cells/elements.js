
// Elements. Texts of results only ever become text.

const NONE = "–";

function put(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== "" && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

function make(name, attributes = {}, ...children) {
  return put(document.createElement(name), attributes, children);
}

// An element of a picture.
function draw(name, attributes = {}, ...children) {
  const space = document.getElementById("cells-drawing").namespaceURI;
  return put(document.createElementNS(space, name), attributes, children);
}

function chip(ink) {
  const colour = ink.replace(/^s-/, "f-");
  return draw("svg", { class: "chip", viewBox: "0 0 10 10", "aria-hidden": "true" },
    draw("rect", { class: colour, width: 10, height: 10 }));
}

// Names beside what they are, those without left out.
function facts(entries) {
  const list = make("dl", { class: "facts" });
  for (const [name, value, title] of entries) {
    if (value === "") continue;
    list.append(make("dt", { title: title ?? "" }, name), make("dd", {}, value));
  }
  return list;
}

// A table that scrolls within itself.
function scrolling(label, table) {
  const attributes = { class: "scroll", tabindex: "0", role: "region", "aria-label": label };
  return make("div", attributes, table);
}

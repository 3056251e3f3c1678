
// Delivered rates of a cell's trials, second by second.

const CHART = { width: 640, height: 200, left: 80, right: 12, top: 16, bottom: 36 };

// To two digits, so that the number at the top of the axis is the one that it ends at.
function roundedUp(value) {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / step) * step;
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function spread(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return `${significant(least)} to ${significant(most)}, mean ${significant(mean(numbers))}`;
}

// One line for each of the trials, or a sentence where none has two points. `number` is what a trial is
// called, `invalid` whether it counts for nothing.
function chart(data, cell, trials, id) {
  const series = trials
    .map((trial) => ({ ...trial, rates: rates(data, trial.place) }))
    .filter((trial) => trial.rates.length > 1);
  if (series.length === 0) {
    return make("p", { class: "small" },
      "The windows of its trials are too short for a picture second by second.");
  }
  const { width, height, left, right, top, bottom } = CHART;
  const points = Math.max(...series.map((trial) => trial.rates.length));
  const ceiling = roundedUp(Math.max(1, ...series.flatMap((trial) => trial.rates)) * 1.03);
  const x = (point) => left + (point / Math.max(points - 1, 1)) * (width - left - right);
  const y = (rate) => height - bottom - (rate / ceiling) * (height - top - bottom);
  const step = data.seconds.step;
  const told = series.map((trial) =>
    `trial ${trial.number}${trial.invalid ? " (invalid)" : ""}: ${spread(trial.rates)}`);
  const label = data.own.label(cell);
  const each = step === 1 ? "each second" : `each ${step} seconds, per second`;
  const picture = draw("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-labelledby": `${id}-title`,
    "aria-describedby": `${id}-description`,
  },
  draw("title", { id: `${id}-title` }, `Delivered per second over time: ${label}`),
  draw("desc", { id: `${id}-description` }, `Deliveries in ${each}, from start to end of the measured window. ${told.join("; ")}.`));
  for (const level of [0, ceiling / 2, ceiling]) {
    picture.append(
      draw("path", { class: "s-grid", d: `M${left} ${y(level)}H${width - right}` }),
      draw("text", { class: "f-muted", x: left - 8, y: y(level) + 4, "text-anchor": "end" },
        short(level)),
    );
  }
  const middle = (left + width - right) / 2;
  const under = height - bottom + 24;
  picture.append(
    draw("text", { class: "f-muted", x: left, y: under }, `${step} s`),
    draw("text", { class: "f-muted", x: middle, y: under, "text-anchor": "middle" },
      "delivered per second"),
    draw("text", { class: "f-muted", x: width - right, y: under, "text-anchor": "end" },
      `${points * step} s`),
  );
  for (const trial of series) {
    const path = trial.rates.map((rate, point) =>
      `${point === 0 ? "M" : "L"}${x(point).toFixed(1)} ${y(rate).toFixed(1)}`);
    const ink = trial.invalid ? "s-muted" : data.own.ink(cell);
    picture.append(draw("path", { class: `line ${ink}`, d: path.join("") }));
  }
  const caption = make("figcaption", {}, `${capital(told.join("; "))}.`);
  return make("figure", { class: "series" }, picture, caption);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

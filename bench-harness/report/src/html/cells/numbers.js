"use strict";

// Numbers as the rest of the page writes them: three significant digits, thousands grouped.

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

function significant(value) {
  if (!Number.isFinite(value)) return "";
  if (value === 0) return "0";
  let magnitude = Math.floor(Math.log10(Math.abs(value)));
  // Rounded first: 9.996 has one digit before the point, and 10.0 has two.
  const step = 10 ** (magnitude - 2);
  const rounded = Math.round(Math.abs(value) / step) * step;
  magnitude = Math.floor(Math.log10(rounded * (1 + 1e-12)));
  const sign = value < 0 ? "-" : "";
  if (magnitude >= 2) return sign + grouped(Math.round(rounded).toFixed(0));
  return sign + rounded.toFixed(Math.min(2 - magnitude, 9));
}

// For axes: `150k`, `1.5M`.
function short(value) {
  const [suffix, size] = value >= 1e6 ? ["M", 1e6] : value >= 1e3 ? ["k", 1e3] : ["", 1];
  return Number((value / size).toFixed(2)) + suffix;
}

function memory(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit + 1 < units.length) {
    size /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${bytes} B` : `${size.toFixed(1)} ${units[unit]}`;
}

// A field of the export as text for people; empty where it is.
function written(field, unit) {
  if (field === "" || unit === "text") return field;
  const value = Number(field);
  switch (unit) {
    case "count":
      return grouped(field);
    case "microseconds":
      return significant(value / 1e3);
    case "bytes":
      return Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
    case "memory":
      return memory(value);
    default:
      return significant(value);
  }
}

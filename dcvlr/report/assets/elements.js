"use strict";
// Everything from pictures and models is set as text; no HTML is ever made from data.
const data = JSON.parse(document.getElementById("data").textContent);
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function plain(value) { return String(value).replace(HIDDEN, (sign) => "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0")); }

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined)
    element.append(child instanceof Node ? child : plain(child));
  return element;
}

function table(head, rows) {
  const style = head.map((_, index) => rows.some((row) => typeof row[index] === "number") ? "number" : null);
  return make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, head.map((name, index) => make("th", { class: style[index] }, name)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, row.map((value, index) => make("td", { class: style[index] }, typeof value === "number" ? count(value) : value)))))));
}

function count(number) { return Number.isInteger(number) ? number.toLocaleString("en") : String(Number(number.toPrecision(4))); }
function share(part, whole) { return whole ? (100 * part / whole).toFixed(1) + " %" : "–"; }
function section(id) { return document.getElementById(id); }
function numbers(text) { return new Float64Array(bytes(text).buffer); }
function bytes(text) { return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)); }

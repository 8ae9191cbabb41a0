const BARS = 48;

function showThresholds() {
  const place = section("thresholds");
  if (!movable.size) { place.append(make("p", { class: "soft" }, "This run has no measured values to move.")); return; }
  const sampled = data.filtering.total > data.filtering.count;
  place.append(make("p", { class: "soft" }, "Move a threshold: what would be kept is decided again here, by the program's rules over the measured values. " +
    "Duplicates, unreadable pictures and a strict balance do not move: they need the program." +
    (sampled ? ` Counts are from a sample of ${count(data.filtering.count)} of ${count(data.filtering.total)} pictures: ± ${(100 / Math.sqrt(data.filtering.count)).toFixed(1)} points.` : "")));
  const panels = [...movable.values()].map(panel).filter((made) => made !== null);
  place.append(make("div", { class: "panels" }, panels.map((made) => made.element)));
  const sum = make("div", { class: "sum", role: "status", "aria-live": "polite" });
  const words = make("pre", { id: "command" });
  place.append(sum, words, make("div", { class: "controls" },
    make("button", { id: "copy", onclick: () => navigator.clipboard?.writeText(command()) }, "Copy command"),
    make("button", { id: "reset", onclick: () => { for (const rule of movable.values()) rule.threshold = rule.start; refresh(); } }, "Reset")));
  function refresh() {
    const result = decide();
    panels.forEach((made) => made.refresh());
    const entry = (name, value) => make("span", {}, name + " ", make("strong", { "data-count": name }, count(value)));
    sum.replaceChildren(entry("kept", result.kept), entry("rejected", result.rejected), entry("left out for what does not move", result.fixed),
      ...Object.entries(result.bins).map(([bin, number]) => entry("bin " + bin, number)), result.leftOut ? entry("in no bin for what does not move", result.leftOut) : "",
      result.unknown + result.unbinned ? make("span", { class: "bad" }, `${count(result.unknown + result.unbinned)} were not measured that far: a run tells`) : "");
    words.textContent = command();
  }
  panels.forEach((made) => made.onmove(refresh));
  refresh();
}

function panel(rule) {
  const column = filterColumns[rule.name] ?? binColumns[rule.name];
  const values = [...column].filter((value) => !Number.isNaN(value));
  if (!values.length) return null;
  const low = Math.min(rule.threshold, values.reduce((a, b) => Math.min(a, b))), high = Math.max(rule.threshold, values.reduce((a, b) => Math.max(a, b)));
  const whole = values.every(Number.isInteger) && Number.isInteger(rule.threshold);
  const step = whole ? 1 : Number(((high - low || 1) / 200).toPrecision(1));
  const id = "rule-" + rule.name;
  const slider = make("input", { type: "range", id, min: low, max: high, step, "aria-label": rule.what });
  const field = make("input", { type: "number", step: "any", "aria-label": rule.key });
  const note = make("p", { class: "soft" });
  const drawing = make("div");
  let after = () => {};
  const move = (text) => { const value = Number(text); if (Number.isFinite(value)) { rule.threshold = value; after(); } };
  slider.addEventListener("input", () => move(slider.value));
  field.addEventListener("change", () => move(field.value));
  const element = make("div", { class: "panel" }, make("h3", {}, rule.key), make("p", { class: "soft" }, rule.what), drawing, slider, make("div", {}, field), note);
  function refresh() {
    slider.value = rule.threshold; field.value = rule.threshold;
    drawing.replaceChildren(histogram(values, low, high, rule), make("div", { class: "axis soft" }, make("span", {}, count(low)), make("span", {}, count(high))));
    const passing = values.filter((value) => strictly(rule, value)).length;
    note.textContent = `${count(passing)} of ${count(values.length)} measured are on the side of ${bins(rule) ? "the bin" : "what is kept"}`;
  }
  return { element, refresh, onmove: (call) => { after = call; } };
}

function bins(rule) { return rule.name in binColumns; }
function strictly(rule, value) { return bins(rule) ? value > rule.threshold : passes(rule, value); }

function histogram(values, low, high, rule) {
  const width = 480, height = 80, span = (high - low) || 1, inside = new Array(BARS).fill(0), outside = new Array(BARS).fill(0);
  for (const value of values) {
    const index = Math.min(BARS - 1, Math.floor((value - low) / span * BARS));
    (strictly(rule, value) ? inside : outside)[index]++;
  }
  const most = Math.max(...inside.map((number, index) => number + outside[index])), svg = node("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": `histogram of ${rule.name}` });
  for (let index = 0; index < BARS; index++) {
    const x = index * width / BARS, tall = (number) => number ? Math.max(1.5, number / most * height) : 0, first = tall(inside[index]), second = tall(outside[index]);
    svg.append(node("rect", { class: "in", x, y: height - first, width: width / BARS - 1, height: first }),
      node("rect", { class: "out", x, y: height - first - second, width: width / BARS - 1, height: second }));
  }
  const mark = (rule.threshold - low) / span * width;
  svg.append(node("line", { x1: mark, x2: mark, y1: 0, y2: height, stroke: "currentColor", "stroke-width": 2 }));
  return svg;
}

function node(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

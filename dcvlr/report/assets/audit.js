// Answers of a person to a seeded sample of the dataset's questions; kept in the page and saved as a file for `dcvlr audit`.
function audited() {
  if (!data.audit) return [];
  const percent = (value) => value === null ? "–" : (100 * value).toFixed(1) + " %";
  const rows = [["all", data.audit.overall], ...data.audit.bins.map((row) => ["bin " + row.name, row]), ...data.audit.kinds.map((row) => [row.name, row]),
    ...data.audit.flagged.map((row) => ["flagged by " + row.name, row]), ...data.audit.refused.map((row) => ["refused by " + row.name, row])];
  const score = (value) => value === null ? "–" : value.toFixed(2);
  return [make("h3", {}, "What people said of the sample"),
    table(["", "right", "wrong", "unclear", "precision", "95 % interval"], rows.map(([name, row]) => [name, row.right, row.wrong, row.unclear, percent(row.share), row.low === null ? "–" : `${percent(row.low)} to ${percent(row.high)}`])),
    ...data.audit.calibration.map((one) => make("details", {}, make("summary", {}, `${one.name}: right questions have the higher value in ${score(one.auc)} of pairs (0.5 is chance)`),
      table(["value", "right", "wrong", "precision", "95 % interval"], one.groups.map((row) => [row.name, row.right, row.wrong, percent(row.share), row.low === null ? "–" : `${percent(row.low)} to ${percent(row.high)}`])))),
    ...data.audit.agreements.map((pair) => make("p", {}, `${pair.auditors.join(" and ")} agree on ${pair.same} of ${pair.both}, Cohen's kappa ${pair.kappa === null ? "undefined" : pair.kappa.toFixed(2)}`))];
}

function showAudit() {
  section("audit").append(...audited());
  const place = section("audit"), byId = new Map(data.questions.cards.map((card) => [card.id, card])), cards = data.questions.audited.map((id) => byId.get(id)), verdicts = {};
  if (!cards.length) { place.append(make("p", { class: "soft" }, "No questions to judge.")); return; }
  let index = 0;
  const shown = make("div"), progress = make("p", { class: "soft", role: "status" }), name = make("input", { "aria-label": "your name", placeholder: "your name", size: 12 });
  const judge = (verdict) => { verdicts[cards[index].id] = verdict; if (index < cards.length - 1) index++; draw(); };
  const keys = { 1: "right", 2: "wrong", 3: "unclear" };
  const buttons = make("div", { class: "controls" }, Object.entries(keys).map(([key, verdict]) => make("button", { onclick: () => judge(verdict) }, `${key} ${verdict}`)),
    make("button", { onclick: () => { index = Math.max(0, index - 1); draw(); } }, "← back"), name, make("button", { id: "save", onclick: save }, "Save"));
  const form = make("div", { tabindex: 0, class: "panel", "aria-label": "audit form: keys 1 right, 2 wrong, 3 unclear", onkeydown: (event) => {
    if (event.target.tagName !== "INPUT" && keys[event.key]) { event.preventDefault(); judge(keys[event.key]); }
  } }, progress, shown, buttons);
  place.append(make("p", { class: "soft" }, "Judge each question from the picture: is the answer right? A few were left out of the dataset, which is not shown. Then save the file and give it to `dcvlr audit`."), form);
  function draw() {
    progress.textContent = `${index + 1} of ${cards.length}, ${Object.keys(verdicts).length} judged` + (verdicts[cards[index].id] ? ` – this one: ${verdicts[cards[index].id]}` : "");
    shown.replaceChildren(question(cards[index], true));
  }
  function save() {
    const lines = Object.entries(verdicts).map(([id, verdict]) => JSON.stringify({ id, verdict, auditor: name.value || "unnamed" })).join("\n") + "\n";
    const link = make("a", { href: URL.createObjectURL(new Blob([lines], { type: "application/x-ndjson" })), download: "audit.jsonl" });
    link.click();
    URL.revokeObjectURL(link.href);
  }
  draw();
}

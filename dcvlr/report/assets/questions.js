const PAGE = 20;

function showQuestions() {
  const place = section("questions"), all = data.questions.cards;
  if (!all.length) { place.append(make("p", { class: "soft" }, "No questions.")); return; }
  const filters = { verdict: "verdict", bin: "bin", kind: "kind", difficulty: "difficulty", check: "failed check" };
  const chosen = {}, list = make("div"), controls = make("div", { class: "controls" }), found = make("span", { class: "soft", role: "status" });
  let page = 1;
  const value = (card, name) => name === "check" ? card.findings.filter((finding) => !finding.passed).map((finding) => finding.name) : [card[name]].filter((item) => item !== null && item !== undefined).map(String);
  for (const [name, label] of Object.entries(filters)) {
    const options = [...new Set(all.flatMap((card) => value(card, name)))].sort();
    if (options.length > 1) controls.append(make("label", {}, label + " ", make("select", { onchange: (event) => { chosen[name] = event.target.value; page = 1; draw(); } },
      make("option", { value: "" }, "all"), options.map((option) => make("option", { value: option }, option)))));
  }
  controls.append(found);
  const more = make("button", { onclick: () => { page++; draw(); } }, "More");
  place.append(controls, list, more, priors());
  function draw() {
    const cards = all.filter((card) => Object.entries(chosen).every(([name, wanted]) => !wanted || value(card, name).includes(wanted)));
    found.textContent = `${count(cards.length)} of ${count(all.length)} shown here`;
    list.replaceChildren(...cards.slice(0, page * PAGE).map(question));
    more.hidden = cards.length <= page * PAGE;
  }
  draw();
}

function question(card) {
  const boxes = new Map(), pictures = card.pictures.map((id) => id ? data.questions.pictures[id] : null);
  const light = (refs, lit) => refs.forEach((ref) => boxes.get(ref)?.classList.toggle("lit", lit));
  const steps = card.reasoning.split("\n").map((line) => {
    const refs = [...line.matchAll(/\[([pA-Z][\w:-]+)\]/g)].map((match) => match[1]);
    return make("div", { class: "step text", tabindex: refs.length ? 0 : null, onmouseenter: () => light(refs, true), onmouseleave: () => light(refs, false),
      onfocus: () => light(refs, true), onblur: () => light(refs, false) }, line);
  });
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return make("article", { class: "question", "data-id": card.id }, make("div", {}, pictures.map((picture, index) => picture
      ? evidence(picture, card.evidence.filter((item) => item.picture === index + 1), boxes) : make("p", { class: "soft text" }, card.paths[index]))),
    make("div", {}, make("p", { class: "text" }, make("strong", {}, card.question)),
      card.options.length ? make("p", {}, card.options.map((option, index) => make("span", { class: "text" + (option === card.answer ? " good" : "") }, `${letters[index] ?? index + 1}. ${option}  `))) : null,
      make("p", {}, "Answer: ", make("strong", { class: "text good" }, card.answer)), steps,
      card.rationale ? make("details", {}, make("summary", {}, "Rationale"), make("pre", {}, card.rationale)) : null,
      make("p", { class: "soft" }, [`bin ${card.bin}`, card.kind, card.difficulty === null ? "" : `difficulty ${card.difficulty}`, card.verdict].filter(Boolean).join(" · ")),
      card.findings.filter((finding) => !finding.passed).map((finding) => make("p", { class: "bad text" }, `${finding.name}: ${finding.reason}`))));
}

function evidence(picture, items, boxes) {
  const shown = make("div", { class: "shown" }), image = make("img", { src: picture.src, alt: "" });
  shown.append(image);
  const draw = () => {
    const width = picture.width ?? image.naturalWidth, height = picture.height ?? image.naturalHeight;
    for (const item of items) {
      if (!item.box || boxes.has(item.ref)) continue;
      const [left, top, right, bottom] = item.box;
      const box = make("div", { class: "box", title: plain(item.text), style: `left:${100 * left / width}%;top:${100 * top / height}%;width:${100 * (right - left) / width}%;height:${100 * (bottom - top) / height}%` }, make("span", {}, item.ref));
      boxes.set(item.ref, box); shown.append(box);
    }
  };
  if (picture.width) draw(); else image.addEventListener("load", draw);
  return shown;
}

function priors() {
  if (!data.priors.length) return "";
  return make("details", { style: "margin-top:20px" }, make("summary", {}, "How often the commonest answer of a kind is right"),
    table(["kind", "questions", "commonest answer", "share"], data.priors.map((row) => [row.kind, row.count, row.answer, share(row.share * row.count, row.count)])));
}

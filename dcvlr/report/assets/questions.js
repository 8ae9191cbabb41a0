const PAGE = 20, ENOUGH = 5, TAG = 0.05;

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
  place.append(controls, list, more, priors(), alike());
  function draw() {
    const cards = all.filter((card) => Object.entries(chosen).every(([name, wanted]) => !wanted || value(card, name).includes(wanted)));
    found.textContent = `${count(cards.length)} of ${count(all.length)} shown here`;
    list.replaceChildren(...cards.slice(0, page * PAGE).map(question));
    more.hidden = cards.length <= page * PAGE;
  }
  draw();
}

function question(card, blind = false) {
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
      blind ? null : make("p", { class: "soft" }, [`bin ${card.bin}`, card.kind, card.difficulty === null ? "" : `difficulty ${card.difficulty}`, card.verdict].filter(Boolean).join(" · ")),
      blind ? null : card.findings.filter((finding) => !finding.passed).map((finding) => make("p", { class: "bad text" }, `${finding.name}: ${finding.reason}`)),
      blind || !card.findings.length ? null : make("details", {}, make("summary", {}, "What each check said"), card.findings.map((finding) =>
        make("p", { class: "soft text" }, `${finding.passed ? "✓" : "✗"} ${finding.name}${finding.reason ? `: ${finding.reason}` : ""}${finding.value === null ? "" : ` (${finding.value})`}`)))));
}

function evidence(picture, items, boxes) {
  const shown = make("div", { class: "shown" }), image = make("img", { src: picture.src, alt: "" });
  shown.append(image);
  const draw = () => {
    const width = picture.width ?? image.naturalWidth, height = picture.height ?? image.naturalHeight;
    for (const item of items) {
      if (!item.box || boxes.has(item.ref)) continue;
      const [left, top, right, bottom] = item.box;
      // above the box its name would cover another line, beside a box as wide as the picture the question
      const named = left / width >= TAG ? "box" : right / width > 1 - TAG ? "box whole" : "box first";
      const box = make("div", { class: named, title: plain(item.text), style: `left:${100 * left / width}%;top:${100 * top / height}%;width:${100 * (right - left) / width}%;height:${100 * (bottom - top) / height}%` }, make("span", {}, item.ref));
      boxes.set(item.ref, box); shown.append(box);
    }
  };
  if (picture.width) draw(); else image.addEventListener("load", draw);
  return shown;
}

function priors() {
  if (!data.priors.length) return "";
  const rows = data.priors.filter((row) => row.count >= ENOUGH).sort((one, other) => other.share - one.share || other.count - one.count), few = data.priors.length - rows.length;
  return make("details", { id: "priors" }, make("summary", {}, "Answer priors: what a guess without the picture gets, by kind"),
    make("p", { class: "soft" }, "The bar is the share of a kind's questions that its commonest answer is right for; a long one over many questions can be learned by heart." +
      (few ? ` ${count(few)} kinds with fewer than ${ENOUGH} questions are not shown.` : "")),
    make("div", { class: "funnel", role: "table", "aria-label": "answer priors" }, rows.map((row) => [make("span", { class: "text" }, row.kind),
      make("div", { class: "track" }, make("div", { class: "bar", style: `width:${100 * row.share}%` })),
      make("span", { class: "count text" }, share(row.share * row.count, row.count), make("span", { class: "soft" }, ` of ${count(row.count)}: ${row.answer}`))])));
}

function alike() {
  if (!data.alike.length) return "";
  return make("details", { id: "alike" }, make("summary", {}, `Near-duplicates: ${count(data.alike.length)} pairs of questions in nearly the same words`),
    make("p", { class: "soft" }, "Those about one picture come first, then those with one answer; the same words about two pictures with two answers are no harm."),
    data.alike.map((pair) => make("div", { class: "alike" }, pair.questions.map((words, index) => make("p", { class: "text" }, words, make("span", { class: "good" }, `  ${pair.answers[index]}`))),
      make("p", { class: "soft" }, `${pair.likeness} of 100 alike, about ${pair.same_picture ? "one picture" : "two pictures"}`))));
}

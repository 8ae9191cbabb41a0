function showPictures() {
  const place = section("pictures"), chooser = make("div", { class: "controls", role: "group", "aria-label": "galleries" }), shown = make("div");
  if (!data.galleries.length) { place.append(make("p", { class: "soft" }, "No pictures.")); return; }
  place.append(make("p", { class: "soft" }, "Rejected pictures begin with those that one reason alone removed, nearest to its threshold first; of kept ones a sample by seed." +
    (data.linked ? "" : " Thumbnails are embedded while there is room.")), chooser, shown);
  data.galleries.forEach((gallery, index) => chooser.append(make("button", { "aria-pressed": String(index === 0), onclick: (event) => {
    for (const other of chooser.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
    shown.replaceChildren(cards(gallery));
  } }, `${gallery.name} (${count(gallery.count)})`)));
  shown.append(cards(data.galleries[0]));
}

function cards(gallery) {
  return make("div", { class: "cards" }, gallery.cards.map((card) => make("button", { class: "card", onclick: () => showDetail(card) },
    card.beside ? make("div", { class: "pair" }, thumbnail(card), thumbnail(card.beside)) : thumbnail(card),
    make("span", { title: plain(card.path) }, card.path.split("/").pop()),
    make("span", { class: "soft" }, card.beside ? `kept: ${card.beside.path.split("/").pop()}` : card.reasons[0] ?? card.dataset))));
}

function thumbnail(card) {
  return card.picture ? make("img", { src: card.picture.src, alt: "", loading: "lazy" }) : make("div", { class: "empty" }, "no thumbnail");
}

function showDetail(card) {
  const dialog = section("detail");
  dialog.replaceChildren(...[card.picture ? make("div", { class: card.beside ? "pair" : null }, thumbnail(card), card.beside ? thumbnail(card.beside) : null) : null, make("p", { class: "text" }, card.path),
    card.beside ? make("p", { class: "text good" }, `kept beside it: ${card.beside.path}`) : null,
    make("p", { class: "soft" }, card.id), ...card.reasons.map((reason) => make("p", { class: "bad text" }, reason)),
    table(["value", ""], Object.entries(card.values)), make("p", {}, make("button", { onclick: () => dialog.close(), autofocus: true }, "Close"))].filter(Boolean));
  dialog.showModal();
}

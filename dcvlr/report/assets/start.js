function showCosts() {
  const place = section("costs"), manifest = data.manifest;
  if (data.models.length) place.append(make("h3", {}, "Models, in this run"), modelTable(), make("p", { class: "soft" }, everSpent(manifest.spent)));
  place.append(make("h3", {}, "Seconds of each stage"), table(["stage", "seconds"], Object.entries(manifest.seconds ?? {})));
  place.append(make("h3", {}, "Settings that differ from the defaults"), changedSettings());
  if (data.licences.length) place.append(make("h3", {}, "Licences of the pictures in the dataset"),
    table(["dataset", "stated licence", "pictures"], data.licences.map(([name, licence, number]) => [name, licence ?? "none stated, which is no permission", number])));
  place.append(make("details", {}, make("summary", {}, "Versions and machine"), table(["", ""], origin(manifest))));
}

function changedSettings() {
  if (data.changed?.length) return table(["key", "default", "this run"], data.changed);
  return make("p", { class: "soft" }, data.changed ? "none: all defaults" : "not known: .hydra/config.yaml is missing");
}

function modelTable() {
  const some = (name) => data.models.some((row) => row[name]), optional = [["failed", "failed"], ["tokens", "tokens"], ["cost", "money"]].filter(([name]) => some(name));
  return table(["model", "remembered", "computed", "in all runs", "seconds", "per second", ...optional.map(([, title]) => title)], data.models.map((row) =>
    [row.name, row.remembered ?? "all", row.computed, row.ever.computed ?? "–", row.seconds, row.rate ?? "–", ...optional.map(([name]) => row[name])]));
}

function everSpent(spent) {
  if (!spent?.runs) return "";
  const sum = (what) => Object.values(spent.models).reduce((total, counts) => total + (counts[what] ?? 0), 0);
  const tokens = sum("prompt_tokens") + sum("completion_tokens"), money = sum("cost");
  return `${spent.runs === 1 ? "The run" : `All ${count(spent.runs)} runs`} in this folder${spent.runs === 1 ? "" : " together"}: ${count(sum("computed"))} computed, ${count(spent.seconds)} seconds of workers` +
    (tokens ? `, ${count(tokens)} tokens` : "") + (money ? `, ${count(money)} of money` : "") + ".";
}

function origin(manifest) {
  const machine = manifest.machine ?? {};
  const rows = [["dcvlr", manifest.dcvlr], ["commit", manifest.commit], ["command", manifest.command?.join(" ")], ["started", manifest.started], ["ended", manifest.ended],
    ["machine", [machine.host, machine.platform, machine.cores && `${machine.cores} cores`, ...(machine.gpus ?? [])].filter(Boolean).join(", ")],
    ["pictures below", manifest.root], ["python", manifest.python], ...Object.entries(manifest.versions ?? {})];
  return rows.filter(([, value]) => value);
}

showOverview(); showThresholds(); showPictures(); showQuestions(); showAudit(); showCosts();

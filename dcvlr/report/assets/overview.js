function showOverview() {
  const manifest = data.manifest;
  document.title = `dcvlr: ${plain(data.title)}`;
  section("title").textContent = plain(data.title);
  section("subtitle").textContent = plain(`${manifest.status}, from ${manifest.source}` + (manifest.unmeasured ? `; ${manifest.unmeasured} records could not be measured` : ""));
  const place = section("overview");
  const steps = funnel();
  const most = (unit) => Math.max(1, ...steps.filter((step) => step.unit === unit).map((step) => step.count));
  place.append(make("div", { class: "funnel", role: "table", "aria-label": "what each stage kept" }, steps.map((step) => [
    make("span", {}, step.name),
    make("div", { class: "track" }, make("div", { class: "bar", style: `width:${100 * step.count / most(step.unit)}%` })),
    make("strong", { class: "count" }, count(step.count), make("span", { class: "soft" }, step.note))])));
  const rows = data.stages.flatMap((stage) => stage.reasons.map((reason) => [stage.name, reason.reason, reason.alone, reason.total]));
  if (rows.length) place.append(make("h3", {}, "Why records were left out"),
    table(["stage", "reason", "by this reason alone", "in all"], rows));
  else place.append(make("p", { class: "soft" }, "Nothing was left out."));
  const verdicts = data.stages.flatMap(({ summary }) => Object.entries(summary.verdicts ?? {}));
  if (verdicts.length) place.append(make("h3", {}, "What the checks said"),
    table(["check", "passed", "flagged", "failed", "not checked", "not measured", "reasons"], verdicts.map(([name, said]) => [name,
      said.passed ?? 0, said.flagged ?? 0, said.failed ?? 0, said.not_checked ?? 0, said.not_measured ?? 0,
      Object.entries(said.reasons).map(([reason, number]) => `${reason} (${number})`).join("; ")])));
}

function funnel() {
  const steps = [], add = (unit, ...more) => steps.push(...more.map((step) => ({ unit, ...step })));
  for (const { name, summary } of data.stages) {
    if (summary.total_input !== undefined) add("pictures", { name: "pictures", count: summary.total_input, note: "" },
      { name: "after " + name, count: summary.total_filtered, note: " " + share(summary.total_filtered, summary.total_input) });
    else if (summary.total_binned !== undefined) add("pictures", { name: "in bins", count: summary.total_binned,
      note: " " + Object.entries(summary.bin_distribution).map(([bin, number]) => `${bin} ${number}`).join(", ") });
    else if (summary.total_generated !== undefined) add("questions", { name: "questions", count: summary.total_generated,
      note: " " + Object.entries(summary.kinds?.answer_type ?? {}).map(([kind, one]) => `${kind} ${one.got} of ${one.asked}`).join(", ") });
    else if (summary.validated_count !== undefined) add("questions", { name: "after " + name, count: summary.validated_count, note: " " + share(summary.validated_count, summary.original_count) });
  }
  return steps;
}

function showCosts() {
  const place = section("costs"), manifest = data.manifest;
  const computed = Object.entries(manifest.computed ?? {}).map(([model, number]) => [model, number]);
  if (computed.length) place.append(make("h3", {}, "Model calls of this run; 0 means that all was remembered"), table(["model", "computed"], computed));
  place.append(make("h3", { style: "margin-top:18px" }, "Seconds"), table(["stage", "seconds"], Object.entries(manifest.seconds ?? {})));
  place.append(make("h3", { style: "margin-top:18px" }, "Settings that were chosen"), make("pre", {}, data.overrides.join("\n") || "all defaults"));
  place.append(make("details", {}, make("summary", {}, "Versions"), table(["package", "version"], [["python", manifest.python], ...Object.entries(manifest.versions ?? {})])));
}

showOverview(); showThresholds(); showPictures(); showQuestions(); showAudit(); showCosts();

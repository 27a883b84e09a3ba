/* Versions, health, and what happens now */

const MODES = {
  online: "its policy decides",
  apprentice: "the baseline decides while it learns",
  static: "the baseline, and nothing that was learned",
  shadow: "it decides unseen, beside what is served",
};

function showVersions({ versions, applications, several: many }, name) {
  const one = applications.find((row) => row.application === name) ?? applications[0];
  const shadow = one.shadow ? `, version ${one.shadow} in the shadow` : "";
  const advice = many ? "" : " This process has one version and no promotion: its mode is set by LTRR_MODE; there are more versions on Kafka.";
  $("versions-lead").textContent = `${one.application} is served from version ${one.active} in mode ${one.mode} (${MODES[one.mode]})${shadow}.${one.trouble ? ` ${one.trouble}.` : ""}${advice}`;
  const rows = versions.map((version) => {
    const active = [version.version === one.active ? one.mode : "", version.version === one.shadow ? "shadow" : ""].filter(Boolean).join(", ");
    const settings = Object.entries(version.settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ") || "those of the process";
    const row = [version.version, active || "–", whole(version.revision), version.complete ? settings : "the rebuild is not through"];
    if (many) row.push(version.complete ? button(`Promote ${version.version}`, () => promote(version.version, one.application)) : "");
    return row;
  });
  const heads = ["Version", "Serves as", "Messages learned", "Settings", ...(many ? ["Change over"] : [])];
  const back = many ? make("p", {}, button("Roll back", () => rollBack(one))) : "";
  $("versions").replaceChildren(table(heads, rows), back);
}

function button(label, action) {
  const element = retry(label, action);
  element.classList.add("small");
  return element;
}

/** Ask before something is changed; return the form's mode where it was confirmed. */
function confirmed(title, text, yes, withMode) {
  const dialog = $("confirm");
  $("confirm-title").textContent = title;
  $("confirm-text").textContent = text;
  $("confirm-yes").textContent = yes;
  $("confirm-mode").hidden = !withMode;
  $("mode").replaceChildren(...Object.entries(MODES).map(([mode, what]) => make("option", { value: mode }, `${mode}: ${what}`)));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? $("mode").value : null), { once: true }));
}

async function promote(version, name) {
  const mode = await confirmed(`Promote version ${version}?`, `All query workers will serve ${name} from it, as soon as they have loaded it. What is served now can be brought back by rolling back.`, "Promote", true);
  if (mode) await operate(`v1/policy/${encodeURIComponent(version)}/promote?${new URLSearchParams({ application: name, mode })}`, `Version ${version} is promoted, ${mode}.`);
}

async function rollBack(one) {
  const to = one.shadow ? `This ends the shadow of version ${one.shadow}.` : one.before ? `All query workers will serve ${one.application} from version ${one.before} again.` : "There may be nothing before what is served now.";
  const yes = await confirmed("Roll back?", to, "Roll back", false);
  if (yes) await operate(`v1/policy/rollback?${new URLSearchParams({ application: one.application })}`, `${one.application} is rolled back.`);
}

async function operate(path, done) {
  try {
    const answer = await post(path, {});
    $("operated").textContent = `${done} It is served from version ${answer.version}, ${answer.mode}${answer.shadow ? `, with ${answer.shadow} in the shadow` : ""}.`;
    refresh("versions");
  } catch (error) {
    const text = [error.message, error.advice].filter(Boolean).join(": ");
    $("operated").replaceChildren(`${text} `, button("Enter another key", () => enterKey(refreshAll)));
  }
}

/* Health */

function list(title, rows, none) {
  const entries = rows.flatMap(([name, value, wrong]) => [make("dt", {}, name), make("dd", { className: wrong ? "wrong" : "" }, `${wrong ? "✕ " : ""}${value}`)]);
  return make("div", {}, make("h3", {}, title), rows.length ? make("dl", {}, ...entries) : make("p", { className: "muted" }, none));
}

const counted = (rows, name) => rows.map((row) => [row[name], whole(row.count)]);
const bytes = (count) => (count < 1e6 ? `${decimal(count / 1e3, 0)} kB` : `${decimal(count / 1e6, 1)} MB`);
const seconds = (one) => (one < 1 ? `${decimal(1000 * one, 0)} ms` : `${decimal(one, 1)} s`);

function showHealth(health) {
  const conditions = Object.entries(health.conditions).map(([part, said]) => [part, said === "ok" ? "✓ ok" : said, said !== "ok"]);
  const { updates, mean_s, within_1s } = health.freshness;
  const state = [["memory pairs", whole(health.memory_pairs)]];
  if (health.learns) state.push(["log", bytes(health.log_bytes)], ["pages that may get actions", whole(health.open_pages)]);
  else state.push(["events not yet on Kafka (lag)", whole(health.spool_events), health.spool_events > 1000]);
  if (updates) state.push(["from action to policy, mean", seconds(mean_s)], ["within a second", percent(within_1s)]);
  const lost = health.events.filter(({ outcome }) => outcome !== "accepted").map(({ topic, outcome, count }) => [`${topic}: ${outcome}`, whole(count)]);
  const elsewhere = health.learns ? "" : " here; workers count what they read";
  $("health").replaceChildren(
    list("Ready", conditions, ""),
    list("State", state, ""),
    list("Did not answer", counted(health.degraded, "engine").map(([engine, count]) => [engine, several(count, "search"), true]), "Every engine answered every search."),
    list("Dead letters, by reason", counted(health.dead_letters, "reason"), `None${elsewhere}.`),
    list("Events that taught nothing", lost, `None${elsewhere}.`),
    list("Actions without a weight", counted(health.without_weight, "name"), "None."),
    list("Drift detected", counted(health.drift, "arm"), "None."),
  );
}

/* Live */

function showLive({ events, revision, history }) {
  const grown = history.gauges.revision.findLast((one) => one !== null) - (history.gauges.revision.find((one) => one !== null) ?? revision);
  $("live-lead").textContent = `Revision ${whole(revision)}: messages learned; ${whole(Math.max(0, grown))} of them within the last ${several(Math.max(1, Math.round((history.starts_s.length * history.step_s) / 60)), "minute")}.`;
  const rows = events.slice(0, 20).map((event) => {
    const what = event.action_name
      ? [make("b", {}, event.action_name), ` on “${event.name ?? event.object_id}” for “${queryName(event.query)}”`]
      : ["searched “", queryName(event.query), `”, ${several(event.results, "result")}`];
    return make("li", {}, make("time", {}, clock(event.time_s, true)), make("span", {}, ...what));
  });
  $("events").replaceChildren(...(rows.length ? rows : [make("li", {}, make("span"), "Nothing was searched here yet.")]));
}

function showTiles({ history }, policy, health) {
  const sum = (name) => history.counts[name].reduce((total, one) => total + one, 0);
  const searches = sum("searches"), minutes = Math.max(1, (history.now_s - Math.max(history.began_s, history.now_s - 900)) / 60);
  const rate = (count) => (searches ? count / searches : null);
  const { difference, standing } = policy.baseline.unlearned;
  const tiles = [
    ["Searches a minute", decimal(searches / minutes, 1), `${whole(searches)} in ${several(Math.round(minutes), "minute")}`],
    ["Actions per 100", searches ? decimal(100 * rate(sum("actions")), 1) : "–", `searches; ${whole(sum("actions"))} in all`],
    ["Without results", searches ? percent(rate(sum("empty"))) : "–", several(sum("empty"), "search")],
    ["Beside no learning", difference ? signed(difference.value) : "–", difference ? `${standing === "undecided" ? "undecided: " : ""}${unit.action}s in 100, ${inClicks(difference.low)} to ${inClicks(difference.high)}` : "no verdict yet"],
    ["Action to policy", health.freshness.updates ? seconds(health.freshness.mean_s) : "–", health.freshness.updates ? `${percent(health.freshness.within_1s)} within a second` : "no action yet"],
    ["Ready", health.ready ? "✓ yes" : "✕ no", Object.entries(health.conditions).filter(([, said]) => said !== "ok").map(([part]) => part).join(", ") || "all parts work"],
  ];
  $("tiles").replaceChildren(...tiles.map(([name, value, more]) => make("div", {}, make("dt", {}, name), make("dd", {}, value), make("dd", {}, more))));
}

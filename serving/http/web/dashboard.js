/* The dashboard: asks as long as it is seen, and shows what it is told */

const OFTEN_MS = 2000;    // what happens now
const SELDOM = 5;         // times as long: what is worked out of what was learned
const RARELY = 30;        // times as long: a long span
const SPANS = { "15m": "15 minutes", "3h": "3 hours", "24h": "24 hours" };

let span = "15m";
let rounds = 0;
let timer = null;
let wanted = new URLSearchParams(location.search).get("query");  // to be shown as soon as the server answers
const held = {};          // what was told last, by part

const get = (path, parameters = {}) => {
  const asked = new URLSearchParams({ ...parameters, ...(application && { application }) });
  return call(`${path}${asked.size ? `?${asked}` : ""}`);
};

const ASKS = {
  live: () => get("v1/dashboard/live"),
  history: () => get("v1/dashboard/history", { span }),
  strategies: () => get("v1/dashboard/strategies"),
  policy: () => get("v1/policy"),
  queries: () => get("v1/dashboard/queries", { order }),
  health: () => call("v1/dashboard/health"),
  versions: () => call("v1/versions"),
};

async function ask(...parts) {
  const answers = await Promise.all(parts.map((part) => ASKS[part]()));
  parts.forEach((part, at) => { held[part] = answers[at]; });
}

function show() {
  const { live, strategies, policy, queries, health, versions, history } = held;
  showStrategies(strategies, policy);
  showTiles(live, policy, health);
  showHistory(span === "15m" ? { ...live.history } : history, strategies.ladder);
  curveOf($("positions"), policy.positions);
  showLive(live);
  showHealth(health);
  if (!$("queries").contains(document.activeElement)) showQueries(queries);
  if (!$("versions").contains(document.activeElement) && !$("confirm").open) showVersions(versions, live.application);
  showApplications(versions, live.application);
}

/** Ask for what is due, and show it; then wait and go on, as long as the page is seen. */
async function go() {
  clearTimeout(timer);
  timer = null;
  if (document.visibilityState !== "visible") return;
  const due = ["live"];
  if (rounds % SELDOM === 0) due.push("strategies", "policy", "queries", "health", "versions");
  if (rounds % RARELY === 0 || !held.history) due.push("history");
  try {
    await ask(...due);
    rounds += 1;
    $("problem").hidden = true;
    $("board").hidden = false;
    $("pulse").className = "small muted";
    $("pulse").textContent = `as of ${clock(held.live.history.now_s, true)}`;
    if (wanted) showQuery(wanted, true);
    wanted = null;
    if (due.length > 1) show();
    else {
      showLive(held.live);
      showTiles(held.live, held.policy, held.health);
      if (span === "15m") showHistory(held.live.history, held.strategies.ladder);
    }
  } catch (error) {
    showTrouble(error);
    if (asksForKey(error)) return;
  }
  timer = setTimeout(go, OFTEN_MS);
}

const asksForKey = (error) => error.message === "This service asks for a key" || /has the roles/.test(error.advice ?? "");

function showTrouble(error) {
  if (!(error instanceof Problem)) throw error;
  $("pulse").className = "small muted away";
  $("pulse").textContent = "no answer";
  $("problem").hidden = false;
  const again = asksForKey(error) ? retry("Enter a key", () => enterKey(refreshAll)) : retry("Try again", refreshAll);
  $("problem").replaceChildren(make("h2", {}, error.message), make("p", {}, error.advice), again);
}

function refreshAll() {
  rounds = 0;
  go();
}

async function refresh(part) {
  await ask(part);
  show();
}

function showApplications({ applications }, name) {
  const names = applications.map((row) => row.application);
  $("choice").hidden = names.length < 2;
  if ($("applications").options.length === names.length) return;
  $("applications").replaceChildren(...names.map((one) => make("option", { value: one, selected: one === name }, one)));
}

/** Make buttons of which one is pressed. */
function segments(host, choices, chosen, choose) {
  host.replaceChildren(...Object.entries(choices).map(([value, label]) => {
    const one = make("button", { type: "button", "aria-pressed": String(value === chosen) }, label);
    one.addEventListener("click", () => {
      for (const other of host.children) other.setAttribute("aria-pressed", String(other === one));
      choose(value);
    });
    return one;
  }));
}

segments($("spans"), SPANS, span, (value) => {
  span = value;
  refresh("history").catch(showTrouble);
});
segments($("orders"), Object.fromEntries(Object.entries(ORDERS).map(([name, [label]]) => [name, label])), order, async (value) => {
  order = value;
  await ask("queries").catch(showTrouble);
  showQueries(held.queries);
});
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("query").value.trim()) showQuery($("query").value.trim());
});
$("applications").addEventListener("change", () => {
  location.search = new URLSearchParams({ application: $("applications").value });
});
if (application) for (const id of ["home", "search"]) $(id).href = `./?${new URLSearchParams({ application })}`;
document.addEventListener("visibilitychange", () => {
  if (timer === null && !$("problem").contains(document.activeElement)) go();
});
let resized = null;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => { if (held.history) show(); }, 150);
});
go();

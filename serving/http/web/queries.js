/* Queries: which there were, and what is known of one */

const ORDERS = {
  volume: ["Most frequent", "Nothing was searched here yet."],
  empty: ["Without results", "Every search showed something."],
  unclicked: ["Without actions", "There is no query with results on which nobody acted."],
};
const PAIRS = 10;
let order = "volume";
let shownQuery = "";

function table(heads, rows) {
  const cells = (row) => row.map((cell, column) => (column ? make("td", {}, cell) : make("th", { scope: "row" }, cell)));
  return make(
    "table", {},
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row)))),
  );
}

const queryName = (query) => query || "(no words)";

function showQueries({ queries, searches, since_s }) {
  $("queries-lead").textContent = `Of the last ${whole(searches)} searches here, since ${new Date(1000 * since_s).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}. Who searched is not kept.`;
  if (!queries.length) return $("queries").replaceChildren(make("p", { className: "muted" }, ORDERS[order][1]));
  const rows = queries.map((row) => {
    const name = make("button", { type: "button", className: "link" }, queryName(row.query));
    name.addEventListener("click", () => showQuery(row.query, true));
    const rate = percent(row.acted / row.searches);
    return [name, whole(row.searches), rate, whole(row.actions), row.empty ? whole(row.empty) : "0", row.fallback ? whole(row.fallback) : "0", clock(row.last_s)];
  });
  $("queries").replaceChildren(table(["Query", "Searches", "Acted on", "Actions", "No results", "Plan brought nothing", "Last"], rows));
}

async function showQuery(query, move = false) {
  shownQuery = query;
  $("query").value = query;
  const [memory, { searches }] = await Promise.all([get("v1/memory", { query }), get("v1/dashboard/query", { query })]).catch((error) => {
    $("query-shown").replaceChildren(make("p", { className: "notice" }, [error.message, error.advice].filter(Boolean).join(": ")));
    return [null, {}];
  });
  if (!memory || shownQuery !== query) return;
  const pairs = memory.pairs.length
    ? make("div", { className: "table", tabIndex: 0, role: "region", "aria-label": "Memory" }, table(["Remembered", "Chance", "Predicted", "Actual", "From near queries"], memory.pairs.slice(0, PAIRS).map(pairRow)), memory.pairs.length > PAIRS ? make("p", { className: "small muted" }, `And ${memory.pairs.length - PAIRS} more, less likely.`) : "")
    : make("p", { className: "muted" }, "The memory knows nothing for this query yet: nobody acted on its results.");
  const pages = searches.length
    ? make("ol", { className: "pages", role: "list" }, ...searches.map(pageOf))
    : make("p", { className: "muted" }, "Nobody has searched for it here of late.");
  const lead = make("p", { className: "small muted" }, "Chance: how likely an entity is taken once it is looked at, from what is predicted for it, what people actually did (actions of looks), and what near queries tell.");
  $("query-shown").replaceChildren(make("h3", {}, `Memory of “${queryName(memory.query)}”`), lead, pairs, make("h3", { className: "sub" }, "Last searches"), pages);
  if (move) {
    $("query-shown").focus({ preventScroll: true });
    $("query-title").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }
}

function pairRow(pair) {
  const fill = make("i");
  fill.style.width = `${100 * Math.min(1, pair.score)}%`;
  const chance = make("span", {}, percent(pair.score), make("span", { className: "amount", "aria-hidden": "true" }, fill));
  const actual = pair.examinations ? `${decimal(pair.actions)} of ${decimal(pair.examinations)}` : "none";
  const near = pair.near_examinations ? `${decimal(pair.near_actions)} of ${decimal(pair.near_examinations)}${pair.near_query ? `, as “${pair.near_query}”` : ""}` : "none";
  return [pair.name ?? pair.object_id, chance, percent(pair.predicted), actual, near];
}

function pageOf({ time_s, plan, fallback, shown, results, actions }) {
  const drawn = plan === null ? "a page of another search, or without a plan" : plan.map(({ arm, budget, propensity }) => `${arm} ${budget} (${percent(propensity)})`).join(", ") || "nothing on";
  const also = fallback.length ? `; that brought nothing, so ${fallback.join(", ")} ran` : "";
  const items = shown.map(({ name, object_id, taken }) => make("li", { className: taken ? "taken" : "" }, name ?? object_id, taken ? " ✓ acted on" : ""));
  return make("li", {}, make("div", {}, make("b", {}, clock(time_s, true)), ` plan: ${drawn}${also}; ${several(results, "result")}, ${several(actions, "action")}`), make("ol", {}, ...items));
}

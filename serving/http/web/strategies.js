/* What strategies are worth and cost, in words */

let unit = { action: "click", reward: 1 };  // in what people count

const decimal = (number, most = 2) => {
  const size = Math.abs(number);
  return number.toLocaleString("en", { maximumFractionDigits: size >= 10 ? 0 : size >= 1 ? 1 : most }).replace("-", "−");
};
const clicksOf = (reward) => (100 * reward) / unit.reward;      // in 100 searches
const inClicks = (reward) => decimal(clicksOf(reward));
const clicks = (reward) => `${inClicks(reward)} ${unit.action}${inClicks(reward) === "1" ? "" : "s"}`;
const between = ({ low, high }) => `95% interval ${inClicks(low)} to ${inClicks(high)}`;
const signed = (reward) => `${reward > 0 ? "+" : ""}${inClicks(reward)}`;
const sentence = (text) => text[0].toUpperCase() + text.slice(1);
const ms = (milliseconds) => `${decimal(milliseconds, 1)} ms`;

/** Say whether learning is better than what it is held against. */
function verdictOf({ difference, standing, doubt }, than) {
  if (!difference) return `Beside ${than} there is no verdict yet: ${doubt ?? "nothing is compared"}.`;
  const { value, low, high } = difference;
  const sure = `(${between(difference)})`;
  if (standing === "better") return `Searches bring ${clicks(value)} more in 100 than ${than} would ${sure}.`;
  if (standing === "worse") return `Searches bring ${clicks(-value)} fewer in 100 than ${than} would (95% interval ${inClicks(-high)} to ${inClicks(-low)}). Think of rolling back.`;
  if (high < 0) return `Searches bring ${clicks(-value)} fewer in 100 than ${than} would ${sure}: ${standing === "alike" ? "too little to matter" : "whether as many as matter cannot be told yet"}.`;
  return `No difference from ${than} can be told yet: ${signed(value)} ${unit.action}s in 100 searches ${sure}.`;
}

/** Tell how an arm stands, for its mark and its sentence: whether it is sure to bring more, or less, than it costs. */
function standingOf({ reserved, shares, observations, worth, price }) {
  if (reserved) return "explores";
  if (shares[0] === 1) return "off";
  if (!observations) return "unknown";
  return worth.low > price ? "earns" : worth.high < price ? "costs" : "unclear";
}

const MARKS = {
  explores: ["◇ explores", ""],
  off: ["○ off", ""],
  unknown: ["≈ not clear yet", ""],
  earns: ["▲ earns its cost", "good"],
  costs: ["▼ costs more than it brings", "bad"],
  unclear: ["≈ not clear yet", ""],
};

/** Say what an arm is worth. */
function wordsFor(arm, alone, searches) {
  const { value, high } = arm.worth;
  const few = !searches ? " as the policy draws it" : "";
  const brings = `${alone ? "alone it brings" : "it brings"} ${clicks(value)} in 100 searches${few} (${between(arm.worth)})`;
  switch (standingOf(arm)) {
    case "explores": return `Shows new and rare entities in a place of their own, on ${percent(1 - arm.shares[0])} of the pages, so that they get a chance; it is not measured by clicks.`;
    case "off": return arm.observations ? "Is switched off now, and costs nothing." : "Is switched off; nothing is known of it.";
    case "unknown": return "Nothing is learned of it yet.";
    case "earns": return alone ? `${sentence(brings)}.` : `Switch ${arm.arm} off${few} and lose ${clicks(value)} in 100 searches (${between(arm.worth)}).`;
    case "costs": return alone || high >= 0 ? `${sentence(brings)}, less than it costs.` : `Switch ${arm.arm} off and win ${clicks(-value)} in 100 searches (95% interval ${inClicks(-high)} to ${inClicks(-arm.worth.low)}).`;
    default: return `Whether it brings more than it costs is not clear yet: as far as is known ${brings}.`;
  }
}

function costOf(arm, ladder, engines) {
  const share = 1 - arm.shares[0];
  if (!share) return "";
  const budget = arm.shares.reduce((sum, one, level) => sum + one * ladder[level], 0) / share;
  const times = engines.filter(({ engine }) => arm.engines.includes(engine)).map((one) => `${one.engine} takes ${ms(one.median_ms)}, 95% within ${ms(one.p95_ms)}`);
  const parts = [`Runs in ${percent(share)} of searches with ${decimal(budget, 0)} candidates, ${several(arm.calls, "call")} each`];
  parts.push(`costs ${clicks(arm.price)} in 100 searches`);
  return `${parts.join("; ")}${times.length ? `; ${times.join(", ")}` : ""}.`;
}

function showStrategies({ arms, alone, ladder, engines, searches, unit: counted, shadow }, policy) {
  unit = counted;
  const { share, unlearned } = policy.baseline;
  $("verdict").textContent = verdictOf(unlearned, "searches with nothing learned");
  $("plans").textContent = `Plans alone, with the same ranking and memory: ${verdictOf(policy.baseline, "the baseline")}${share ? ` Of all first pages ${percent(share)} are compared.` : ""}`;
  $("shadow").hidden = !policy.shadow && !policy.shadow_trouble;
  $("shadow").textContent = policy.shadow_trouble ?? (shadow ? verdictOf(shadow, `version ${policy.shadow?.version} in the shadow`) : "The version in the shadow has seen no search here yet.");
  const held = alone ? "on a page of its own, since a cap on calls makes strategies compete" : "less the page without it, sorted again";
  $("strategies-lead").textContent = `In ${unit.action}s for 100 searches of people who act: the page as it was, ${held}. ${searches ? `As often as the last ${several(searches, "search").replace("searchs", "searches")} here ran each.` : "As often as the policy draws each, since nothing was searched here yet."}`;
  const measured = arms.filter((arm) => !arm.reserved && arm.shares[0] < 1);
  const ends = measured.flatMap(({ worth, price }) => [worth.value, price, Math.min(worth.high, 3 * Math.abs(worth.value) + 0.02), Math.max(worth.low, -3 * Math.abs(worth.value) - 0.02)]);
  const scale = [Math.min(-0.002, ...ends), Math.max(0.01, ...ends)];
  const order = (arm) => (arm.reserved ? 2 : arm.shares[0] === 1 ? 1 : 0);
  const rows = [...arms].sort((one, other) => order(one) - order(other) || other.worth.value - other.price - one.worth.value + one.price);
  $("arms").replaceChildren(...rows.map((arm) => make("li")));
  rows.forEach((arm, at) => {
    const [mark, kind] = MARKS[standingOf(arm)];
    const base = arm.baseline ? make("span", { className: "mark base" }, `baseline: ${arm.baseline}`) : "";
    const told = make("div", {}, make("h3", {}, arm.arm, make("span", { className: `mark ${kind}` }, mark), base));
    const scaled = make("div");
    $("arms").children[at].append(told, scaled);
    told.append(make("p", {}, wordsFor(arm, alone, searches)), make("p", { className: "small muted" }, costOf(arm, ladder, engines)));
    if (!order(arm)) onScale(scaled, arm.worth, arm.price, scale, `${arm.arm}: worth ${clicks(arm.worth.value)} (${between(arm.worth)}), cost ${clicks(arm.price)}, in 100 searches`);
  });
  $("arms-legend").replaceChildren(...["◆ what it brings", "├─┤ 95% interval", "❙ what it costs", "further right is better"].map((text) => make("span", {}, text)));
}

/* What happened in time */

const shareOf = (counts, of) => counts.map((count, at) => (of[at] ? count / of[at] : null));

/** Sum counts up in at most so many longer steps, and keep the last gauge of each; one that is not noted stands on. */
function coarser({ counts, gauges, arms, starts_s, step_s, ...rest }, most) {
  const size = Math.ceil(starts_s.length / most) || 1;
  const groups = (values) => Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
  const sums = (values) => groups(values).map((group) => group.reduce((sum, one) => sum + one, 0));
  const each = (columns, change) => Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, change(values)]));
  const stands = (values) => {
    let last = null;
    return values.map((value, at) => (last = gauges.revision[at] === null ? last : value));
  };
  return {
    ...rest, step_s: step_s * size, starts_s: groups(starts_s).map(([first]) => first),
    counts: each(counts, sums), arms: each(arms, (columns) => each(columns, sums)),
    gauges: each(gauges, (values) => groups(stands(values)).map((group) => group.at(-1))),
  };
}

/** Return searches a minute; null for a step that has only begun. */
function perMinute({ counts, starts_s, step_s, now_s, began_s }) {
  return counts.searches.map((count, at) => {
    const covered_s = Math.min(now_s, starts_s[at] + step_s) - Math.max(began_s, starts_s[at]);
    return covered_s < step_s / 2 && at > 0 ? null : (60 * count) / Math.max(1, covered_s);
  });
}

function showHistory(history, ladder) {
  const { counts, gauges, starts_s: starts, step_s, began_s, ...rest } = coarser(history, 60);
  const steps = step_s < 60 ? `${step_s} seconds` : several(step_s / 60, "minute");
  $("began").textContent = `Counted here since ${new Date(1000 * began_s).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}, when this process started; each point stands for ${steps}.`;
  for (const id of ["charts", "arm-charts", "verdict-chart"]) $(id).replaceChildren();
  const chart = (name, values, format, more = {}) => overTime($("charts"), { name, values, starts, format, ...more });
  const { searches } = counts;
  const hundredfold = (values) => values.map((one) => one && 100 * one);
  chart("Searches a minute", perMinute({ counts, starts_s: starts, step_s, began_s, ...rest }), (value) => decimal(value, 1));
  chart("Actions in 100 searches", hundredfold(shareOf(counts.actions, searches)), (value) => decimal(value, 1));
  chart("Searches without results", shareOf(counts.empty, searches), percent);
  chart("Slowest engine of a search, mean", shareOf(counts.retrieval_ms, searches), ms);
  const inUnits = (values) => values.map((one) => one && clicksOf(one));
  if (gauges.difference.filter((one) => one !== null).length > 1) {
    overTime($("verdict-chart"), {
      name: `${unit.action}s in 100 searches, less those with nothing learned`, values: inUnits(gauges.difference), height: 150,
      low: inUnits(gauges.difference_low), high: inUnits(gauges.difference_high), starts, format: (value) => decimal(value),
    });
  }
  const smooth = coarser(history, 30);
  for (const [arm, { on, candidates }] of Object.entries(smooth.arms)) {
    const budget = { values: shareOf(candidates, on), most: ladder.at(-1), format: (value) => `${decimal(value, 0)} candidates` };
    const shares = shareOf(on, smooth.counts.searches);
    overTime($("arm-charts"), { name: arm, values: shares, starts: smooth.starts_s, format: percent, most: 1, second: budget, height: 84 });
  }
}

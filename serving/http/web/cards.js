/* Results: what each is, and why it is there */

const ALIASES = "aliases";
const STEM = 4;           // letters that two forms of a word begin with
const LONG = 160;         // letters of a value that is shown whole
const EXCERPT = 400;      // letters of a description that are shown at most
const TAGS = "a|abbr|b|blockquote|body|br|button|center|code|dd|div|dl|dt|em|font|footer|h[1-6]|head|header|hr|html|i|iframe|img"
  + "|li|main|nav|ol|p|pre|script|section|small|span|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul|video";
const TAG = new RegExp(`<![^<>]*>|</?(?:${TAGS})(?:\\s[^<>]*)?/?>`, "gi");
const SMALL = new Set(("a an and are can do for from how i in is it me my of on or please show the to what where which who why with you"
  + " auf das dem den der des die ein eine fur im ist mit und von wie zu zum zur dans est le la les un une et pour con de del el en los las para"
  + " por que che di il per da do os um uma het een van voor met").split(" "));  // words that say little beside others
const LONGEST_ID = 40;    // letters of an id that is read
const MADE_ID = /^(?:[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{16,})$/i;  // by machines, for each other

function result(item, visit) {
  const name = make("button", { type: "button", className: "name" }, item.name || item.object_id);
  const clicked = make("span", { className: "tag done", hidden: !visit.done.has(`click ${item.object_id}`) }, "clicked");
  const like = make("button", { type: "button", className: "like" });
  const liked = (yes) => {
    like.textContent = yes ? "Liked" : "Like";
    like.setAttribute("aria-label", `${like.textContent} ${name.textContent}`);
    like.setAttribute("aria-pressed", String(yes));
  };
  liked(visit.done.has(`like ${item.object_id}`));
  name.addEventListener("click", () => act("click", item, visit, (yes) => { clicked.hidden = !yes; }));
  like.addEventListener("click", () => act("like", item, visit, liked));
  const asked = wordsOf(visit.query);
  const facts = make("div", { className: "facts" }, ...idOf(item, asked), ...(known?.type ? [] : [make("span", { className: "type" }, item.type)]));
  if (item.sources.length) {
    const arms = item.sources.map(({ arm, rank }) => make("li", { className: "tag" }, `${arm} `, make("b", {}, `#${rank}`)));
    facts.append(make("ul", { role: "list", "aria-label": "Brought by" }, ...arms));
  }
  if (item.explored) facts.append(make("span", { className: "tag explored", title: "Shown here at random, to learn how people like it" }, "explored"));
  const before = visit.earlier?.get(item.object_id);
  if (visit.earlier && before !== item.position) facts.append(make("span", { className: "tag moved" }, before ? `was #${before}` : "new here"));
  facts.append(clicked);
  return make(
    "li",
    { className: "result" },
    make("span", { className: "position" }, String(item.position)),
    make("div", {}, make("h2", {}, name), ...description(item, asked), attributes(item, asked, visit), facts, why(item)),
    like,
  );
}

/** What an item is, in its own words: the stretch that has most of the words asked; the text alone where it is HTML. */
function description({ name = "", attributes: held = {} }, asked) {
  const [written = ""] = held[DESCRIPTION] ?? [];
  const whole = (MARKUP.test(written) ? textOf(written) : written).trim();
  const text = (name && whole.startsWith(name) && whole.slice(name.length).replace(/^[\s.:–-]+/, "")) || whole;
  const words = telling(asked);
  return text ? [make("p", { className: "description" }, ...marked(excerpt(text, words), words))] : [];
}

/** Return the words that say something beside others, or all where none does. */
function telling(asked) {
  const words = asked.filter((word) => !SMALL.has(word));
  return words.length ? words : asked;
}

/** Return the stretch of a text that has most of the words asked, where its beginning has fewer; rare ones count more. */
function excerpt(text, asked) {
  const found = [...text.matchAll(/[\p{L}\p{N}]+/gu)].flatMap((one) => {
    const [held] = wordsOf(one[0]);
    const word = asked.find((other) => held && akin(held, other));
    return word === undefined ? [] : [{ word, at: one.index }];
  });
  const times = (word) => found.filter((one) => one.word === word).length;
  const worth = Object.fromEntries(asked.map((word) => [word, 1 / Math.log2(2 + times(word))]));
  const within = (start) => {
    const words = new Set(found.filter(({ at }) => at >= start && at < start + LONG).map(({ word }) => word));
    return [...words].reduce((sum, word) => sum + worth[word], 0);
  };
  const best = found.reduce((most, { at }) => (within(at) > most.worth ? { at, worth: within(at) } : most), { at: 0, worth: within(0) });
  if (!best.at) return text;
  const before = text.slice(Math.max(0, best.at - LONG / 4), best.at);
  const sentence = before.search(/[^.!?…\n]*$/);
  const start = best.at - before.length + (sentence > 0 ? sentence : before.indexOf(" ") + 1);
  return `… ${text.slice(start).trimStart()}`;
}

/** Return a text in parts, those that are words asked marked. */
function marked(text, asked) {
  return text.slice(0, EXCERPT).split(/([\p{L}\p{N}]+)/u).map((part, place) => {
    const [held] = place % 2 ? wordsOf(part) : [];
    return held && asked.some((word) => akin(held, word)) ? make("mark", {}, part) : part;
  });
}

/**
 * Return the text of HTML. Its tags are gone before it is read, so that nothing in it is asked for or run. What else
 * stands so ("the bar of a <progress> element") is a word, as it is to searches: see TAGS in models/wording.py.
 */
function textOf(html) {
  const bare = html.replace(TAG, " ").replaceAll("<", "&lt;");
  return new DOMParser().parseFromString(bare, "text/html").body.textContent;
}

/** What an item is: attributes that were chosen or have words that were asked, then lines of prose, then the usual ones. */
function attributes({ name: called, attributes: held = {} }, asked, visit) {
  const always = usual(visit);
  const lacking = asked.filter((word) => !agreeing(called, [word]));  // words that the name does not have
  const own = chosen(visit);
  const grade = ([name, values]) => {
    if (own.includes(name) || values.some((value) => agreeing(value, lacking))) return 0;
    return values.some(isLine) && !known?.counted.includes(name) ? 1 : 2;
  };
  const rows = Object.entries(held).filter(([name, values]) => name !== DESCRIPTION && name !== ALIASES && values.length);
  const graded = rows.map((row) => [grade(row), row]).filter(([one, [name]]) => one < 2 || always.includes(name));
  graded.sort(([one], [other]) => one - other);
  const most = Math.max(SHOWN, graded.filter(([one]) => !one).length);
  const shown = graded.slice(0, most).map(([, row]) => row);
  const alias = asFound(held[ALIASES] ?? [], lacking).find((one) => agreeing(one, lacking));
  const named = alias === undefined ? [] : [["also called", [alias]]];
  return make("div", { className: "attributes" }, ...[...named, ...shown].map(([name, values]) => {
    const parts = asFound(values, asked).slice(0, VALUES).flatMap((value) => [", ", linked(stretch(value, asked))]).slice(1);
    return make("span", {}, make("b", {}, `${name}: `), ...parts);
  }));
}

/** Return the words of a text, without case and accents. */
const wordsOf = (text) => String(text).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Tell whether two words are one, or one is the beginning of the other: "delete", "deleted". */
const akin = (one, other) => one === other || (Math.min(one.length, other.length) >= STEM && (one.startsWith(other) || other.startsWith(one)));

/** Tell whether a value is a line of prose, as a summary is: four words or more, no address. */
const isLine = (value) => String(value).length <= LONG && !/:\/\//.test(value) && (String(value).match(/\p{L}{2,}/gu) ?? []).length >= 4;

/** Return how many of the words asked a text has. */
function agreeing(text, asked) {
  const held = wordsOf(text);
  return asked.filter((word) => held.some((one) => akin(one, word))).length;
}

/** Return a value, of a long one that is no address the stretch around the first word that was asked. */
function stretch(value, asked) {
  const text = String(value);
  if (text.length <= LONG || !/\s/.test(text)) return value;
  const found = [...text.matchAll(/[\p{L}\p{N}]+/gu)].find(([word]) => agreeing(word, asked));
  const start = found && found.index > LONG / 2 ? text.lastIndexOf(" ", found.index - LONG / 4) + 1 : 0;
  return `${start ? "… " : ""}${text.slice(start, start + LONG)} …`;
}

/** Return values with those first that have most of the words asked, of these the ones that say least besides. */
function asFound(values, asked) {
  const rows = values.map((value) => [value, agreeing(value, asked), wordsOf(value).length]);
  return rows.sort(([, one, length], [, other, longer]) => other - one || (one && length - longer)).map(([value]) => value);
}

/** The id of an item, where it was asked for, or tells something that its name does not: no number, no hash. */
function idOf({ object_id, name }, asked) {
  const id = wordsOf(object_id).join(" ");
  const told = /\p{L}/u.test(object_id) && object_id.length <= LONGEST_ID && !MADE_ID.test(object_id);
  const shown = told || ` ${asked.join(" ")} `.includes(` ${id} `);
  return shown && id.replaceAll(" ", "") !== wordsOf(name || object_id).join("") ? [make("code", { className: "id", title: "The id of this result" }, object_id)] : [];
}

/** An address of the web as a link that tells the other site nothing of this one; all else as the text that it is. */
function linked(value) {
  const text = String(value);
  if (!/^https?:\/\/\S+$/i.test(text) || !URL.canParse(text)) return text;
  return make("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text);
}

const GROUPS = {
  match: "words that match",
  history: "what was taken before for this query",
  entity: "popularity and quality",
  affinity: "the visitor’s taste",
};

/** Why an item stands where it does: what each strategy adds to its score, and what all else does. */
function why({ score, sources, contributions = {}, groups, estimate }) {
  if (!sources.length) return "";
  const rows = sources.map(({ arm, rank }) => [`${arm}, #${rank}`, contributions[arm] ?? 0]);
  for (const [group, label] of groups ? Object.entries(GROUPS) : []) if (Math.abs(groups[group]) >= 0.0005) rows.push([label, groups[group]]);
  rows.push([groups ? "the same for all results" : "words, memory and the rest", score - rows.reduce((sum, [, part]) => sum + part, 0)]);
  const cells = rows.map(([from, part]) => make("tr", {}, make("th", { scope: "row" }, from), make("td", {}, `${part < 0 ? "−" : "+"}${Math.abs(part).toFixed(3)}`)));
  const told = !(estimate >= 0.005) ? "" : make("p", {}, `Of those who look at it, ${percent(estimate)} are expected to take it.`);
  return make("details", { className: "why" }, make("summary", {}, "Why here"), make("table", {}, make("tbody", {}, ...cells)), told);
}

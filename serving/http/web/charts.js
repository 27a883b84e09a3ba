/* Charts: made by hand in SVG, told apart by shapes and labels, never by hue alone */

const PAD = { left: 4, right: 44, top: 8, bottom: 18 };

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Return a chart's frame: scales from values to places, and the SVG with its grid. */
function frame(host, height, count, low, high, label, format) {
  const width = Math.max(160, host.clientWidth);
  const [left, right, top, bottom] = [PAD.left, width - PAD.right, PAD.top, height - PAD.bottom];
  const reach = high - low || 1;
  const x = (at) => left + (count > 1 ? (at / (count - 1)) * (right - left) : (right - left) / 2);
  const y = (value) => bottom - ((value - low) / reach) * (bottom - top);
  const svg = draw("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label });
  for (const value of new Set([low, high])) svg.append(line("grid", left, y(value), right, y(value)));
  svg.append(draw("text", { x: right + 5, y: y(high) + 4 }, format(high)));
  if (low < 0 && high > 0) svg.append(line("zero", left, y(0), right, y(0)));
  if (low !== high) svg.append(draw("text", { x: right + 5, y: y(low) + 4 }, format(low)));
  return { svg, x, y, left, right, top, bottom };
}

const line = (kind, x1, y1, x2, y2) => draw("line", { class: kind, x1, y1, x2, y2 });

/** Return the stretches of a series in which all values are known, as lists of [place, value]. */
function stretches(values) {
  const found = [];
  values.forEach((value, at) => {
    if (value === null) return;
    if (!found.length || found.at(-1).at(-1)[0] !== at - 1) found.push([]);
    found.at(-1).push([at, value]);
  });
  return found;
}

const pathOf = (points, x, y) => points.map(([at, value], nth) => `${nth ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");

/** Round a number up to one that reads well. */
function round(value) {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 2, 3, 4, 5, 6, 8, 10].find((one) => one * unit >= value * 0.999);
}

const clock = (seconds, long = false) => new Date(1000 * seconds).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...(long && { second: "2-digit" }) });

/**
 * Return a figure of values over time; null is what is not known. low, high: ends of an interval; second: another line,
 * dotted, with its own name and scale; dense: without an axis of time.
 */
function overTime(host, { name, values, starts, format, low = null, high = null, second = null, most = null, height = 120 }) {
  const figure = make("figure");
  const caption = make("b");
  figure.append(make("figcaption", {}, make("span", {}, name), caption));
  host.append(figure);
  const all = [values, low ?? [], high ?? []].flat().filter((value) => value !== null);
  const bottom = Math.min(0, ...all), top = most ?? Math.max(round(Math.max(0, ...all)), 0);
  const lowest = bottom < 0 ? -round(-bottom) : 0;
  const told = values.findLast((value) => value !== null);
  const label = `${name}: ${told === undefined ? "nothing known yet" : `${format(told)} at the end, between ${format(Math.min(...values.filter((v) => v !== null)))} and ${format(Math.max(...values.filter((v) => v !== null)))}`}`;
  const { svg, x, y, ...edge } = frame(figure, height, values.length, lowest, top, label, format);
  if (low) {
    for (const points of stretches(low)) {
      const back = points.map(([at]) => [at, high[at]]).reverse();
      svg.append(draw("path", { class: "band", d: `${pathOf(points, x, y)}${pathOf(back, x, y).replace("M", "L")}Z` }));
      svg.append(draw("path", { class: "edge", d: pathOf(points, x, y) }), draw("path", { class: "edge", d: pathOf(back, x, y) }));
    }
  }
  for (const points of stretches(values)) {
    const [first, last] = [points[0][0], points.at(-1)[0]];
    if (!low) svg.append(draw("path", { class: "area", d: `${pathOf(points, x, y)}L${x(last)} ${y(Math.max(0, lowest))}L${x(first)} ${y(Math.max(0, lowest))}Z` }));
    svg.append(draw("path", { class: "curve", d: pathOf(points, x, y) }));
    if (points.length === 1) svg.append(draw("circle", { class: "dot", cx: x(first), cy: y(points[0][1]), r: 3.5 }));
  }
  if (second) {
    const scale = (value) => edge.bottom - (value / (second.most || 1)) * (edge.bottom - edge.top);
    for (const points of stretches(second.values)) svg.append(draw("path", { class: "second", d: pathOf(points, x, scale) }));
  }
  svg.append(draw("text", { x: edge.left, y: height - 4 }, clock(starts[0] ?? 0)), draw("text", { x: edge.right, y: height - 4, "text-anchor": "end" }, "now"));
  readable(svg, edge, height, values.length, (at) => {
    const shown = at ?? values.length - 1 - (values.at(-1) === null && values.at(-2) !== null);  // the last step may have only begun
    const parts = [values[shown] ?? null].map((value) => (value === null ? "–" : format(value)));
    if (low && values[shown] != null) parts.push(`${format(low[shown])} to ${format(high[shown])}`);
    if (second && second.values[shown] != null) parts.push(second.format(second.values[shown]));
    caption.textContent = `${at === null ? "" : `${clock(starts[at])}  `}${parts.join(" · ")}`;
  });
  figure.append(svg);
}

/** Say in a caption what stands under the pointer, and what stands last when it has gone. */
function readable(svg, edge, height, count, say) {
  const at = line("at", 0, edge.top, 0, edge.bottom);
  at.setAttribute("visibility", "hidden");
  svg.append(at);
  const move = (event) => {
    const box = svg.getBoundingClientRect();
    const share = (event.clientX - box.left - edge.left) / (edge.right - edge.left);
    const place = Math.max(0, Math.min(count - 1, Math.round(share * (count - 1))));
    const x = edge.left + (count > 1 ? place / (count - 1) : 0.5) * (edge.right - edge.left);
    at.setAttribute("x1", x);
    at.setAttribute("x2", x);
    at.setAttribute("visibility", "visible");
    say(place);
  };
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerdown", move);
  svg.addEventListener("pointerleave", () => {
    at.setAttribute("visibility", "hidden");
    say(null);
  });
  say(null);
}

/** Show a number with its interval on a scale that others share: a diamond, whiskers, and a bar at what it costs. */
function onScale(host, { value, low, high }, cost, [from, to], label) {
  const width = Math.max(160, host.clientWidth), height = 34, middle = 15;
  const x = (number) => 6 + ((Math.max(from, Math.min(to, number)) - from) / (to - from)) * (width - 12);
  const svg = draw("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label });
  svg.append(line("grid", 6, middle, width - 6, middle), line("zero", x(0), 3, x(0), 27));
  svg.append(draw("text", { x: x(0), y: 34, "text-anchor": x(0) < 20 ? "start" : "middle" }, "0"));
  svg.append(line("whisker", x(low), middle, x(high), middle));
  for (const end of [low, high]) if (end > from && end < to) svg.append(line("whisker", x(end), middle - 5, x(end), middle + 5));
  if (cost > 0) svg.append(line("cost", x(cost), 5, x(cost), 25));
  svg.append(draw("path", { class: "dot", d: `M${x(value)} ${middle - 7}l7 7l-7 7l-7 -7Z` }));
  host.append(svg);
}

/** Show how likely each position is looked at: a curve with dots, each with whiskers. */
function curveOf(host, positions) {
  host.replaceChildren();
  const label = `Probability that a position is looked at: ${positions.slice(0, 5).map((one) => `${one.position}: ${percent(one.look)}`).join(", ")}`;
  const { svg, x, y, ...edge } = frame(host, 190, positions.length, 0, 1, label, percent);
  svg.append(draw("path", { class: "curve", d: pathOf(positions.map((one, at) => [at, one.look]), x, y) }));
  positions.forEach((one, at) => {
    svg.append(line("whisker", x(at), y(one.low), x(at), y(one.high)));
    svg.append(draw("circle", { class: "dot", cx: x(at), cy: y(one.look), r: 3.5 }, draw("title", {}, `${one.position}: ${percent(one.look)} (${percent(one.low)} to ${percent(one.high)})`)));
    if (at === 0 || (at + 1) % 5 === 0) svg.append(draw("text", { x: x(at), y: 186, "text-anchor": "middle" }, String(one.position)));
  });
  const tenth = positions[9] ?? positions.at(-1);
  svg.append(draw("text", { class: "told", x: x(tenth.position - 1) + 5, y: y(tenth.look) - 7 }, percent(tenth.look)));
  host.append(svg);
}

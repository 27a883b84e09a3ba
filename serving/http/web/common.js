const $ = (id) => document.getElementById(id);
const application = new URLSearchParams(location.search).get("application") || undefined;
let callerKey = kept("sessionStorage", "ltrr.key");

/** Something to tell the visitor: what is wrong, and what to do. */
class Problem extends Error {
  constructor(message, advice = "") {
    super(message);
    this.advice = advice;
  }
}

/** Make an element; strings among the children become text, never markup. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Return a random id; crypto.randomUUID is missing where the page is not served from localhost or by HTTPS. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return what a storage keeps; nothing where the browser forbids storing. */
function kept(storage, name) {
  try {
    return window[storage].getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Keep a value, for this page alone where the browser forbids storing, and return it. */
function keep(storage, name, value) {
  try {
    window[storage].setItem(name, value);
  } catch { /* this page has it */ }
  return value;
}

const percent = (share) => (share > 0 && share < 0.01 ? "<1%" : `${Math.round(100 * share)}%`);
const whole = (number) => number.toLocaleString("en");
const several = (number, noun) => `${whole(number)} ${noun}${number === 1 ? "" : /(ch|sh|s|x)$/.test(noun) ? "es" : "s"}`;

/* Talking to the server */

async function call(path, options = {}) {
  let response;
  try {
    const headers = { ...options.headers, ...(callerKey ? { Authorization: `Bearer ${callerKey}` } : {}) };
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw new Problem("The server cannot be reached", "Check that ltrr still runs and that you are online, then try again.");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  const detail = answer && typeof answer.detail === "string" ? answer.detail : `The server answered with status ${response.status}.`;
  if (response.status === 401) throw new Problem("This service asks for a key", detail);
  throw new Problem("This did not work", detail);
}

function post(path, body, options = {}) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...options });
}

function retry(label, action) {
  const button = make("button", { type: "button", className: "quiet" }, label);
  button.addEventListener("click", action);
  return button;
}

/** Keep a key for this tab alone, and go on. */
function enterKey(again) {
  const key = window.prompt("Key of ltrr keys create")?.trim();
  if (!key) return;
  callerKey = keep("sessionStorage", "ltrr.key", key);
  again();
}

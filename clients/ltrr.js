// ltrr in a page: searches, and tells what visitors do. A plain module without a build; docs/clients.md describes it.

const HEADERS = { "Content-Type": "application/json" };

function kept(store, name) {
  try {
    return (globalThis[store][name] ??= crypto.randomUUID());
  } catch {
    return crypto.randomUUID(); // a page that may keep nothing is a new visitor each time
  }
}

/** What the service has refused. status: of HTTP. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export class Ltrr {
  #url;
  #key;
  #who;

  /** url: of the service. key: for pages, with the roles search and events. who: application, user_id, client_id, ... */
  constructor(url, { key, ...who } = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#key = key;
    const own = { client_id: kept("localStorage", "ltrr_client"), session_id: kept("sessionStorage", "ltrr_session") };
    this.#who = { ...own, ...who };
  }

  /** Search. fields: filters, size, page, ... The answer has a query_id and items. */
  search(query, { signal, ...fields } = {}) {
    return this.#send("/v1/search", { query, ...this.#who, ...fields }, { signal });
  }

  /** Tell that a visitor clicked on an item of an answer; it arrives although the page goes away. */
  click(answer, item, attributes) {
    this.act("click", answer, item, attributes);
  }

  /** Tell of any action on an item, as click does. */
  act(name, answer, item, attributes) {
    this.#beacon([this.#event(name, answer, item, attributes)]);
  }

  /** Tell what another engine has shown for a query; a service that asks for keys takes that from servers alone. */
  async shown(query, query_id, items) {
    const events = items.map((item) => ({ ...this.#event("impression", { query_id }, item), user_query: query }));
    const taken = await this.#send("/v1/events", events);
    if (taken.rejected.length) throw new Refused(403, taken.rejected[0].message);
    return taken;
  }

  #event(action_name, { query_id }, { object_id, name, position }, attributes) {
    const { application, user_id, client_id, session_id } = this.#who;
    const object = { object_id, ...(name && { name }) };
    const event_attributes = { object, ...(position && { position: { ordinal: position } }), ...attributes };
    const who = { application, user_id, client_id, session_id };
    return { action_name, query_id, timestamp: new Date().toISOString(), ...who, event_attributes };
  }

  #beacon(events) {
    // a beacon is plain text with the key in the address: JSON would come with cookies, which CORS refuses
    const url = `${this.#url}/v1/events?key=${encodeURIComponent(this.#key)}`;
    if (this.#key && navigator.sendBeacon?.(url, JSON.stringify(events))) return;
    this.#send("/v1/events", events, { keepalive: true }).catch(() => {}); // nobody waits for it
  }

  async #send(path, body, how) {
    const headers = this.#key ? { ...HEADERS, "X-API-Key": this.#key } : HEADERS;
    const response = await fetch(this.#url + path, { method: "POST", headers, body: JSON.stringify(body), ...how });
    if (response.ok) return response.json(); // what is cut off, given up or no JSON is no answer
    const { detail } = await response.json().catch(() => ({}));
    throw new Refused(response.status, detail ?? response.statusText);
  }
}

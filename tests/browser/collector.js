// Sends what ubi.js sends, under its names: see test_ubi_js.py.

export class UbiClient {
  constructor(base) {
    this.base = base;
    this.rest_config = { headers: { "Content-Type": "application/json", Accept: "application/json" } };
  }

  trackEvent = (event) => this.#post("/ubi_events", event);
  trackQuery = (query) => this.#post("/ubi_queries", query);

  #post(path, one) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.base + path);
      for (const [name, value] of Object.entries(this.rest_config.headers)) request.setRequestHeader(name, value);
      request.onload = () => {
        if (request.status < 300) return resolve(JSON.parse(request.response));
        console.error(`refused with ${request.status}: ${request.response}`);
        resolve(undefined);
      };
      request.onerror = () => {
        console.error("no answer that this page may read");
        resolve(undefined);
      };
      request.send(JSON.stringify([one]));
    });
  }
}

export class UbiEventAttributes {
  constructor(object_id_field, object_id, description, details) {
    this.object = { ...details, object_id, object_id_field, description };
  }
}

export class UbiEvent {
  user_id = "";
  timestamp = new Date().toISOString();
  message_type = "INFO";
  message = "";

  constructor(application, action_name, client_id, session_id, query_id, event_attributes) {
    Object.assign(this, { application, action_name, client_id, session_id, query_id, event_attributes });
  }
}

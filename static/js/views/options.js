/**
 * The options, for technicians: groups at the left, the form in the middle, what it leads to at the
 * right. Every change is saved when its field is left, and said so beside it.
 */

import { clock } from "../clock.js";
import { connectionLine } from "../connection.js";
import { button, element, fill, icon } from "../element.js";
import { Door } from "../options/door.js";
import { Field } from "../options/field.js";
import { Heard } from "../options/heard.js";
import { Pool } from "../options/pool.js";

const CHOSEN = "kiosk.options";
const POOL = ["server_ip", "server_port", "server_count", "servers"];

export class OptionsView {
  #context;
  #fields = new Map();
  #groups = new Map();
  #keys = new Map();
  #body = element("div.options-body");
  #lock;
  #pool = null;
  #heard = null;
  #form = null;

  async mount(root, _params, context) {
    this.#context = context;
    const { t, format, signal, store } = context;
    context.title(t("options.title"));
    this.#lock = button(t("options.lock"), () => void this.#close(), { icon: "lock" });
    this.#lock.hidden = true;
    const head = element("header.header", {},
      element("a.button.quiet.back", { href: "/", "aria-label": t("app.back") }, icon("back")),
      element("h1.title", {}, t("options.title")),
      this.#lock, connectionLine(context), clock(format, signal));
    root.append(element("main.options", {}, head, this.#body));
    store.subscribe((state, before) => this.#follow(state, before), { signal });
    await this.#load();
  }

  unmount() {}

  async #load() {
    try {
      this.#build(await this.#context.api.settings({ signal: this.#context.signal }));
    } catch (fault) {
      if (this.#context.signal.aborted) return;
      if (fault.code === "pin-needed") this.#shut();
      else this.#sayProblem(fault);
    }
  }

  #sayProblem(fault) {
    const { t, problem } = this.#context;
    const { message, hint } = problem(fault);
    fill(this.#body, element("div.options-door", { role: "alert" }, icon("alert"), element("h2", {}, message),
      element("p.sheet-note", {}, hint), button(t("app.again"), () => void this.#load(), { kind: "large" })));
  }

  /** The door stands in the form's place; what was typed waits behind it. */
  #shut() {
    const door = new Door(this.#context, () => void this.#opened());
    this.#lock.hidden = true;
    fill(this.#body, door.element);
    door.focus();
  }

  async #opened() {
    if (!this.#form) {
      await this.#load();
      return;
    }
    fill(this.#body, this.#form);
    this.#lock.hidden = false;
    for (const field of this.#fields.values()) field.again();
    await this.#pool.look();
  }

  async #close() {
    await this.#context.api.lock().catch(() => null);
    this.#context.navigate("/");
  }

  #build({ settings, pinSet }) {
    const { t } = this.#context;
    this.#lock.hidden = !pinSet;
    const names = [...new Set(settings.filter((row) => !isSettled(row)).map((row) => row.group))];
    for (const group of names) {
      const rows = settings.filter((row) => row.group === group && !isSettled(row));
      this.#groups.set(group, this.#section(group, rows, pinSet));
      this.#keys.set(group, element("button.options-group", {
        type: "button", onclick: () => this.#choose(group),
      }, t(`options.group.${group}`)));
    }
    this.#pool = new Pool(this.#context, (name) => this.#fields.get(name)?.value, () => this.#heard?.look());
    this.#form = element("div.options-form", {},
      element("nav.options-groups", { "aria-label": t("options.groups") }, ...this.#keys.values()),
      element("div.options-fields.scroll", { tabindex: -1 }, ...this.#groups.values()),
      this.#pool.element);
    fill(this.#body, this.#form);
    const chosen = sessionStorage.getItem(CHOSEN);
    this.#choose(names.includes(chosen) ? chosen : names[0]);
    void this.#pool.look();
  }

  #section(group, rows, pinSet) {
    const { t } = this.#context;
    const fields = rows.flatMap((row) => {
      const field = new Field(row, {
        pinSet,
        save: (name, value) => this.#save(name, value),
        typed: () => {
          if (POOL.includes(row.name)) this.#pool?.typed();
        },
      });
      this.#fields.set(row.name, field);
      return row.name === "servers" ? [field.element, this.#hears(row)] : [field.element];
    });
    return element("section.options-section", { "aria-labelledby": `group-${group}` },
      element("h2", { id: `group-${group}` }, t(`options.group.${group}`)),
      element("p.options-section-help", {}, t(`options.group.${group}.help`)), ...fields);
  }

  #hears({ locked }) {
    this.#heard = new Heard(this.#context, {
      isLocked: locked,
      inUse: () => this.#pool?.servers ?? [],
      add: (url) => this.#save("servers", [...this.#fields.get("servers").value, url]),
    });
    return this.#heard.element;
  }

  #choose(group) {
    if (group === "servers") this.#heard?.seen();
    sessionStorage.setItem(CHOSEN, group);
    for (const [name, section] of this.#groups) section.hidden = name !== group;
    for (const [name, key] of this.#keys) {
      if (name === group) key.setAttribute("aria-current", "true");
      else key.removeAttribute("aria-current");
    }
    this.#form.querySelector(".options-fields").scrollTop = 0;
  }

  async #save(name, value) {
    const { api } = this.#context;
    const answer = await api.save({ [name]: value }).catch((fault) => {
      if (fault.code === "pin-needed") this.#shut();
      throw fault;
    });
    // Whoever has just set a PIN is not asked for it.
    if (name === "pin" && value) await api.unlock(value).catch(() => null);
    this.#lock.hidden = !answer.pinSet;
    const row = answer.settings.find((other) => other.name === name);
    if (row) this.#fields.get(name).update(row);
    this.#apply(name, row?.value ?? value);
    if (POOL.includes(name)) await this.#pool.look();
  }

  /** What can be seen is changed at once. */
  #apply(name, value) {
    const { documentElement: page, body } = document;
    if (name === "theme") page.dataset.theme = value;
    if (name === "text_size") page.dataset.textSize = value;
    if (name === "idle_minutes") page.dataset.idleMinutes = value;
    if (name === "dim_minutes") page.dataset.dimMinutes = value;
    if (name === "accent") page.style.setProperty("--accent", value);
    if (name === "title") {
      body.dataset.organisation = value;
      this.#context.title(this.#context.t("options.title"));
    }
    if (name === "language") void this.#context.chooseLanguage(value);
  }

  /** The terminal is back: what could not be saved is tried again. */
  #follow(state, before) {
    if (state.connection !== "live" || before.connection === "live") return;
    for (const field of this.#fields.values()) if (field.isUnsaved) field.again();
  }
}

/** A setting that can have but one value is no choice to put before anybody. */
function isSettled({ minimum, maximum }) {
  return minimum !== null && minimum === maximum;
}

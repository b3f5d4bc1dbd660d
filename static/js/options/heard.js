/**
 * Nodes that are heard on the local network: one tap puts one of them on the list of servers. They
 * are strangers until a person knows better, so nothing is ever taken by itself.
 */

import { button, element, facts, fill, icon, setText } from "../element.js";
import { t } from "../i18n.js";

export class Heard {
  #context;
  #servers;
  #isAsked = false;
  #said = element("p.setting-status", { role: "status" });
  #list = element("ul.heard-list");
  #again;
  #nodes = [];

  /**
   * @param {object} context  of the view
   * @param {{isLocked: boolean, inUse: () => string[], add: (url: string) => Promise<void>}} servers
   *   the setting of that name: whether it is fixed, which servers are used now, how one is added
   */
  constructor(context, servers) {
    this.#context = context;
    this.#servers = servers;
    this.#again = button(t("options.heard_again"), () => void this.listen(), { icon: "again" });
    this.element = element("div.setting.heard", { role: "group", "aria-labelledby": "heard-label" },
      element("div.setting-words", {},
        element("h3.setting-label", { id: "heard-label" }, t("options.heard")),
        element("p.setting-help", {}, t("options.heard_help"))),
      element("div.setting-control", {}, this.#list, this.#again, this.#said));
  }

  /** Somebody looks at it: it listens by itself, once. */
  seen() {
    if (!this.#isAsked) void this.listen();
  }

  /** Listens for some seconds, and shows who was there. */
  async listen() {
    const { api, signal, problem } = this.#context;
    this.#isAsked = true;
    this.#again.disabled = true;
    setText(this.#said, t("options.heard_listening"));
    try {
      const { heard, deaf } = await api.hear({ signal });
      this.#nodes = heard;
      setText(this.#said, heard.length ? "" : t(deaf ? "options.heard_deaf" : "options.heard_none"));
    } catch (fault) {
      if (signal.aborted) return;
      setText(this.#said, problem(fault).message);
    }
    this.#again.disabled = false;
    this.look();
  }

  /** Other servers may be in use now. */
  look() {
    const used = new Set(this.#servers.inUse());
    fill(this.#list, ...this.#nodes.map((node) => this.#line(node, used.has(node.server))));
    this.#list.hidden = this.#nodes.length === 0;
  }

  #line(node, isUsed) {
    const about = facts(node.server, t(`options.heard_role.${node.role}`), node.version);
    const words = element("span.heard-words", {},
      element("span.heard-name.one-line", {}, node.name),
      element("span.heard-about.facts.numbers", {}, about));
    const key = isUsed
      ? element("span.heard-done", {}, icon("done"), t("options.heard_used"))
      : element("span.heard-use", {}, t("options.heard_use"));
    return element("li", {}, element("button.button.heard-node", {
      type: "button", disabled: isUsed || this.#servers.isLocked, onclick: () => void this.#take(node),
    }, words, key));
  }

  async #take(node) {
    setText(this.#said, t("options.saving"));
    try {
      await this.#servers.add(node.url);
      setText(this.#said, t("options.heard_taken", { name: node.name }));
    } catch (fault) {
      setText(this.#said, this.#context.problem(fault).message);
    }
    this.look();
  }
}

// Which view an address shows. Views are classes with `mount(root, params, context)` and `unmount()`.

/**
 * The parameters of `pathname` under `pattern`, or null.
 *
 * `{name}` in a pattern stands for one segment, percent-decoded. A segment that cannot be decoded matches nothing.
 *
 * @returns {Record<string, string>|null}
 */
export function match(pattern, pathname) {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return null;
  const params = {};
  for (const [position, segment] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (!name) {
      if (segment !== given[position]) return null;
      continue;
    }
    const value = decoded(given[position]);
    if (!value) return null;
    params[name] = value;
  }
  return params;
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/**
 * Shows one view at a time in `root`.
 *
 * Each view gets a context of its own with a `signal` that is aborted when the view goes: listeners,
 * subscriptions and requests that were given it end with the view.
 */
export class Router {
  #root;
  #context;
  #routes;
  #onFault;
  #view = null;
  #loads = false;
  #leaving = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {object} context what every view gets; `navigate` and `signal` are added here
   * @param {Array<{pattern: string, load: () => Promise<new () => {mount: Function, unmount: Function}>}>} routes
   * @param {(fault: Error) => void} onFault a view that could not be loaded or mounted
   */
  constructor(root, context, routes, onFault) {
    this.#root = root;
    this.#context = context;
    this.#routes = routes;
    this.#onFault = onFault;
  }

  /** Follows links, the back button, and shows the present address. */
  start() {
    window.addEventListener("popstate", () => this.show());
    document.addEventListener("click", (event) => this.#follow(event));
    return this.show();
  }

  /** Goes to `path` of this page; `replace`: without a step for the back button. */
  navigate = (path, { replace = false } = {}) => {
    if (this.#loads) return location[replace ? "replace" : "assign"](path);
    if (replace) history.replaceState(null, "", path);
    else history.pushState(null, "", path);
    return this.show();
  };

  /** The next address is loaded from the server as a whole page: title, language or colours may be others. */
  loadNext() {
    this.#loads = true;
  }

  /** Shows the present address anew with another context (another language). */
  renew(context) {
    this.#context = context;
    return this.show();
  }

  /** Shows the present address; an unknown one is the start page. */
  async show() {
    const found = this.#find(location.pathname);
    if (!found) return this.navigate("/", { replace: true });
    this.#leaving.abort();
    const leaving = (this.#leaving = new AbortController());
    try {
      const View = await found.load();
      if (!leaving.signal.aborted) await this.#mount(new View(), found.params, leaving.signal);
    } catch (fault) {
      if (!leaving.signal.aborted) this.#onFault(fault);
    }
    return undefined;
  }

  async #mount(view, params, signal) {
    const isFirst = this.#view === null;
    this.#view?.unmount();
    this.#view = view;
    const place = document.createElement("div");
    place.className = "view";
    this.#root.replaceChildren(place);
    await view.mount(place, params, { ...this.#context, navigate: this.navigate, signal });
    if (!isFirst && !signal.aborted) announce(place);
  }

  #find(pathname) {
    for (const { pattern, load } of this.#routes) {
      const params = match(pattern, pathname);
      if (params) return { params, load };
    }
    return null;
  }

  #follow(event) {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || link.target || link.origin !== location.origin) return;
    if (!this.#find(link.pathname)) return;
    event.preventDefault();
    if (link.href !== location.href) this.navigate(link.pathname + link.search);
  }
}

/** Says to a screen reader, and to the keyboard, where one is now: at the new heading. */
function announce(place) {
  const heading = place.querySelector("h1");
  if (!heading || document.activeElement !== document.body) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

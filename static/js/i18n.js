// Words in the reader's language. Keys are dotted; `{name}` in a text is filled from the fields.
//
// A text may be one string, or `{"one": …, "other": …}`, chosen by the field `count`.

/** A catalogue of one language; `fallback` is asked for keys that it lacks. */
export class Catalogue {
  #messages;
  #fallback;
  #plural;

  constructor(language, messages, fallback = null) {
    this.language = language;
    this.#messages = messages;
    this.#fallback = fallback;
    this.#plural = new Intl.PluralRules(language);
  }

  has(key) {
    return Object.hasOwn(this.#messages, key);
  }

  /** The text of `key`; the key itself where no catalogue has it, so that a gap is seen and nothing breaks. */
  t(key, fields = {}) {
    const found = this.has(key) ? this.#messages[key] : undefined;
    if (found === undefined) return this.#fallback?.t(key, fields) ?? key;
    const text = typeof found === "string" ? found : this.#form(found, fields.count);
    return text.replace(/\{(\w+)\}/g, (_, name) => String(fields[name] ?? "?"));
  }

  #form(forms, count) {
    return forms[this.#plural.select(Number(count))] ?? forms.other;
  }

  /**
   * What an error of the terminal says here: its sentence and what to do about it.
   *
   * @param {{code?: string, message?: string, hint?: string, details?: object}} error
   * @returns {{message: string, hint: string}}
   */
  problem({ code = "internal", message = "", hint = "", details = {} }) {
    const known = this.has(`error.${code}.message`);
    return {
      message: known ? this.t(`error.${code}.message`, details) : message || this.t("error.internal.message"),
      hint: known ? this.t(`error.${code}.hint`, details) : hint,
    };
  }
}

export const LANGUAGES = ["zh-CN", "en"];
const CHOSEN = "kiosk.language";
let catalogue = new Catalogue("zh-CN", {});

/** The language of this page: chosen in this session, or the setting, which the page was served with. */
export function wantedLanguage(served) {
  const chosen = sessionStorage.getItem(CHOSEN);
  return [chosen, served, "zh-CN"].find((language) => LANGUAGES.includes(language));
}

/** Loads `language` and makes it the page's; `remember`: until the browser is closed. */
export async function useLanguage(language, { remember = false } = {}) {
  const answer = await fetch(`/static/i18n/${language}.json`);
  if (!answer.ok) throw new Error(`no catalogue for ${language}: status ${answer.status}`);
  catalogue = new Catalogue(language, await answer.json());
  document.documentElement.lang = language;
  if (remember) sessionStorage.setItem(CHOSEN, language);
}

export const t = (key, fields) => catalogue.t(key, fields);
export const problem = (error) => catalogue.problem(error);
export const currentLanguage = () => catalogue.language;

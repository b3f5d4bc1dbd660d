// Numbers, sizes and times as people read them. Pure; words come from the catalogue it is given.

const KB = 1000;
const UNITS = ["B", "KB", "MB", "GB", "TB"];

export class Format {
  #t;
  #number;
  #clock;
  #seconds;
  #day;

  /** @param {string} language @param {(key: string, fields?: object) => string} t */
  constructor(language, t) {
    this.#t = t;
    this.#number = new Intl.NumberFormat(language);
    this.#clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.#seconds = new Intl.DateTimeFormat(language, {
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    this.#day = new Intl.DateTimeFormat(language, { month: "long", day: "numeric", weekday: "long" });
  }

  number(value) {
    return this.#number.format(value);
  }

  /** 12_400_000 → "12.4 MB": decimal units, three figures at most. */
  bytes(bytes) {
    if (!Number.isFinite(bytes) || bytes < 0) return "";
    let unit = 0;
    let value = bytes;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= KB;
      unit += 1;
    }
    return `${unit && value < 99.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
  }

  speed(bytesPerSecond) {
    return `${this.bytes(Math.max(0, bytesPerSecond))}/s`;
  }

  /** 80 → "1 min 20 s"; under a second: "1 s". Nothing sensible: "". */
  duration(seconds) {
    if (!Number.isFinite(seconds) || seconds < 0) return "";
    const whole = Math.max(1, Math.round(seconds));
    if (whole < 60) return this.#t("duration.seconds", { seconds: whole });
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return this.#t("duration.minutes", { minutes, seconds: whole % 60 });
    return this.#t("duration.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  }

  /** The length of a recording: 83 → "1:23". */
  playing(seconds) {
    const whole = Math.round(seconds);
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
    const tail = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
  }

  /** "09:12" of a date or RFC 3339 text; "" where it is none. */
  time(moment) {
    return written(this.#clock, moment);
  }

  /** "09:12:04" */
  timeWithSeconds(moment) {
    return written(this.#seconds, moment);
  }

  /** "11月24日星期二" */
  day(moment) {
    return this.#day.format(new Date(moment));
  }

  /** Whole percent; 100 only at the very end. */
  percent(value) {
    return value >= 100 ? 100 : Math.max(0, Math.min(99, Math.floor(value)));
  }

  /** "10.1.1.12:8001" → "10.1.1.12", where all `servers` share one port. */
  server(name, servers = []) {
    if (!name) return "";
    const ports = new Set([name, ...servers].map((one) => /:(\d+)$/.exec(one)?.[1]));
    return ports.size === 1 ? name.replace(/:\d+$/, "") : name;
  }
}

function written(format, moment) {
  const date = new Date(moment ?? NaN);
  return Number.isNaN(date.getTime()) ? "" : format.format(date);
}

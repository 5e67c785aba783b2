/**
 * Dates as the acting person sees them: their zone, their locale, and "today" by the sandbox's clock.
 */
import { store } from "./store.js";

const formats = new Map();

function format(options, locale = store.me?.locale ?? "en-GB", zone = store.me?.tz ?? "UTC") {
  const key = JSON.stringify([options, locale, zone]);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale.replace("_", "-"), { ...options, timeZone: zone });
    formats.set(key, made);
  }
  return made;
}

/** @returns {Date} the sandbox's now */
export function now() {
  return new Date(Date.now() + (store.clock?.offset_seconds ?? 0) * 1000);
}

/** @param {Date} date @returns {string} the day in the person's zone, as 2026-11-21 */
export function dayKey(date) {
  return format({ year: "numeric", month: "2-digit", day: "2-digit" }, "en-CA").format(date);
}

/** @param {Date} date @returns {string} the hour and minute */
export function clockTime(date) {
  return format({ hour: "numeric", minute: "2-digit" }).format(date);
}

/** @param {Date} date @returns {string} such as "Saturday 21 November" */
export function longDay(date) {
  return relativeDay(date) ?? format({ weekday: "long", day: "numeric", month: "long" }).format(date);
}

/** @param {Date} date @returns {string} day and time in full */
export function fullTime(date) {
  return format({ dateStyle: "full", timeStyle: "short" }).format(date);
}

/** @param {Date} date @returns {string} day and time in short */
export function shortTime(date) {
  return format({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(date);
}

function relativeDay(date) {
  const distance = Math.round((Date.parse(dayKey(date)) - Date.parse(dayKey(now()))) / 86_400_000);
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[distance] ?? null;
}

function ago(date) {
  const seconds = Math.round((date.getTime() - now().getTime()) / 1000);
  /** @type {Array<[Intl.RelativeTimeFormatUnit, number]>} */
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? units[3];
  return new Intl.RelativeTimeFormat(store.me?.locale ?? "en-GB", { numeric: "auto" }).format(
    Math.round(seconds / size),
    unit,
  );
}

const TOKENS = {
  date_num: (date) => dayKey(date),
  date: (date) => format({ day: "numeric", month: "long", year: "numeric" }).format(date),
  date_short: (date) => format({ day: "numeric", month: "short", year: "numeric" }).format(date),
  date_long: (date) => format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(date),
  date_pretty: (date) => relativeDay(date) ?? TOKENS.date(date),
  date_short_pretty: (date) => relativeDay(date) ?? TOKENS.date_short(date),
  date_long_pretty: (date) => relativeDay(date) ?? TOKENS.date_long(date),
  day_divider_pretty: (date) => longDay(date),
  time: clockTime,
  time_secs: (date) => format({ hour: "numeric", minute: "2-digit", second: "2-digit" }).format(date),
  ago,
};

/**
 * The text of a `<!date^ts^pattern|fallback>`. "Today" and its like are written small inside of a sentence.
 * @param {number} seconds Unix time
 * @param {string} pattern such as "{date_short_pretty} at {time}"
 * @param {string} fallback
 * @param {boolean} [begins] whether a sentence begins here
 * @returns {string}
 */
export function dateText(seconds, pattern, fallback, begins = true) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return pattern.replace(/\{(\w+)\}/g, (whole, token, at) => {
    const text = TOKENS[token]?.(date);
    if (text === undefined) return whole;
    const isDayName = token.endsWith("_pretty") && relativeDay(date) === text;
    return isDayName && (at > 0 || !begins) ? text.toLowerCase() : text;
  });
}

function zoneOffsetSeconds(seconds) {
  const zone = store.me?.tz ?? "UTC";
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    })
      .formatToParts(new Date(seconds * 1000))
      .map((part) => [part.type, part.value]),
  );
  return (
    Date.UTC(+parts.year, +parts.month - 1, +parts.day, +parts.hour, +parts.minute, +parts.second) / 1000 - seconds
  );
}

/** @param {number} seconds Unix time @returns {string} wall time in the person's zone for a datetime-local input */
export function toWallTime(seconds) {
  return new Date((seconds + zoneOffsetSeconds(seconds)) * 1000).toISOString().slice(0, 16);
}

/** @param {string} wall such as "2026-11-21T09:00" in the person's zone @returns {number} Unix time */
export function fromWallTime(wall) {
  const asUtc = Date.parse(`${wall}Z`) / 1000;
  const guess = asUtc - zoneOffsetSeconds(asUtc);
  return asUtc - zoneOffsetSeconds(guess);
}

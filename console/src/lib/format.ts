/** Texts for times, sums and shares; English, as the whole page. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its two largest units: `3 d 4 h`, `12 min`, `8 s`. */
export function duration(milliseconds: number): string {
  const total = Math.max(0, milliseconds);
  if (total < MINUTE) return `${Math.floor(total / SECOND)} s`;
  if (total < HOUR) return pair(total, MINUTE, "min", SECOND, "s", 10 * MINUTE);
  if (total < DAY) return pair(total, HOUR, "h", MINUTE, "min", 10 * HOUR);
  return pair(total, DAY, "d", HOUR, "h", 10 * DAY);
}

function pair(total: number, unit: number, name: string, part: number, partName: string, wholeFrom: number) {
  const whole = Math.floor(total / unit);
  const rest = Math.floor((total % unit) / part);
  return total >= wholeFrom || rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${partName}`;
}

const DATE_TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", dateStyle: "short" });

export function dateTime(iso: string): string {
  return DATE_TIME.format(new Date(iso));
}

export function exactTime(iso: string): string {
  return TIME.format(new Date(iso));
}

const DOLLARS = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

export function dollars(amount: number): string {
  return DOLLARS.format(amount);
}

const NUMBER = new Intl.NumberFormat("en-GB");

export function count(value: number): string {
  return NUMBER.format(value);
}

/** `1 image`, `1,204 images`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of 0 to 1 with three decimals, as F1 is told; a dash when there is none. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(3);
}

export function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${Math.round(value / 1000)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}

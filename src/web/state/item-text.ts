import { listTime } from "../format/dates.ts";
import {
  exactDuration,
  exactTime,
  parseSeconds,
  parseTime,
  shortDuration,
  type Zone,
} from "../format/time.ts";

/** What is known of an item, in lower case, with times of a zone. It is asked for at each letter of a find. */
const texts: Readonly<Record<Zone, WeakMap<object, string>>> = { local: new WeakMap(), utc: new WeakMap() };

/** Fields in which the keys are the sender's; those of all others are the API's, which nobody sees. */
const sendersFields: ReadonlySet<string> = new Set(["attributes", "resource", "body"]);

/** The API's names of enums begin with the enum's. */
const enumName = /^(?:SEVERITY_NUMBER|SPAN_KIND|STATUS_CODE)_/;

/**
 * All that a person can find in a span, a log record or a trace: values and keys of attributes, each in a line; times and
 * durations as they are shown.
 */
export function itemText(item: object, zone: Zone): string {
  let text = texts[zone].get(item);
  if (text === undefined) {
    const parts: string[] = [];
    collect(item, false, zone, parts);
    text = parts.join("\n").toLowerCase();
    texts[zone].set(item, text);
  }
  return text;
}

/** A time or a duration of the API in the forms in which lists and details show it; undefined for another field. */
function shownForms(field: string, value: unknown, zone: Zone): readonly string[] | undefined {
  if (typeof value !== "string") return undefined;
  const time = /(?:^t|T)ime$/.test(field) ? parseTime(value) : undefined;
  if (time !== undefined) {
    return [listTime(time, zone, "day"), listTime(time, zone, "year"), exactTime(time, zone)];
  }
  const duration = field === "duration" ? parseSeconds(value) : undefined;
  return duration === undefined ? undefined : [shortDuration(duration), exactDuration(duration)];
}

function collect(value: unknown, isSenders: boolean, zone: Zone, parts: string[]): void {
  if (typeof value !== "object" || value === null) {
    parts.push(String(value).replace(enumName, ""));
    return;
  }
  for (const [key, of] of Object.entries(value)) {
    if (isSenders) {
      if (!Array.isArray(value)) parts.push(key);
      collect(of, true, zone, parts);
    } else if (key !== "cursor") {
      const shown = shownForms(key, of, zone);
      if (shown === undefined) collect(of, sendersFields.has(key), zone, parts);
      else parts.push(...shown);
    }
  }
}

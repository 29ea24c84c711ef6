/** The length of one line, in bytes. */
const maxLineBytes = 8_192;
/** The lengths to which each text of a line is cut, in characters; the first with which the line fits is taken. */
const shortestText = 64;
const textLimits = [1_024, 256, shortestText];
/** The stack of an error is worth more. */
const stackFactor = 4;
const cutMark = " (cut)";
/** A line of this length fits, whatever has to be escaped in it, in characters. */
const shortLine = 1_024;

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** A line of the log, parsed. */
export type LogRecord = Readonly<Record<string, Value>>;

/**
 * Characters that a terminal or a viewer of logs would obey: C0, DEL and C1, the separators of lines and paragraphs,
 * and the marks that change the direction of text.
 */
const controlCharacters = "\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069";
const controls = new RegExp(`[${controlCharacters}]`, "g");
const controlsButNewline = new RegExp(`(?!\\n)[${controlCharacters}]`, "g");

/** The control characters of a text as JSON escapes them: ESC as `\u001b`. */
function escapeControls(text: string, pattern = controls): string {
  return text.replace(pattern, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A line of JSON from pino, bounded, with no control character but its end. JSON itself escapes only C0. */
export function boundedJson(line: string): string {
  // Outside of strings, JSON has no such character but the newline at the end.
  const escaped = (json: string) => escapeControls(json, controlsButNewline);
  return line.length <= shortLine
    ? escaped(line)
    : fit(JSON.parse(line), (record) => escaped(`${JSON.stringify(record)}\n`));
}

/** A line of JSON as people read it, bounded, with no control character but those that `prettify` adds. */
export function boundedText(line: string, prettify: (record: LogRecord) => string): string {
  return fit(JSON.parse(line), (record) => prettify(mapTexts(record, escapeText)));
}

/** The record as `render` writes it, with texts as long as the bound allows. */
function fit(record: LogRecord, render: (record: LogRecord) => string): string {
  for (const limit of textLimits) {
    const text = render(mapTexts(record, (each, key) => cut(each, key, limit)));
    if (Buffer.byteLength(text) <= maxLineBytes) return text;
  }
  const { level = 0, time = 0, msg = "" } = record;
  return render({ level, time, msg: cut(String(msg), "msg", shortestText) });
}

type Change = (text: string, key: string) => string;

/** Changes texts and names of fields; a name has no key. */
function mapTexts(record: LogRecord, change: Change): LogRecord {
  const changedEntry = ([key, each]: [string, Value]) => [change(key, ""), changed(each, change, key)];
  return Object.fromEntries(Object.entries(record).map(changedEntry));
}

function changed(value: Value, change: Change, key: string): Value {
  if (typeof value === "string") return change(value, key);
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value)
    ? value.map((each: Value) => changed(each, change, key))
    : mapTexts(value as LogRecord, change);
}

function cut(text: string, key: string, limit: number): string {
  const kept = key === "stack" ? limit * stackFactor : limit;
  return text.length <= kept + cutMark.length ? text : `${text.slice(0, kept)}${cutMark}`;
}

/** A stack has a line for each call. */
function escapeText(text: string, key: string): string {
  return escapeControls(text, key === "stack" ? controlsButNewline : controls);
}

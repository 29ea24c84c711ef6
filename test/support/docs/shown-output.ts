/** What differs from run to run, and what stands for it. */
const changing: readonly (readonly [RegExp, string])[] = [
  [/\r/g, ""],
  // On stderr, after each search: where to go on.
  [/^obsvty: .* --after \S+\n?/gm, ""],
  [/\b[0-9a-f]{32}\b/g, "<trace id>"],
  [/\b[0-9a-f]{16}\b/g, "<span id>"],
  [/\b(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d\.\d{3,9}Z?\b/g, "<time>"],
  [/\b\d+(?:\.\d+)? (?:ns|µs|ms|s)\b/g, "<duration>"],
  [/━+/g, "<bar>"],
  // Of obsvty top.
  [/(?<= )\d+\.\d\d(?= )/g, "<rate>"],
  [/"uptimeSeconds":\d+/g, '"uptimeSeconds":<n>'],
  [/INFO \(\d+\)/g, "INFO (<pid>)"],
  [/(?:0\.0\.0\.0|127\.0\.0\.1):\d+/g, "<address>"],
  [/ +/g, " "],
];

function steady(text: string): string {
  return changing.reduce((steadied, [pattern, name]) => steadied.replace(pattern, name), text).trim();
}

/**
 * Whether commands printed what the documentation shows: the same but for ids, times and the like, perhaps with
 * more around it. Three dots in the documentation stand for any text.
 */
export function shows(printed: string, documented: string): boolean {
  const parts = steady(documented)
    .split("...")
    .map((part) => part.trim().replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(parts.join("[\\s\\S]*")).test(steady(printed));
}

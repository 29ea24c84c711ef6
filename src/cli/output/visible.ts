/*
 * Anybody can send telemetry, and a terminal obeys the control characters in a text. So they are shown as
 * escapes of source code. The marks that change the direction of text are among them, because they can make a
 * line look like another one.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for control characters
const controls = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const spelt: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text with every control character as an escape: ESC as `\x1b`. */
export function visible(text: string): string {
  return text.replace(controls, (char) => spelt[char] ?? hexEscape(char));
}

/** JSON text of the same value without control characters. */
export function visibleJson(json: string): string {
  return json.replace(controls, (char) => `\\u${hexOf(char).padStart(4, "0")}`);
}

function hexEscape(char: string): string {
  const hex = hexOf(char);
  return hex.length > 2 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
}

function hexOf(char: string): string {
  return char.charCodeAt(0).toString(16);
}

/** An approximation of Unicode's East Asian Width: ideographs, kana, hangul, full-width forms, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const narrow = /^[\x20-\x7e]*$/;
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const softHyphen = "\u00ad";
/** Graphemes shown as pictures: with an emoji selector, two regional indicators (a flag), a keycap. */
const picture = /\ufe0f|^\p{Regional_Indicator}{2}|\u20e3/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Columns that a text without control characters takes on a terminal. */
export function textWidth(text: string): number {
  if (narrow.test(text)) {
    return text.length;
  }
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** The longest beginning of a text that fits into the columns. */
export function truncate(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns) break;
    end += segment.length;
  }
  return text.slice(0, end);
}

/** Columns of what a person takes for one character. */
function graphemeWidth(grapheme: string): number {
  if (picture.test(grapheme) || wide.test(grapheme)) return 2;
  return zeroWidth.test(grapheme) && grapheme !== softHyphen ? 0 : 1;
}

/*
 * Anybody can send telemetry, and some characters cannot be seen or turn around the text that follows, so that a name
 * looks like another one. They are shown as escapes of source code. Joiners and marks that writing needs stay.
 */

const plain = /^[\t\n\x20-\x7e]*$/;

const hidden = new RegExp(
  [
    // Control characters but for those that lay out a text of several lines.
    "\\r(?!\\n)|[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029]",
    // Halves of a character that has none.
    "\\p{Surrogate}",
    // Joiners, but in emoji and in the scripts that need them, which are from Arabic to Mongolian.
    "(?<![\\u0600-\\u1cff\\ufb50-\\ufdff\\ufe0f\\ufe70-\\ufefc]|\\p{Extended_Pictographic}|\\p{Emoji_Modifier})[\\u200c\\u200d]",
    // Variants of a character, but for one behind it.
    "(?<=[\\x00-\\x1f\\x21-\\x22\\x24-\\x29\\x2b-\\x2f\\x3a-\\x7e]|[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]|^)[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]",
    // Tags, but in a flag.
    "(?<!\\u{1f3f4}[\\u{e0020}-\\u{e007f}]{0,6})[\\u{e0001}-\\u{e007f}]",
    "(?![\\u034f\\u200c\\u200d\\ufe00-\\ufe0f\\u{e0001}-\\u{e007f}\\u{e0100}-\\u{e01ef}])\\p{Default_Ignorable_Code_Point}",
  ].join("|"),
  "gu",
);

/** Marks above and below one letter, of which no writing has more. Others reach over the lines around. */
const mostMarks = 8;
const manyMarks = new RegExp(`(\\p{Mark}{${mostMarks}})(\\p{Mark}+)`, "gu");

/** The text with every character that is hidden as an escape: a zero width space as `\u200b`. */
export function visible(text: string): string {
  if (plain.test(text)) return text;
  return text
    .replace(hidden, escaped)
    .replace(manyMarks, (_, shown: string, more: string) => `${shown}(+${[...more].length} marks)`);
}

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length > 4) return `\\u{${hex}}`;
  return hex.length > 2 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
}

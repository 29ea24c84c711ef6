import { visible } from "./visible.ts";

/** Characters of a text from outside that a line shows at most. */
const maxTextLength = 4_096;

/** A text from outside as a line shows it: without ANSI sequences, bounded, with control characters escaped. */
export function readable(text: string): string {
  return visible(bounded(withoutSequences(text), maxTextLength));
}

/*
 * The sequences of ECMA-48 and ISO 2022 that begin with ESC or with an 8-bit control: colours and other control
 * sequences (CSI), strings that a terminator ends (OSC, DCS, SOS, PM, APC), character sets, and the rest of two
 * characters. The classes that repeat do not overlap, so that matching takes linear time.
 */
const sequences = new RegExp(
  [
    "(?:\\x1b\\[|\\x9b)[\\x30-\\x3f]*[\\x20-\\x2f]*[\\x40-\\x7e]",
    "(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x00-\\x1f\\x7f-\\x9f]*(?:\\x07|\\x1b\\\\|\\x9c)",
    "\\x1b[\\x20-\\x2f]+[\\x30-\\x7e]",
    "\\x1b[\\x30-\\x4f\\x51-\\x57\\x59\\x5a\\x5c\\x60-\\x7e]",
  ].join("|"),
  "g",
);

/** The text without the ANSI sequences in it, which a program writes for a terminal. A lone ESC stays. */
export function withoutSequences(text: string): string {
  return text.replace(sequences, "");
}

/** The text itself, or its beginning and how many characters are not shown. */
export function bounded(text: string, maxLength: number): string {
  if (text.length <= maxLength) {
    return text;
  }
  // A text is not cut between the two halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(text.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
  return `${text.slice(0, end)}… (${(text.length - end).toLocaleString("en-US")} more characters)`;
}

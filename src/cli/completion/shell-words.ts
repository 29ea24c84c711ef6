/** A quoted text, an escaped character or a plain one. The last quote of a line may be open. */
const part = /'([^']*)('?)|"((?:[^"\\]|\\.)*)("?)|\\(.?)|([^\s'"\\])/gsy;

/** A word of a command line, as it is typed and as the command gets it. */
interface ShellWord {
  readonly typed: string;
  readonly value: string;
  /** The quote that is open at its end. */
  readonly quote: "'" | '"' | "";
  /** Where the text behind the last character that breaks words in Bash begins, in both forms. */
  readonly lastPiece: number;
}

/** A word without its quotes. Nothing in it is evaluated: what a variable holds is not known. */
export function unquoted(word: string): string {
  return wordAt(word, 0, "").value;
}

/** The words of a line of Bash, of which the last may be empty. @param breaks the characters of COMP_WORDBREAKS */
export function bashWords(line: string, breaks: string): ShellWord[] {
  const words: ShellWord[] = [];
  for (let at = 0; at <= line.length; ) {
    const from = at + (/^\s*/.exec(line.slice(at))?.[0].length ?? 0);
    const word = wordAt(line, from, breaks);
    words.push(word);
    at = from + word.typed.length + 1;
  }
  return words;
}

function wordAt(line: string, from: number, breaks: string): ShellWord {
  let [value, end, lastPiece] = ["", from, 0];
  let quote: ShellWord["quote"] = "";
  part.lastIndex = from;
  for (let match = part.exec(line); match !== null; match = part.exec(line)) {
    const [, single, singleEnd, double, doubleEnd, escaped, plain] = match;
    end = part.lastIndex;
    quote = singleEnd === "" ? "'" : doubleEnd === "" ? '"' : "";
    if (quote !== "") lastPiece = value.length;
    value += single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain;
    if (plain !== undefined && breaks.includes(plain)) lastPiece = value.length;
  }
  return { typed: line.slice(from, end), value, quote, lastPiece };
}

/** What Bash puts in the place of the last piece of a word: the rest of a value that begins as the word does. */
export function bashReply(value: string, { quote, lastPiece }: ShellWord): string {
  const text = value.slice(lastPiece);
  switch (quote) {
    case "'":
      return text.replaceAll("'", "'\\''");
    case '"':
      return text.replace(/["\\$`]/g, "\\$&");
    case "":
      return text.replace(/[^\p{L}\p{N}_./:=@%+,-]/gu, "\\$&");
  }
}

/** What may stand next. */
type Expected = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end" | "end";

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** The shape of a longer number is not looked at: that could take long. */
const MAX_NUMBER = 1_000;

/** Why JSON.parse refused a text, and where, without a word of it. */
export function describeJsonFault(text: string, cause: unknown): string {
  return cause instanceof RangeError
    ? "not JSON: nested too deeply"
    : `not JSON at position ${jsonFaultAt(text)}`;
}

/**
 * Where a text stops to be JSON (RFC 8259): the position of the first value, name or sign that cannot stand there, or
 * the length of a text that ends early. V8 tells the position of some faults alone, and quotes the text for others.
 */
export function jsonFaultAt(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = skipBlanks(text, 0);
  for (; at < text.length; at = skipBlanks(text, at)) {
    const sign = text[at] ?? "";
    let next: Expected | undefined;
    let end = at + 1;
    const wantsValue = expected === "value" || expected === "value or ]";
    if (sign === "{" || sign === "[") {
      if (!wantsValue) return at;
      open.push(sign);
      expected = sign === "{" ? "key or }" : "value or ]";
      at = end;
      continue;
    }
    if (sign === "}" || sign === "]") {
      const isEmpty = expected === (sign === "}" ? "key or }" : "value or ]");
      const opened = open.pop();
      if (opened !== (sign === "}" ? "{" : "[") || !(isEmpty || expected === "comma or end")) return at;
      next = "comma or end";
    } else if (sign === ",") {
      if (expected !== "comma or end") return at;
      next = open.at(-1) === "{" ? "key" : "value";
    } else if (sign === ":") {
      if (expected !== "colon") return at;
      next = "value";
    } else if (sign === '"' && (expected === "key" || expected === "key or }")) {
      end = endOfString(text, at);
      next = "colon";
    } else if (wantsValue) {
      end = sign === '"' ? endOfString(text, at) : endOfWord(text, at);
      next = "comma or end";
    }
    if (next === undefined || end === -1) return at;
    expected = next === "comma or end" && open.length === 0 ? "end" : next;
    at = end;
  }
  return at;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(text[at] ?? "x")) at++;
  return at;
}

/** The position after a string that begins at `from`; -1 when it is none. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -1;
    if (code !== 0x5c) continue;
    at++;
    if (text[at] === "u" && /^[0-9a-f]{4}$/i.test(text.slice(at + 1, at + 5))) at += 4;
    else if (!'"\\/bfnrt'.includes(text[at] ?? "x")) return -1;
  }
  return -1;
}

/** The position after a number, `true`, `false` or `null`; -1 when it is none of them. */
function endOfWord(text: string, from: number): number {
  let end = from;
  while (/[-+.\w]/.test(text[end] ?? " ")) end++;
  const word = text.slice(from, end);
  const isWord =
    word === "true" || word === "false" || word === "null" || word.length > MAX_NUMBER || number.test(word);
  return isWord ? end : -1;
}

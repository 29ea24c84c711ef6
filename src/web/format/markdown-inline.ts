/** What is within a line. */
export type Inline =
  | { readonly kind: "text" | "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis" | "struck"; readonly content: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly content: readonly Inline[] };

/*
 * A mark is searched for its end no further than to where the next of its kind stands, so that all searches together take
 * linear time. What is inside of a mark has none of its kind, so that marks are never deep. Lines below the middle mark
 * nothing: names of programs have them.
 */
const marks = new RegExp(
  [
    /\\(?<escaped>[!-/:-@[-`{-~])/,
    /``(?<longCode>[^\n]+?)``(?!`)|`(?<code>[^`\n]+)`/,
    /\*{3}(?<both>[^*\s](?:[^*\n]*[^*\s])?)\*{3}/,
    /\*{2}(?<strong>(?=[^*\s])(?:[^*\n]|\*(?!\*))+)\*{2}/,
    /\*(?<emphasis>[^*\s](?:[^*\n]*[^*\s])?)\*/,
    /~~(?<struck>[^~\s](?:[^~\n]*[^~\s])?)~~/,
    // Of an image, what stands for it: the page loads nothing from elsewhere.
    /!?\[(?<label>[^[\]\n]+)\]\((?<href>https?:\/\/(?:[^()\s<>]|\([^()\s<>]*\))+)(?: +"[^"\n]*")?\)/,
    /<(?<angle>https?:\/\/[^\s<>]+)>/,
    /(?<![\p{L}\p{N}])(?<bare>https?:\/\/[^\s<>[\]"'`*|]+)/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gu",
);

/** @param isInLink a link has no other one inside */
export function inlinesOf(text: string, isInLink = false): readonly Inline[] {
  const parts: Inline[] = [];
  let plain = "";
  const endPlain = () => {
    if (plain !== "") parts.push({ kind: "text", text: plain });
    plain = "";
  };
  let end = 0;
  for (const match of text.matchAll(marks)) {
    plain += text.slice(end, match.index);
    end = match.index + match[0].length;
    const { escaped, bare, ...groups } = match.groups ?? {};
    if (escaped !== undefined) {
      plain += escaped;
      continue;
    }
    const href = bare === undefined ? undefined : withoutStop(bare);
    if (bare !== undefined && href !== undefined) end -= bare.length - href.length;
    const found = href === undefined ? markedBy(groups, isInLink) : linkTo(href, isInLink);
    endPlain();
    parts.push(found);
  }
  plain += text.slice(end);
  endPlain();
  return parts;
}

function markedBy(groups: Readonly<Record<string, string | undefined>>, isInLink: boolean): Inline {
  const { longCode, code, both, strong, emphasis, struck, label, href, angle } = groups;
  const inside = (content: string) => inlinesOf(content, isInLink);
  if (both !== undefined) return { kind: "strong", content: [{ kind: "emphasis", content: inside(both) }] };
  if (strong !== undefined) return { kind: "strong", content: inside(strong) };
  if (emphasis !== undefined) return { kind: "emphasis", content: inside(emphasis) };
  if (struck !== undefined) return { kind: "struck", content: inside(struck) };
  if (label !== undefined && href !== undefined)
    return { kind: "link", href, content: inlinesOf(label, true) };
  if (angle !== undefined) return linkTo(angle, isInLink);
  return { kind: "code", text: code ?? longCode?.trim() ?? "" };
}

function linkTo(href: string, isInLink: boolean): Inline {
  const text: Inline = { kind: "text", text: href };
  return isInLink ? text : { kind: "link", href, content: [text] };
}

/** Without what ends the sentence that an address stands in, and brackets that were opened before it. */
function withoutStop(address: string): string {
  const count = (bracket: string) => address.split(bracket).length - 1;
  let unopened = count(")") - count("(");
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    if (last === ")" && unopened > 0) unopened--;
    else if (!".,:;!?".includes(last)) break;
  }
  return address.slice(0, end);
}

/** Without its marks. */
export function plainText(parts: readonly Inline[]): string {
  return parts.map((part) => ("text" in part ? part.text : plainText(part.content))).join("");
}

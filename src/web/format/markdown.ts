/*
 * As much of Markdown as answers of language models use. Whatever else there is, HTML above all, stays the text that it
 * is: the result is a list of blocks, and never markup.
 */

export type Inline =
  | { readonly kind: "text" | "code" | "strong" | "emphasis"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

export type Block =
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "heading" | "paragraph" | "quote"; readonly content: readonly Inline[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] };

const listItem = /^\s{0,8}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;

export function markdownBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      at++;
      continue;
    }
    const fence = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      const end = lines.findIndex((other, index) => index > at && other.trim().startsWith(fence));
      const last = end === -1 ? lines.length : end;
      blocks.push({ kind: "code", text: lines.slice(at + 1, last).join("\n") });
      at = last + 1;
      continue;
    }
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (heading !== undefined) {
      blocks.push({ kind: "heading", content: inlines(heading) });
      at++;
      continue;
    }
    const taken = lines
      .slice(at)
      .findIndex((other) => other.trim() === "" || /^\s{0,3}(?:```|~~~|#{1,6}\s)/.test(other));
    // The line itself is no fence and no heading, and not empty.
    const paragraph = lines.slice(at, taken === -1 ? lines.length : at + taken);
    at += paragraph.length;
    addParagraph(blocks, paragraph);
  }
  return blocks;
}

/** Lines without an empty one between: a list, a quotation, a paragraph, or one after the other. */
function addParagraph(blocks: Block[], lines: readonly string[]): void {
  let items: string[] = [];
  let ordered = false;
  let plain: string[] = [];
  const endList = () => {
    if (items.length > 0) blocks.push({ kind: "list", ordered, items: items.map(inlines) });
    items = [];
  };
  const endPlain = () => {
    const isQuote = plain.length > 0 && plain.every((line) => /^\s{0,3}>/.test(line));
    const text = plain.map((line) => (isQuote ? line.replace(/^\s{0,3}>\s?/, "") : line)).join("\n");
    if (plain.length > 0) blocks.push({ kind: isQuote ? "quote" : "paragraph", content: inlines(text) });
    plain = [];
  };
  for (const line of lines) {
    const [, number, text] = listItem.exec(line) ?? [];
    if (text !== undefined) {
      endPlain();
      const isOrdered = number !== undefined;
      if (isOrdered !== ordered) endList();
      ordered = isOrdered;
      items.push(text);
    } else if (items.length > 0 && /^\s/.test(line)) {
      items.push(`${items.pop()}\n${line.trim()}`);
    } else {
      endList();
      plain.push(line);
    }
  }
  endList();
  endPlain();
}

// No part of it can match in two ways, so that it takes linear time.
const marks = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|\[([^\]\n]+)\]\((https?:\/\/[^)\s]+)\)/g;

function inlines(text: string): readonly Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(marks)) {
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    const [, code, strong, emphasis, link, href] = match;
    if (code !== undefined) parts.push({ kind: "code", text: code });
    else if (strong !== undefined) parts.push({ kind: "strong", text: strong });
    else if (emphasis !== undefined) parts.push({ kind: "emphasis", text: emphasis });
    else if (link !== undefined && href !== undefined) parts.push({ kind: "link", text: link, href });
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

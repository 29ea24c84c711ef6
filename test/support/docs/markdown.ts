import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Every page of the documentation, by its path in the repository. */
export function pages(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed.split("\n").filter((path) => path !== "");
}

export function readPage(path: string): string {
  return readFileSync(`${root}/${path}`, "utf8");
}

export interface Fence {
  /** What is written after the opening backticks. */
  readonly language: string;
  readonly text: string;
  /** The number of the line with the opening backticks. */
  readonly line: number;
}

/** The fenced blocks of a page, in order. */
export function fencesOf(page: string): Fence[] {
  return [...page.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = "", 2: text = "", index }) => ({
      language,
      text: text.trimEnd(),
      line: page.slice(0, index).split("\n").length,
    }),
  );
}

/** The page without its fenced blocks and code spans, in which nothing is a link or a heading. */
function prose(page: string): string {
  return page
    .replace(/^```[\s\S]*?^```$/gm, "")
    .replace(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]]/g, ""));
}

/** Targets of the links and pictures of a page. */
export function linksOf(page: string): string[] {
  return [...prose(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target);
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

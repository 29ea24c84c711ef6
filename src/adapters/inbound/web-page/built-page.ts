import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { getAsset, isSea } from "node:sea";

/** The encodings in which each file is ready, the smallest first. */
export const encodings = ["br", "gzip", "identity"] as const;

export type PageEncoding = (typeof encodings)[number];

export interface PageFile {
  /** `/` for the page itself, else a path with a hash of the content in its name. */
  readonly path: string;
  readonly type: string;
  /** Of the content. */
  readonly hash: string;
  readonly bodies: Readonly<Record<PageEncoding, Buffer>>;
}

/** As `src/web/build.mjs` writes it. */
interface Packed extends Readonly<Record<"path" | "type" | "hash" | PageEncoding, string>> {}

/** The files of the page by their path, or undefined when the page has not been built. */
export function readBuiltPage(): ReadonlyMap<string, PageFile> | undefined {
  const text = readPacked();
  if (text === undefined) return undefined;
  const { files } = JSON.parse(text) as { files: readonly Packed[] };
  return new Map(
    files.map(({ path, type, hash, br, gzip, identity }) => {
      const decoded = (body: string) => Buffer.from(body, "base64");
      const bodies = { br: decoded(br), gzip: decoded(gzip), identity: decoded(identity) };
      return [path, { path, type, hash, bodies }];
    }),
  );
}

/** The single executable has the file in itself. */
function readPacked(): string | undefined {
  if (isSea()) return getAsset("page.json", "utf8");
  const manifest = findPackageJSON(import.meta.url);
  if (manifest === undefined) return undefined;
  try {
    return readFileSync(join(dirname(manifest), "dist/web/page.json"), "utf8");
  } catch {
    return undefined;
  }
}

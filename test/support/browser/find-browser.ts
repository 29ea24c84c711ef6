import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of these programs that is on the PATH. */
export function onPath(...names: readonly string[]): string | undefined {
  return names
    .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** The Chromium of this machine, which no npm package brings. */
export const browser = onPath("chromium", "chromium-browser", "google-chrome", "chrome");

/** For the option `skip` of a test: says why, when there is none. */
export const skipWithoutBrowser = browser === undefined && "no Chromium on the PATH";

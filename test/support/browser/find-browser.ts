import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The Chromium of this machine, which no npm package brings. */
export const browser = ["chromium", "chromium-browser", "google-chrome", "chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

/** For the option `skip` of a test: says why, when there is none. */
export const skipWithoutBrowser = browser === undefined && "no Chromium on the PATH";

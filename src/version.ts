import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** The version in package.json, found from this file or from the built program alike. */
export const version = readVersion();

function readVersion(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) {
    return "unknown";
  }
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version?: string };
  return version ?? "unknown";
}

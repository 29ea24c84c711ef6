import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { getAsset, isSea } from "node:sea";

/**
 * The version in package.json, found from this file or from the built program alike. The single executable has that
 * file in itself: one beside the executable would be another project's.
 */
export const version = readVersion();

function readVersion(): string {
  const manifest = readManifest();
  if (manifest === undefined) {
    return "unknown";
  }
  const { version } = JSON.parse(manifest) as { version?: string };
  return version ?? "unknown";
}

function readManifest(): string | undefined {
  if (isSea()) return getAsset("package.json", "utf8");
  const path = findPackageJSON(import.meta.url);
  return path === undefined ? undefined : readFileSync(path, "utf8");
}

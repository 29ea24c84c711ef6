import { hueRegistry } from "./hue-registry.ts";

export const { hueOfService, huesAmong } = hueRegistry(storageOfBrowser());

/** A browser that may keep nothing refuses to name its storage. */
function storageOfBrowser(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

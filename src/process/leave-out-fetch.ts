/** The exports of `node:http` that are a part of Node's `fetch`. */
const partsOfFetch = ["WebSocket", "CloseEvent", "MessageEvent"];

/**
 * Keeps an `import` of `node:http` from loading Node's `fetch`, which takes 4 MiB of memory and which a receiver of
 * telemetry does not need. An import of a built-in module reads each of its exports, and these load it when they are
 * read. They are taken out of `node:http`; the globals of the same names stay, and load it when they are used.
 *
 * It has to be called before anything imports `node:http`.
 */
export function leaveOutFetch(): void {
  const http = process.getBuiltinModule("node:http");
  for (const name of partsOfFetch) Reflect.deleteProperty(http, name);
}

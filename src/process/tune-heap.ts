import { setFlagsFromString } from "node:v8";

/** The first Node whose V8 knows the flag; an older one prints an error on stderr. */
const knownSince = 24;

/**
 * Has V8 count the memory of network buffers as part of its heap. By default every 64 MiB of buffers, which a
 * busy receiver reads several times a second, start a mark of the whole heap: a third of all CPU time with
 * requests of 512 spans. Buffers are short-lived, and the small collections free them too.
 */
export function tuneHeap(): void {
  if (Number.parseInt(process.versions.node, 10) >= knownSince) {
    setFlagsFromString("--external-memory-accounted-in-global-limit");
  }
}

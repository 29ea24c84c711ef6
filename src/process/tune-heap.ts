import { setFlagsFromString } from "node:v8";

/** The first Node whose V8 knows the flag; an older one prints an error on stderr. */
const knownSince = 24;

/**
 * Sets up the heap for a receiver. It has to be called before the server's modules are loaded.
 *
 * The young generation keeps the size that it starts with. By default the loading of modules makes it grow to
 * 14 MiB, and load to three times 16 MiB; what a request needs is small and dies with it.
 *
 * V8 counts the memory of network buffers as part of its heap. By default every 64 MiB of buffers, which a busy
 * receiver reads several times a second, start a mark of the whole heap: a third of all CPU time with requests of
 * 512 spans. Buffers are short-lived, and the small collections free them too.
 */
export function tuneHeap(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  if (Number.parseInt(process.versions.node, 10) >= knownSince) {
    setFlagsFromString("--external-memory-accounted-in-global-limit");
  }
}

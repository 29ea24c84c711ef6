import { setFlagsFromString } from "node:v8";

/** The first Node whose V8 knows the flags that not every Node has; an older one prints an error on stderr. */
const knownSince = 24;
export const knowsNewFlags = Number.parseInt(process.versions.node, 10) >= knownSince;

/** With less memory than this the young generation stays small under load too. */
const ampleBytes = 2 ** 30;

/** A flag by which whoever starts Node chooses V8's compilers. */
const compilerFlag = /--(?:no[-_]?)?(?:opt|turbofan|maglev|max[-_]opt)(?![-_\w])/;

/**
 * Sets up the heap for a receiver. It has to be called before the server's modules are loaded.
 *
 * Until `allowGrowth` the young generation keeps the size that it starts with: the loading of modules would make it
 * grow to 14 MiB, of which an idle server needs nothing. Until then V8 does not optimize either: code that runs while
 * modules are loaded seldom runs again. Its optimizing compilers are 6 MiB of Node's program, which are not read before
 * they are needed, and take 4 MiB for their work.
 *
 * V8 counts the memory of network buffers as part of its heap. By default every 64 MiB of buffers, which a busy
 * receiver reads several times a second, start a mark of the whole heap: a third of all CPU time with requests of
 * 512 spans. Buffers are short-lived, and the small collections free them too.
 */
export function tuneHeap(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  switchCompilers("off");
  if (knowsNewFlags) setFlagsFromString("--external-memory-accounted-in-global-limit");
}

/**
 * Has V8 optimize from now on what runs often, and lets the young generation grow under load where there is ample
 * memory, as V8 has both by default. A small one saves up to 120 MiB, and costs up to a fifth more CPU with small
 * requests.
 * @param memoryBytes what the process may take
 */
export function allowGrowth(memoryBytes: number): void {
  switchCompilers("on");
  if (memoryBytes >= ampleBytes) setFlagsFromString("--semi-space-growth-factor=2");
}

/** Switches the compilers that optimize JavaScript. WebAssembly has its own. */
function switchCompilers(to: "on" | "off"): void {
  const isChosen = compilerFlag.test([...process.execArgv, process.env.NODE_OPTIONS].join(" "));
  // Older ones do not have Maglev, or do not use it.
  const hasMaglev = knowsNewFlags && (process.arch === "x64" || process.arch === "arm64");
  if (isChosen || !hasMaglev) return;
  for (const compiler of ["turbofan", "maglev"]) {
    setFlagsFromString(to === "on" ? `--${compiler}` : `--no-${compiler}`);
  }
}

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The bytes of the JavaScript heap that are in use, after what is not needed any more was let go of. */
export function heapBytes(): number {
  return memoryAfterCollection().heapUsed;
}

/** The same, with the contents of all buffers. */
export function heapAndBufferBytes(): number {
  return bytesOf(memoryAfterCollection());
}

function memoryAfterCollection(): NodeJS.MemoryUsage {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  let before = process.memoryUsage();
  // V8 frees the buffers that a collection finds beside the program; the next collection waits for that.
  for (let collections = 0; collections < 10; collections++) {
    collect();
    const after = process.memoryUsage();
    if (collections > 0 && bytesOf(after) >= bytesOf(before)) return after;
    before = after;
  }
  return before;
}

function bytesOf({ heapUsed, arrayBuffers }: NodeJS.MemoryUsage): number {
  return heapUsed + arrayBuffers;
}

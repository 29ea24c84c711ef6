import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The bytes of the JavaScript heap that are in use, after what is not needed any more was let go of. */
export function heapBytes(): number {
  return memoryAfterCollection().heapUsed;
}

/** The same, with the contents of all buffers. */
export function heapAndBufferBytes(): number {
  const { heapUsed, arrayBuffers } = memoryAfterCollection();
  return heapUsed + arrayBuffers;
}

function memoryAfterCollection(): NodeJS.MemoryUsage {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  return process.memoryUsage();
}

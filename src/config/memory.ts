import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

/** The memory that the process can take, in bytes. */
export interface Memory {
  /** The memory of the whole process. */
  readonly process: number;
  /** The memory of V8's heap, which is a part of it (`--max-old-space-size`). */
  readonly heap: number;
}

/**
 * The share of the machine's memory that is taken when the process has no limit, since other programs run there too.
 */
const shareOfMachine = 1 / 2;

/** The limit of the container (cgroup v1 or v2), else half of the machine's memory; and V8's heap limit. */
export function memoryOfProcess(): Memory {
  return {
    process: processMemory(process.constrainedMemory(), totalmem()),
    heap: getHeapStatistics().heap_size_limit,
  };
}

/**
 * @param constrained what `process.constrainedMemory()` says: 0, or with cgroup v1 a number beyond every machine,
 *   when there is no limit
 */
export function processMemory(constrained: number, machine: number): number {
  return constrained > 0 && constrained < machine ? constrained : Math.floor(machine * shareOfMachine);
}

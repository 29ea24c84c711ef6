import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { loadConfig } from "../../src/config/config.ts";
import { residentBytes } from "../bench/proc.ts";
import { type ObsvtyTarget, obsvtyCommand, startObsvty } from "../bench/target.ts";

/** The built server with the memory of a container. */
export interface SizedServer extends ObsvtyTarget {
  /** Whether the kernel holds it to its memory, and ends it when it needs more. */
  readonly isConfined: boolean;
  /** The most that it took so far: of its group when it is confined, with what the kernel holds for it. */
  readonly peakBytes: () => number;
}

/**
 * Starts it in a control group of its own where one can be made (as root), else with the bounds and the heap that
 * it would have in a container of this size.
 */
export async function startSized(memoryBytes: number): Promise<SizedServer> {
  const group = makeGroup(memoryBytes);
  if (group === undefined) {
    const server = await startWithBoundsFor(memoryBytes);
    return { ...server, isConfined: false, peakBytes: () => residentBytes(server.pid, "peak") };
  }
  // The shell enters the group and then becomes the server.
  const enter = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', group.path];
  const server = await startObsvty({}, [...enter, ...obsvtyCommand()]);
  return {
    ...server,
    isConfined: true,
    peakBytes: () => Number(readFileSync(group.peakFile, "utf8")),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmdirSync(group.path);
    },
  };
}

function startWithBoundsFor(memoryBytes: number): Promise<ObsvtyTarget> {
  // Node takes about half of a container's memory for V8's heap.
  const heap = memoryBytes / 2;
  const config = loadConfig({ env: {}, file: "/nonexistent/.env", memory: { process: memoryBytes, heap } });
  const settings = {
    MAX_BUFFER_BYTES: String(config.maxBufferBytes),
    MAX_INFLIGHT_BYTES: String(config.maxInflightBytes),
    MAX_QUERY_BYTES: String(config.maxQueryBytes),
  };
  return startObsvty(settings, obsvtyCommand([`--max-old-space-size=${heap / 2 ** 20}`]));
}

interface Group {
  readonly path: string;
  readonly peakFile: string;
}

/** A control group (cgroups(7), version 1 or 2) that may have this much memory, and no swap. */
function makeGroup(memoryBytes: number): Group | undefined {
  for (const { root, limit, swapLimit, peak } of versions) {
    if (!existsSync(`${root}/${limit.root}`)) continue;
    const path = `${root}/obsvty-${process.pid}-${++groups}`;
    try {
      mkdirSync(path);
      writeFileSync(`${path}/${limit.file}`, String(memoryBytes));
      if (existsSync(`${path}/${swapLimit.file}`)) {
        writeFileSync(`${path}/${swapLimit.file}`, swapLimit.value(memoryBytes));
      }
      return { path, peakFile: `${path}/${peak}` };
    } catch {
      if (existsSync(path)) rmdirSync(path);
    }
  }
  return undefined;
}

let groups = 0;

const versions = [
  {
    root: "/sys/fs/cgroup/memory",
    limit: { root: "memory.limit_in_bytes", file: "memory.limit_in_bytes" },
    swapLimit: { file: "memory.memsw.limit_in_bytes", value: String },
    peak: "memory.max_usage_in_bytes",
  },
  {
    root: "/sys/fs/cgroup",
    limit: { root: "cgroup.controllers", file: "memory.max" },
    swapLimit: { file: "memory.swap.max", value: () => "0" },
    peak: "memory.peak",
  },
] as const;

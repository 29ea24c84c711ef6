import { loadConfig } from "../../src/config/config.ts";
import { memoryWarnings } from "../../src/config/memory-warnings.ts";
import { markdownTable } from "./markdown-table.ts";

const mib = 2 ** 20;
const small = { MAX_RECEIVE_MESSAGE_LENGTH: "1048576", MAX_CONNECTIONS: "128" } as const;
const none = {};

/** The limit of the container, the limit that Node 26 sets V8's heap in it, and what else is set. */
const containers: readonly (readonly [
  memory: number,
  heap: number,
  env: Readonly<Record<string, string>>,
])[] = [
  [256, 262, none],
  [256, 262, small],
  [512, 268, none],
  [512, 268, small],
  [1024, 536, none],
  [2048, 1072, none],
];

/** What the defaults become in containers of some sizes. */
export function sizingTable(): string {
  return markdownTable(
    ["memory", "set", "`MAX_BUFFER_BYTES`", "`MAX_INFLIGHT_BYTES`", "`MAX_QUERY_BYTES`", "fits"],
    containers.map(([process, heap, env]) => {
      const memory = { process: process * mib, heap: heap * mib };
      const config = loadConfig({ env, file: "/nonexistent/.env", memory });
      const { maxBufferBytes, maxInflightBytes, maxQueryBytes } = config;
      const bounds = [maxBufferBytes, maxInflightBytes, maxQueryBytes].map((bytes) =>
        inMebibytes(bytes / mib),
      );
      const [warning] = memoryWarnings(config, memory);
      const fits = warning === undefined ? "yes" : `no, ${inMebibytes(warning.neededBytes / mib)} are needed`;
      const set = Object.entries(env).map(([key, value]) => `\`${key}=${value}\``);
      return [inMebibytes(process), set.join(" "), ...bounds, fits];
    }),
  );
}

function inMebibytes(count: number): string {
  return `${Math.ceil(count).toLocaleString("en")} MiB`;
}

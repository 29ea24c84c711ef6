import type { Config } from "./config.ts";
import type { Memory } from "./memory.ts";
import type { Setting } from "./setting-kinds.ts";
import { type SettingKey, settings } from "./settings.ts";
import { mostMemory } from "./sizing.ts";

export interface MemoryWarning {
  readonly message: string;
  readonly neededBytes: number;
  readonly memoryBytes: number;
}

/** Says when the bounds, as set or at their least, allow more than there is: an attacker could end the process. */
export function memoryWarnings(config: Config, memory: Memory): MemoryWarning[] {
  const needed = mostMemory(config);
  return (["process", "heap"] as const)
    .filter((part) => needed[part] > memory[part])
    .map((part) => ({
      neededBytes: needed[part],
      memoryBytes: memory[part],
      message:
        `the settings allow ${mebibytes(needed[part])} MiB for ${names[part]}, and there are ` +
        `${mebibytes(memory[part])} MiB: ${remedies[part](config)}`,
    }));
}

const names = { process: "the process", heap: "V8's heap" } as const;

const remedies: Readonly<Record<keyof Memory, (config: Config) => string>> = {
  process: (config) => {
    const lowered = [...aboveTheirLeast(config), "MAX_RECEIVE_MESSAGE_LENGTH", "MAX_CONNECTIONS"];
    return `give it more, or lower ${lowered.slice(0, -1).join(", ")} or ${lowered.at(-1)}`;
  },
  heap: () => "lower MAX_QUERY_BYTES, or raise --max-old-space-size in NODE_OPTIONS",
};

/** Only bounds that are set are named: the defaults are at their least by now. */
function aboveTheirLeast(config: Config): SettingKey[] {
  const bounds = {
    MAX_BUFFER_BYTES: config.maxBufferBytes,
    MAX_INFLIGHT_BYTES: config.maxInflightBytes,
    MAX_QUERY_BYTES: config.maxQueryBytes,
  } as const;
  const table: Readonly<Record<keyof typeof bounds, Setting<unknown>>> = settings;
  return (Object.keys(bounds) as (keyof typeof bounds)[]).filter(
    (key) => bounds[key] > (table[key].shrinks?.least ?? 0),
  );
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { lacking, onPath } from "../tools.ts";
import { type Command, type Language, packed, type ServingLanguage } from "./languages.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Outside of the checkout, and kept, so that a second run fetches and builds nothing. */
const work = join(tmpdir(), "obsvty-interop", "shops");

/** How long fetching and building may take for all languages together; as long as they need when it is not set. */
const budgetMs = process.env.SDKS_PREPARE_MS === undefined ? undefined : Number(process.env.SDKS_PREPARE_MS);
let spentMs = 0;

/** A shop that can be run and tested, or why it cannot. */
export type Prepared = { readonly folder: string } | { readonly missing: string };

const prepared = new Map<Language, Promise<Prepared>>();

/** Prepares a shop, once in this process. */
export function preparedOnce(language: Language): Promise<Prepared> {
  const done = prepared.get(language) ?? prepare(language);
  prepared.set(language, done);
  return done;
}

/**
 * Copies an example, fetches what it needs and builds it. What is not on the machine, or cannot be fetched, is a
 * reason to skip.
 * @throws when it does not build
 */
async function prepare(language: Language): Promise<Prepared> {
  const missing = lacking(...language.tools);
  if (missing !== false) return { missing };
  const folder = join(work, language.folder);
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, "examples", language.folder), folder, { recursive: true, preserveTimestamps: true });
  if (language.testsHaveReceiver === true) cpSync(await packOnce(), join(folder, packed));
  const began = performance.now();
  const inTime =
    budgetMs === undefined ? undefined : AbortSignal.timeout(Math.max(0, Math.ceil(budgetMs - spentMs)));
  try {
    for (const command of language.fetch) {
      try {
        await runIn(folder, command, {}, inTime);
      } catch (error) {
        if (inTime?.aborted === true) throw error;
        return { missing: `what it needs cannot be fetched: ${reasonOf(error)}` };
      }
    }
    for (const command of language.build) await runIn(folder, command, {}, inTime);
    return { folder };
  } catch (error) {
    if (inTime?.aborted !== true) throw error;
    return { missing: `it is not built within the ${budgetMs} ms that all languages have together` };
  } finally {
    spentMs += performance.now() - began;
  }
}

/** The version of the SDK, as the example pins it. */
export function sdkVersion({ folder, server: { sdk } }: ServingLanguage): string {
  const pinned = readFileSync(join(root, "examples", folder, sdk.file), "utf8");
  const version = sdk.pattern.exec(pinned)?.[1];
  if (version === undefined) throw new Error(`${sdk.file} of examples/${folder} pins no SDK`);
  return version;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

const run = promisify(execFile);

/** Runs a command. @throws with all that it printed, when it fails */
export async function runIn(
  folder: string,
  [program, ...args]: Command,
  env = {},
  signal?: AbortSignal,
): Promise<RunResult> {
  try {
    return await run(program, args, { cwd: folder, env: shopEnv(env), maxBuffer: 1 << 26, signal });
  } catch (cause) {
    const { stdout, stderr } = cause as RunResult;
    throw new Error(`${[program, ...args].join(" ")} failed:\n${stdout}${stderr}`, { cause });
  }
}

/** The environment without what would reach the shop from the run around it. */
export function shopEnv(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...rest } = process.env;
  const plain = Object.entries(rest).filter(([name]) => !name.startsWith("OTEL_"));
  return {
    ...Object.fromEntries(plain),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    CHROMIUM: onPath("chromium"),
    CARGO_PROFILE_DEV_DEBUG: "0",
    CARGO_TARGET_DIR: "target",
    PYTHONDONTWRITEBYTECODE: "1",
    OTEL_SERVICE_NAME: "shop",
    ...more,
  };
}

let tarball: Promise<string> | undefined;

/** The package of this checkout. */
function packOnce(): Promise<string> {
  tarball ??= (async () => {
    mkdirSync(work, { recursive: true });
    const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", work], { cwd: root });
    return join(work, stdout.trim().split("\n").at(-1) ?? "");
  })();
  return tarball;
}

function reasonOf(error: unknown): string {
  return String(error).replaceAll(/\s+/g, " ").slice(0, 500);
}

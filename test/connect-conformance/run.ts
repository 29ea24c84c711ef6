import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * Runs connectrpc's conformance suite (https://github.com/connectrpc/conformance, Apache-2.0) against this
 * server: `npm run test:connect`. The runner and its .proto files come from the Go module proxy and stay in
 * node_modules/.cache. Arguments go to the runner: `npm run test:connect -- --run "gRPC Errors/**" --trace`.
 */

const version = "v1.0.7";
const module = "connectrpc.com/conformance";

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(
  new URL(`../../node_modules/.cache/connect-conformance-${version}`, import.meta.url),
);
const runner = join(cache, process.platform === "win32" ? "connectconformance.exe" : "connectconformance");
const descriptors = join(cache, "descriptors.binpb");

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { error, status, stdout } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error !== undefined || status !== 0) {
    fail(`${command} ${args.join(" ")}: ${error?.message ?? `exit code ${status}`}`);
  }
  return stdout;
}

function fail(message: string): never {
  process.stderr.write(`test:connect: ${message}\n`);
  process.exit(1);
}

if (spawnSync("go", ["version"]).status !== 0) {
  fail("not run: the conformance runner is built with Go, and there is no `go` on the PATH");
}
if (!existsSync(runner) || !existsSync(descriptors)) {
  mkdirSync(cache, { recursive: true });
  run("go", ["install", `${module}/cmd/connectconformance@${version}`], { GOBIN: cache });
  const { Dir } = JSON.parse(run("go", ["mod", "download", "-json", `${module}@${version}`]));
  run("buf", ["build", join(Dir, "proto"), "-o", descriptors]);
}

const { status } = spawnSync(
  runner,
  [
    ...["--mode", "server", "--conf", join(here, "config.yaml")],
    ...["--known-failing", `@${join(here, "known-failing.txt")}`],
    ...process.argv.slice(2),
    ...["--", process.execPath, join(here, "server.ts"), descriptors],
  ],
  { stdio: "inherit" },
);
process.exit(status ?? 1);

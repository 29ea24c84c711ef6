#!/usr/bin/env node

/** The first Node that has all that is used of it, `module.findPackageJSON` being the newest. */
const needed = [22, 14] as const;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(`obsvty: needs Node ${needed.join(".")} or newer, this is ${process.versions.node}\n`);
  process.exit(1);
}

/** The server without what the command line needs, and the other way round: each is quick to start. */
async function serve(): Promise<void> {
  const [{ compose }, { runService }] = await Promise.all([
    import("./compose.ts"),
    import("./process/run-service.ts"),
  ]);
  await runService(compose);
}

const args = process.argv.slice(2);
if (args.length === 0) {
  await serve();
} else {
  const { runCli } = await import("./cli/run.ts");
  const { stdout, stderr, env } = process;
  process.exitCode = await runCli(args, { stdout, stderr, env, serve });
}

export {};

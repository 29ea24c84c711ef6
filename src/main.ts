#!/usr/bin/env node

/** The server without what the command line needs, and the other way round: each is quick to start. */
async function serve(): Promise<void> {
  const [{ compose }, { runService }] = await Promise.all([import("./compose.ts"), import("./service.ts")]);
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

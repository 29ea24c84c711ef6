#!/usr/bin/env node

/** The lowest Node that has every API used here; the newest of them is `module.findPackageJSON`. */
const needed = [22, 14] as const;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `obsvty: needs Node ${needed.join(".")} or newer, this is Node ${process.versions.node}\n`,
  );
  process.exit(1);
}

/** Loads the server's modules only here, and the command line's only below, so that each starts quickly. */
async function serve(): Promise<void> {
  const [{ tuneHeap }, { leaveOutFetch }] = await Promise.all([
    import("./process/tune-heap.ts"),
    import("./process/leave-out-fetch.ts"),
  ]);
  tuneHeap();
  leaveOutFetch();
  const [{ compose }, { runService }] = await Promise.all([
    import("./compose.ts"),
    import("./process/run-service.ts"),
  ]);
  await runService(compose);
}

/** For the command line. */
async function openOtlpEndpoint(endpoint: Parameters<typeof import("./compose.ts").createOtlpClient>[0]) {
  const { createOtlpClient } = await import("./compose.ts");
  return createOtlpClient(endpoint);
}

/** For `obsvty run`. */
async function startReceiver() {
  const [{ compose }, receiver] = await Promise.all([
    import("./compose.ts"),
    import("./process/start-receiver.ts"),
  ]);
  return receiver.startReceiver(compose);
}

const args = process.argv.slice(2);
if (args.length === 0) {
  await serve();
} else {
  const { runCli } = await import("./cli/run.ts");
  const { stdin, stdout, stderr, env } = process;
  process.exitCode = await runCli(args, {
    stdin,
    stdout,
    stderr,
    env,
    serve,
    openOtlpEndpoint,
    startReceiver,
  });
}

export {};

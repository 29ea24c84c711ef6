import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startObsvty, statsOf } from "../support/obsvty.ts";

// Go's exporters of OTLP/gRPC, which decide by the endpoint's scheme whether they speak TLS.

const run = promisify(execFile);
const source = fileURLToPath(new URL("go-sdk", import.meta.url));
const binary = join(tmpdir(), "obsvty-interop", "go-sdk");

before(
  () => {
    mkdirSync(join(binary, ".."), { recursive: true });
    try {
      execFileSync("go", ["build", "-o", binary, "."], { cwd: source, stdio: ["ignore", "ignore", "pipe"] });
    } catch (cause) {
      throw new Error("the program with Go's SDK cannot be built; it needs Go and its module proxy", {
        cause,
      });
    }
  },
  { timeout: 900_000 },
);

test("Go's exporters need the endpoint with http:// alone, as the page on sending says", async (t) => {
  const server = await startObsvty(t);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, OTEL_EXPORTER_OTLP_ENDPOINT: server.url };
  await run(binary, [], { env });
  const { traces, logs, metrics } = await statsOf(server);
  assert.deepEqual([traces.accepted, logs.accepted, metrics.accepted], [1, 1, 1]);
});

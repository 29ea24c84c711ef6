import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setFaults, startWithFaults } from "../support/fault-service.ts";
import { query, statsOf } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

// What Python's exporters make of what we answer: they read retry hints in places of their own.

const run = promisify(execFile);
/** One that has the packages, such as that of a virtual environment. */
const python = process.env.PYTHON ?? "python3";
const script = fileURLToPath(new URL("python/export_once.py", import.meta.url));
const packages = [
  "opentelemetry-sdk",
  "opentelemetry-exporter-otlp-proto-grpc",
  "opentelemetry-exporter-otlp-proto-http",
];

before(async () => {
  const imports =
    "import opentelemetry.sdk, opentelemetry.exporter.otlp.proto.grpc, opentelemetry.exporter.otlp.proto.http";
  await run(python, ["-c", imports]).catch((cause) => {
    const how = `${python} -m pip install ${packages.join(" ")}`;
    throw new Error(`${python} with OpenTelemetry is not there (PYTHON names another); get it by: ${how}`, {
      cause,
    });
  });
});

/** "SUCCESS" or "FAILURE", as the exporter says. */
async function exportOnce({ url }: TestServer, protocol: string, timeoutSeconds = 10): Promise<string> {
  const env = {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_TIMEOUT: String(timeoutSeconds),
    OTEL_EXPORTER_OTLP_INSECURE: "true",
  };
  const { stdout } = await run(python, [script], { env });
  return stdout.trim();
}

async function figures(server: TestServer) {
  const { accepted, rejected, refused, injected } = (await statsOf(server)).traces;
  return { accepted, rejected, refused, injected };
}

const start = (t: TestContext) => startWithFaults(t);

for (const protocol of ["grpc", "http/protobuf"]) {
  describe(`Python's exporter over ${protocol}`, () => {
    test("sends a span, which is read back", async (t) => {
      const server = await start(t);
      assert.equal(await exportOnce(server, protocol), "SUCCESS");
      const { spans } = await query(server, "SearchSpans", { filter: { service: "python" } });
      assert.deepEqual(
        spans.map(({ name, attributes }: { name: string; attributes: object }) => [name, attributes]),
        [["GET /cart", { "cart.id": "c1" }]],
      );
    });

    test("comes back after UNAVAILABLE when it was told to, and loses nothing", async (t) => {
      const server = await start(t);
      await setFaults(server, { times: 2, status: "UNAVAILABLE", retryDelay: "0.010s" });
      assert.equal(await exportOnce(server, protocol), "SUCCESS");
      assert.deepEqual(await figures(server), { accepted: 1, rejected: 0, refused: 0, injected: 2 });
    });

    test("comes back after RESOURCE_EXHAUSTED with a hint", async (t) => {
      const server = await start(t);
      await setFaults(server, { status: "RESOURCE_EXHAUSTED", retryDelay: "0.010s" });
      assert.equal(await exportOnce(server, protocol), "SUCCESS");
      assert.deepEqual(await figures(server), { accepted: 1, rejected: 0, refused: 0, injected: 1 });
    });

    test("gives up on INVALID_ARGUMENT", async (t) => {
      const server = await start(t);
      await setFaults(server, { times: 9, status: "INVALID_ARGUMENT" });
      assert.equal(await exportOnce(server, protocol), "FAILURE");
      assert.deepEqual(await figures(server), { accepted: 0, rejected: 0, refused: 0, injected: 1 });
    });

    test("takes a partial success for a success", async (t) => {
      const server = await start(t);
      await setFaults(server, { partialSuccess: { rejected: 1, message: "too old" } });
      assert.equal(await exportOnce(server, protocol), "SUCCESS");
    });

    test("connects anew when its connection is reset", async (t) => {
      const server = await start(t);
      await setFaults(server, { reset: true });
      assert.equal(await exportOnce(server, protocol), "SUCCESS");
      assert.deepEqual(await figures(server), { accepted: 1, rejected: 0, refused: 0, injected: 1 });
    });

    test("gives up on a server that takes longer than it waits, and nothing is kept", async (t) => {
      const server = await start(t);
      await setFaults(server, { times: 9, delay: "3600s" });
      assert.equal(await exportOnce(server, protocol, 1), "FAILURE");
      assert.equal((await figures(server)).accepted, 0);
    });
  });
}

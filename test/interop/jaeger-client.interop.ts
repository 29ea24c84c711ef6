import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { get, hex, startNano, startShop } from "../support/jaeger.ts";
import { lacking } from "../support/tools.ts";

const skip = lacking("go");
const source = fileURLToPath(new URL("jaeger-client", import.meta.url));
const program = join(tmpdir(), "obsvty-interop", "jaeger-client");

if (skip === false) {
  before(
    () => {
      mkdirSync(join(program, ".."), { recursive: true });
      execFileSync("go", ["build", "-o", program, "."], {
        cwd: source,
        stdio: ["ignore", "ignore", "inherit"],
      });
    },
    { timeout: 900_000 },
  );
}

describe("the client that Jaeger generates of api_v3", { skip }, () => {
  test("Jaeger's own client gets the services, operations and traces that are held", async (t) => {
    const server = await startShop(t);
    const { stdout } = await promisify(execFile)(program, [`127.0.0.1:${server.port}`, "shop"]);
    const { services, operations, found, failed, trace, missing } = JSON.parse(stdout);
    assert.deepEqual(services, ["bank", "shop"]);
    assert.deepEqual(
      operations,
      (await get(server, "/api/v3/operations?service=shop")).operations.map(
        ({ name, spanKind }: { name: string; spanKind: string }) => ({ name, kind: spanKind }),
      ),
    );
    const ms = (at: number) => String(startNano + BigInt(at) * 1_000_000n);
    const checkout = {
      traceId: hex(1),
      service: "shop",
      name: "POST /checkout",
      kind: "Server",
      status: "Unset",
      startUnixNano: ms(0),
      endUnixNano: ms(100),
    };
    assert.deepEqual(
      trace.flat().find(({ name }: { name: string }) => name === checkout.name),
      checkout,
    );
    const namesOf = (spans: readonly { name: string }[][]) =>
      spans
        .flat()
        .map(({ name }) => name)
        .sort();
    const order = ["POST /checkout", "POST /pay", "charge"];
    assert.deepEqual(namesOf(trace), order);
    assert.deepEqual(failed, trace);
    assert.deepEqual(namesOf(found), ["GET /cart", ...order]);
    assert.equal(missing, "NotFound");
  });
});

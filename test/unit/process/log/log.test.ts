import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { createLog } from "../../../../src/process/log/log.ts";

async function capture(logFormat: "json" | "pretty" | "auto", logLevel: "info" | "warn" = "info") {
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const { logger } = await createLog({ logFormat, logLevel }, destination);
  return { logger, lines };
}

describe("the log", () => {
  it("the log logs nothing below its level", async () => {
    const { logger, lines } = await capture("json", "warn");
    logger.info("quiet");
    logger.warn("loud");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).msg),
      ["loud"],
    );
  });

  it("the log writes JSON when auto finds no terminal", async () => {
    const { logger, lines } = await capture("auto");
    logger.info({ grpc: "127.0.0.1:4317" }, "listening");
    assert.equal(JSON.parse(lines[0] ?? "").grpc, "127.0.0.1:4317");
  });

  for (const format of ["json", "pretty"] as const) {
    it(`the log writes at most 128 KiB in a second as ${format}, but always why the process ends`, async () => {
      const { logger, lines } = await capture(format);
      for (let message = 0; message < 10; message++) {
        for (let i = 0; i < 64; i++) logger.warn({ path: `/${i}${"x".repeat(9_000)}` }, `refused ${message}`);
      }
      const bytes = Buffer.byteLength(lines.join(""));
      assert.ok(bytes > 120_000 && bytes <= 131_072, `${bytes} bytes`);
      logger.fatal("internal fault");
      assert.match(lines.at(-1) ?? "", /internal fault/);
    });
  }

  it("the log writes for people when pretty is asked for", async () => {
    const { logger, lines } = await capture("pretty");
    logger.info("listening");
    assert.match(lines.join(""), /INFO.*: listening/);
  });

  for (const fields of [
    { authorization: "Bearer s3cret" },
    { headers: { authorization: "Bearer s3cret" } },
    { req: { headers: { authorization: "Bearer s3cret" } } },
  ]) {
    it(`the log never writes a token: ${JSON.stringify(fields)}`, async () => {
      const { logger, lines } = await capture("json");
      logger.info(fields, "call");
      assert.doesNotMatch(lines.join(""), /s3cret/);
    });
  }
});

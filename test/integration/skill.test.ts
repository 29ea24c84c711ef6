import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runHere } from "../support/cli.ts";
import { startObsvty } from "../support/obsvty.ts";
import { testFolder } from "../support/test-folder.ts";

const nowhere = { url: "http://127.0.0.1:1" };
const traceId = "5b8efff798038103d269b633813fc60c";
const span = { traceId, spanId: "eee19b7ec3c1b174", name: "POST /checkout", status: { code: 1 } };

const { stdout: skill } = await runHere(nowhere, ["skill"]);
/** The lines of the guide that are set as code. */
const commands = Array.from(skill.matchAll(/^ {4}obsvty (.+)$/gm), ([, line = ""]) => line);

test("obsvty skill prints at most 650 tokens, at 4 characters a token, and calls no server", async () => {
  const { code, stdout, stderr } = await runHere(nowhere, ["skill"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^# obsvty/);
  assert.ok(Math.ceil(stdout.length / 4) <= 650, `${stdout.length} characters`);
});

describe("each command of obsvty skill works:", () => {
  assert.ok(commands.length > 10);
  const others = Array.from(skill.matchAll(/`obsvty ([^`]+)`/g), ([, line = ""]) => line);
  for (const line of [...commands, ...others]) {
    test(`obsvty ${line} works`, async (t) => {
      const folder = testFolder(t);
      const server = await startObsvty(t);
      await sendSpan(server.url);
      const args = wordsOf(line, folder);
      if (args[0] === "diff") await runHere(server, ["export", "-o", join(folder, "before.json")]);
      const { code, stdout, stderr } = await runHere(server, args);
      assert.equal(code, 0, stderr);
      if (args[0] === "export") assert.match(readFileSync(join(folder, "before.json"), "utf8"), /checkout/);
      else if (args[0] === "trace") assert.match(stdout, /POST \/checkout/);
    });
  }
});

test("every flag that obsvty skill names is one of the help of searches", async () => {
  const kinds = ["spans", "logs", "metrics"];
  const helps = await Promise.all(kinds.map((kind) => runHere(nowhere, ["search", kind, "--help"])));
  const help = helps.map(({ stdout }) => stdout).join("");
  const prose = skill.replace(/^ {4}.*$/gm, "");
  for (const [flag] of prose.matchAll(/--[a-z-]+/g)) assert.match(help, new RegExp(`${flag}(?![a-z-])`));
});

async function sendSpan(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  assert.equal(answer.status, 200);
}

/** The words of a command line, with what stands for something else put in. */
function wordsOf(line: string, folder: string): string[] {
  const program = join(folder, "app.js");
  writeFileSync(program, "");
  const places: Readonly<Record<string, string>> = {
    TRACE_ID: traceId.slice(0, 8),
    "app.js": program,
    node: process.execPath,
    "before.json": join(folder, "before.json"),
  };
  const words = Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([word, quoted]) => quoted ?? word);
  return words.map((word) => places[word] ?? word);
}

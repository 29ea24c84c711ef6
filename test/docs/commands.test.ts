import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { type Fence, fencesOf, pages, readPage } from "../support/docs/markdown.ts";
import { ShellSession } from "../support/docs/shell-session.ts";
import { shows } from "../support/docs/shown-output.ts";
import { startObsvty } from "../support/obsvty.ts";

/** Commands for contributors, which CI runs by themselves. */
const ranElsewhere = new Set(["CONTRIBUTING.md"]);
/** Tools that a machine may lack. */
const tools = ["grpcurl", "jq", "openssl"];
const client = "node examples/node-client/main.js";
/** Pages whose commands write files, in a folder of their own. */
const writesFiles = new Set(["docs/tls.md"]);
const startsServer = /^(?:[A-Z_]+=\S+ )*(?:npx obsvty|(?:npm install && )?npm start)$/;

interface Step {
  readonly commands: Fence;
  /** What the page shows as their output, if it does. */
  readonly output: string | undefined;
}

function stepsOf(page: string): Step[] {
  const fences = fencesOf(readPage(page));
  return fences.flatMap((commands, i) => {
    if (commands.language !== "sh") return [];
    const next = fences[i + 1];
    const isOutput = next !== undefined && ["", "json"].includes(next.language);
    return [{ commands, output: isOutput ? next.text : undefined }];
  });
}

describe("commands of the documentation do what it says:", () => {
  for (const page of pages().filter((path) => !ranElsewhere.has(path))) {
    const steps = stepsOf(page);
    if (steps.length === 0) continue;
    test(`the commands of ${page} do what it says`, async (t) => {
      const settings = { OTLP_HTTP_PORT: "0", FAULT_INJECTION: "true", MAX_BUFFER_BYTES: "268435456" };
      const folder = writesFiles.has(page) ? scratchFolder(t) : undefined;
      const session = new ShellSession(t, await startObsvty(t, { settings }), folder);
      for (const { commands, output } of steps) {
        const { text, line } = commands;
        await t.test(`${page}, line ${line}, does what it says: ${text.split("\n", 1)}`, async (t) => {
          for (const tool of tools.filter((name) => new RegExp(`\\b${name} `).test(text))) {
            if (await session.has(tool)) continue;
            t.diagnostic(`${page}, line ${line}: NOT RUN, since ${tool} is not on this machine`);
            return;
          }
          const printed = await runStep(session, text);
          assert.ok(output === undefined || shows(printed, output), `${printed}\nis not\n${output}`);
        });
      }
    });
  }
});

function scratchFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "obsvty-docs-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function runStep(session: ShellSession, text: string): Promise<string> {
  if (startsServer.test(text)) {
    const server = session.start(text);
    await server.printed(/listening[\s\S]*http: |^obsvty: /m);
    const [, address] = /grpc: "(.*)"/.exec(server.output) ?? [];
    // Later blocks call it. It ends with the page.
    if (/tls: "(?:on|mutual)"/.test(server.output) && address !== undefined)
      session.useServerWithTls(address);
    else await server.interrupt();
    return server.output;
  }
  if (/\btail\b/.test(text)) {
    const tail = session.start(text.replace(/^obsvty /, "npx obsvty "));
    await tail.printed(/until Ctrl-C/);
    await session.run(client);
    await tail.printed(/charge card.*\n/);
    await tail.interrupt();
    return tail.output;
  }
  const ran = await session.run(text);
  assert.equal(ran.failed, "", ran.output);
  return ran.output;
}

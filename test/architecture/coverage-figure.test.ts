import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = fileURLToPath(new URL("../support/coverage/example", import.meta.url));

/** The options of `npm run coverage` that load code, as this process needs them to run elsewhere. */
function loaders(): string[] {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
    scripts: { coverage: string };
  };
  return [...scripts.coverage.matchAll(/--import (\S+)/g)].flatMap(([, module = ""]) => [
    "--import",
    module.startsWith(".") ? fileURLToPath(new URL(`../../${module}`, import.meta.url)) : module,
  ]);
}

test("the coverage report names exactly the lines that no test ran, in this process or one it started", () => {
  const { NODE_TEST_CONTEXT, NODE_V8_COVERAGE, ...env } = process.env;
  const options = ["--test", "--test-reporter=tap", "--experimental-test-coverage"];
  const which = ["--test-coverage-include=src/**/*.ts", "--test-coverage-exclude=test/**"];
  const report = execFileSync(
    process.execPath,
    [...loaders(), ...options, ...which, "test/known.example.ts"],
    { cwd: example, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const [, lines, uncovered] = /known\.ts +\| +([\d.]+) .*\| ([\d -]+)$/m.exec(report) ?? [];
  assert.equal(uncovered, "14-15 20-22 27-28", report);
  assert.equal(lines, "77.42", "7 of 31 lines are not covered");
});

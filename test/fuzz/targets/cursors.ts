import assert from "node:assert/strict";
import { compose } from "../../../src/compose.ts";
import { ObsvtyError } from "../../../src/domain/errors.ts";
import { signals } from "../../../src/domain/signal.ts";
import { requestOf } from "../../contract/store-requests.ts";
import { send } from "../../support/ingest.ts";
import { mutateBytes } from "../../support/mutate.ts";
import { plainReader } from "../../support/plain-reader.ts";
import type { Random } from "../../support/random.ts";
import { testConfig, testLog } from "../../support/server.ts";
import type { FuzzTarget } from "../fuzz-target.ts";

const sent = 12;
const held = 5;
const uses = ["after", "before", "services"] as const;
const ordinals = [
  "",
  "0",
  "3",
  "7",
  "12",
  "13",
  "007",
  "-1",
  "1e3",
  "4294967296",
  "9999999999999999",
  "1".repeat(17),
];

/**
 * Damaged cursors: one is refused with the name of its argument, or read as what it says, and spelt in one way only.
 */
export async function openTarget(): Promise<FuzzTarget> {
  const config = testConfig({ MAX_BUFFER_SIZE: String(held) });
  const { core } = await compose(config, (await testLog(config)).logger);
  for (const signal of signals) send({ core }, signal, requestOf(signal, sent));
  const reader = plainReader(core.reader, core.answers, () => 1);
  const runId = textOf(reader.newestCursor()).split(".", 1).join();

  const cursors = (random: Random): string => {
    const parts = signals.map(() => ordinals[random.below(ordinals.length)] ?? "");
    return random.pick([
      reader.newestCursor(),
      reader.itemCursor(random.pick(signals), random.below(sent)),
      cursorOf([runId, ...parts].join(".")),
      cursorOf([runId, ...parts, "1"].join(".")),
      cursorOf(["other-run", ...parts].join(".")),
      cursorOf(`s:${["", "shop", "é", "\ud800"][random.below(4)]}`),
    ]);
  };

  async function checkSpans(use: "after" | "before", cursor: string): Promise<void> {
    const { items, missed } = await reader.search("spans", { [use]: cursor });
    const [run, ordinal = ""] = textOf(cursor).split(".");
    assert.deepEqual([run, Number(ordinal) >= 0, cursorOf(textOf(cursor))], [runId, ordinal !== "", cursor]);
    const first = sent - held;
    const from = use === "after" ? Math.max(first, Number(ordinal)) : first;
    const to = use === "before" ? Math.min(sent, Number(ordinal)) : sent;
    const expected = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
    assert.deepEqual(
      items.map((item) => item.ordinal),
      expected,
    );
    assert.equal(missed, use === "after" ? Math.max(0, first - Number(ordinal)) : 0);
  }

  return {
    make(random) {
      let cursor: Uint8Array = Buffer.from(cursors(random));
      for (let i = random.below(3); i > 0; i--) cursor = mutateBytes(cursor, random);
      return Buffer.concat([Buffer.of(random.below(uses.length)), cursor]);
    },
    async check(input) {
      const use = uses[(input[0] ?? 0) % uses.length] ?? "after";
      const cursor = Buffer.from(input.subarray(1)).toString();
      try {
        if (use === "services") {
          const { services } = await reader.services({ after: cursor });
          assert.equal(cursorOf(Buffer.from(cursor, "base64url").toString()), cursor);
          assert.ok(services.length <= 1);
        } else {
          await checkSpans(use, cursor);
        }
        return `read ${use}`;
      } catch (error) {
        if (!(error instanceof ObsvtyError)) throw error;
        assert.equal(error.code, "invalid-argument");
        assert.match(error.message, /^(?:after|before): [ -~]{1,80}$/);
        return `refused ${use}`;
      }
    },
    verdicts: uses.flatMap((use) => [`read ${use}`, `refused ${use}`]),
  };
}

function cursorOf(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function textOf(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

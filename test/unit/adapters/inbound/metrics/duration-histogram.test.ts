import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Registry } from "prom-client";
import { DurationHistogram } from "../../../../../src/adapters/inbound/metrics/duration-histogram.ts";

async function printed(observe: (durations: DurationHistogram) => void): Promise<string[]> {
  const register = new Registry();
  const durations = new DurationHistogram({ name: "took", help: "how long" });
  observe(durations);
  durations.registerWith(register);
  return (await register.metrics()).trim().split("\n");
}

describe("a histogram of durations", () => {
  test("a histogram is printed with its type before the first observation", async () => {
    assert.deepEqual(await printed((durations) => durations.series({ of: "a" })), [
      "# HELP took how long",
      "# TYPE took histogram",
    ]);
  });

  test("a histogram has cumulative buckets with inclusive bounds", async () => {
    const lines = await printed((durations) => {
      const series = durations.series({ of: "a" });
      for (const ms of [0.05, 0.1, 0.11, 10_000, 10_001]) series.observe(ms);
    });
    const bucket = (le: string) => lines.find((line) => line.startsWith(`took_bucket{of="a",le="${le}"}`));
    assert.deepEqual(
      ["0.0001", "0.00025", "5", "10", "+Inf"].map((le) => Number(bucket(le)?.split(" ").at(-1))),
      [2, 3, 3, 4, 5],
    );
    const [sum = "", count] = lines.slice(-2);
    assert.ok(sum.startsWith('took_sum{of="a"} '));
    assert.ok(Math.abs(Number(sum.split(" ").at(-1)) - 20.00126) < 1e-9, sum);
    assert.equal(count, 'took_count{of="a"} 5');
  });

  test("a histogram counts each set of labels apart", async () => {
    const lines = await printed((durations) => {
      durations.series({ of: "a" }).observe(1);
      durations.series({ of: "b" }).observe(1);
    });
    assert.deepEqual(
      lines.filter((line) => line.startsWith("took_count")),
      ['took_count{of="a"} 1', 'took_count{of="b"} 1'],
    );
  });
});

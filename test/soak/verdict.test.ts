import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HealthSample } from "./health.ts";
import type { AttackRound, SoakOutcome } from "./soak.ts";
import { judge } from "./verdict.ts";

const mib = 2 ** 20;
const attacks = ["inflating", "poison", "vanishing"] as const;

interface Run {
  readonly seconds: number;
  /** A turn of all attacks; 0 for no attacks. */
  readonly turnSeconds: number;
  readonly residentMib: (seconds: number) => number;
}

/** What a soak of a server without faults measures. */
function outcomeOf({ seconds, turnSeconds, residentMib }: Run): SoakOutcome {
  const samples: HealthSample[] = Array.from({ length: seconds * 4 }, (_, i) => ({
    atMs: i * 250,
    healthMs: 5,
    residentBytes: residentMib(i / 4) * mib,
  }));
  const rounds: AttackRound[] = [];
  const roundSeconds = turnSeconds / attacks.length;
  for (let at = roundSeconds; turnSeconds > 0 && at < seconds; at += roundSeconds) {
    const attack = attacks[rounds.length % attacks.length]!;
    const residentBytes = residentMib(at) * mib;
    rounds.push({ attack, elapsedMs: roundSeconds * 1_000, cut: false, atMs: at * 1_000, residentBytes });
  }
  const none = { accepted: 0, items: 0, evicted: 0 };
  return {
    load: [],
    samples,
    rounds,
    readers: { searches: 1, refusedSearches: 0, failures: [], tailedBytes: 1 },
    kept: { traces: none },
    peakBytes: 400 * mib,
  };
}

function isFlat(run: Run): boolean | undefined {
  const finding = judge(outcomeOf(run), 512 * mib).find(({ what }) => what.includes("is flat"));
  assert.ok(finding !== undefined);
  return finding.holds;
}

/** Memory that grows for a hundred seconds and then stays, while each attack takes some that it gives back. */
const settling = (seconds: number) => 150 + 2 * Math.min(seconds, 100) + (Math.floor(seconds / 5) % 4) * 10;
const leaking = (seconds: number) => settling(seconds) + seconds / 2;

describe("the verdict of a soak on memory", () => {
  test("a soak of its usual length finds memory flat that has settled", () => {
    assert.equal(isFlat({ seconds: 240, turnSeconds: 100, residentMib: settling }), true);
    assert.equal(isFlat({ seconds: 240, turnSeconds: 0, residentMib: settling }), true);
  });

  test("a soak of its usual length finds memory that grows", () => {
    assert.equal(isFlat({ seconds: 240, turnSeconds: 100, residentMib: leaking }), false);
    assert.equal(isFlat({ seconds: 240, turnSeconds: 0, residentMib: leaking }), false);
  });

  test("a soak that ends in the first turn of its attacks, or soon after it, cannot tell", () => {
    for (const seconds of [90, 101, 150]) {
      assert.equal(isFlat({ seconds, turnSeconds: 100, residentMib: leaking }), undefined);
    }
    assert.equal(isFlat({ seconds: 100, turnSeconds: 0, residentMib: leaking }), undefined);
  });
});

import type { Signal } from "../../src/domain/signal.ts";
import { ROW_BYTES, SCAN_END } from "../../src/otlp/scan/layout.ts";
import { Scanner } from "../../src/otlp/scan/scanner.ts";
import { reserveMemory } from "../../src/otlp/scan/web-assembly-module.ts";
import { lastOf } from "./steps.ts";

const maxBytes = 1 << 20;
const stageRows = 2_000;

/** Scans requests in a memory of its own, and shows what came of each, with the rows. */
export function createStepScan() {
  const memory = reserveMemory(SCAN_END + stageRows * ROW_BYTES + maxBytes);
  const scanner = new Scanner(memory, 1);
  const place = { stageAt: SCAN_END, stageRows, at: SCAN_END + stageRows * ROW_BYTES };

  /** @param stepBytes that each step goes over; undefined for all at once */
  return (signal: Signal, bytes: Uint8Array, stepBytes?: number) => {
    scanner.bytes.set(bytes, place.at);
    const outcome =
      stepBytes === undefined
        ? scanner.scan(signal, bytes.byteLength, place)
        : lastOf(scanner.scanInSteps(signal, bytes.byteLength, place, stepBytes));
    if (outcome.kind === "refused") return { refused: outcome.error.message };
    const rows = scanner.bytes.slice(place.stageAt, scanner.stagedNext);
    return { ...outcome, rows: Buffer.from(rows).toString("hex") };
  };
}

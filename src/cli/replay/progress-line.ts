import { formatDuration } from "../output/duration-text.ts";
import { byteFigure, figure } from "../output/table.ts";

export interface Progress {
  readonly bytesRead: number;
  /** The length is undefined when it is not known. */
  readonly byteLength: number | undefined;
  readonly items: number;
  readonly elapsedMs: number;
  /** What is waited for, if anything. */
  readonly waitsFor: string | undefined;
}

const barColumns = 20;
/** Before that, a rate says nothing. */
const leastMs = 1_000;

/** One line: a bar, how much has been read and sent, how fast, and how long it will take. */
export function progressLine({ bytesRead, byteLength, items, elapsedMs, waitsFor }: Progress): string {
  const share =
    byteLength === undefined || byteLength === 0 ? undefined : Math.min(1, bytesRead / byteLength);
  const parts = [share === undefined ? byteFigure(bytesRead) : barOf(share), `${figure(items)} items`];
  if (waitsFor !== undefined) {
    parts.push(waitsFor);
  } else if (elapsedMs >= leastMs) {
    parts.push(`${figure(Math.round((items * 1_000) / elapsedMs))}/s`);
    if (share !== undefined && share > 0 && share < 1) {
      const leftSeconds = Math.ceil((elapsedMs * (1 / share - 1)) / 1_000);
      parts.push(`${formatDuration(BigInt(leftSeconds) * 1_000_000_000n)} left`);
    }
  }
  return parts.join("  ");
}

function barOf(share: number): string {
  const full = Math.floor(share * barColumns);
  const percent = `${Math.floor(share * 100)}%`;
  return `${"━".repeat(full)}${"─".repeat(barColumns - full)} ${percent.padStart(4)}`;
}

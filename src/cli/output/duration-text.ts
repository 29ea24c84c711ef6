const smallUnits = [
  ["ns", 1],
  ["µs", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
] as const;

const minuteNanos = 60e9;

/** A duration for people, with three digits: `320 µs`, `1.24 ms`, `2.1 s`, `1m 03s`, `2h 05m`. */
export function formatDuration(nanos: bigint): string {
  if (nanos < 0n) {
    return `-${formatDuration(-nanos)}`;
  }
  const value = Number(nanos);
  for (const [name, scale] of smallUnits) {
    const rounded = Number((value / scale).toPrecision(3));
    // Rounding may reach the next unit: 999.9 µs is 1 ms.
    if (name === "s" ? rounded * scale < minuteNanos : rounded < 1_000) {
      return `${rounded} ${name}`;
    }
  }
  const seconds = Math.round(value / 1e9);
  const [major, minor, names] =
    seconds < 3_600
      ? [Math.floor(seconds / 60), seconds % 60, "ms"]
      : seconds < 86_400
        ? [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), "hm"]
        : [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3_600), "dh"];
  return `${major}${names[0]} ${String(minor).padStart(2, "0")}${names[1]}`;
}

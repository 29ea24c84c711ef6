import { AssertionError } from "node:assert";
import { inspect } from "node:util";

const maxLines = 60;
const maxCharacters = 8_192;

/**
 * The failure of an assertion, as `assert.fail` makes it: Jest shows that of another operator with values that differ.
 */
export function failure(message: string): AssertionError {
  const error: AssertionError & { diff?: unknown } = new AssertionError({
    message,
    operator: "fail",
    stackStartFn: failure,
  });
  // Since Node 25 it says how the values differ, of which there are none here. Vitest would show it.
  delete error.diff;
  return error;
}

/** The whole message, cut where it gets too long. */
export function bounded(lines: readonly string[]): string {
  const shown = lines.slice(0, maxLines);
  const more = lines.length - shown.length;
  const text = [...shown, ...(more > 0 ? [`... ${more} more lines`] : [])].join("\n");
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters)}...` : text;
}

/** A filter or a part of it on one line. */
export function shortly(value: unknown): string {
  const text = inspect(value, {
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
    depth: 4,
    sorted: false,
  });
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}

/** Messages of failures have no colours: they end in reports, too. */
export function plainView() {
  return { columns: 100, paint: (_style: unknown, text: string) => text, nowMs: Date.now() };
}

import type { JsonValue } from "@bufbuild/protobuf";

/**
 * Parses JSON as `JSON.parse` does, but for numbers that would not be written as they stand in the text, such as integers
 * beyond 2^53 and `1.50`: browsers before 2025 do not tell those apart.
 * @param inexact makes what stands for such a number
 * @throws SyntaxError
 */
export function parseExactly(text: string, inexact: (source: string, value: number) => unknown): JsonValue {
  return JSON.parse(text, (_key, value, context?: { readonly source?: string }) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && String(value) !== source
      ? inexact(source, value)
      : value;
  });
}

/** A number that `JSON.stringify` writes as it stands here. */
export function rawNumber(source: string, value: number): unknown {
  const { rawJSON } = JSON as { readonly rawJSON?: (text: string) => unknown };
  return rawJSON?.(source) ?? value;
}

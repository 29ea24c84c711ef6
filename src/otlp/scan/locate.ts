import type { DescMessage } from "@bufbuild/protobuf";
import { WireFields } from "../wire/wire-fields.ts";

/**
 * The path of the field whose tag (`of: "tag"`) or whose value (`of: "value"`) begins at `offset`, the way
 * protobuf's text format names it: `resource_spans[0].scope_spans[0].spans[3].name`. An unknown field is
 * `field 99`. What is before the offset must be sound. Cold: it reads the request again from its start.
 */
export function locate(schema: DescMessage, bytes: Uint8Array, offset: number, of: "tag" | "value"): string {
  const path: string[] = [];
  let message: DescMessage | undefined = schema;
  let at = 0;
  let end = bytes.byteLength;
  while (message !== undefined) {
    const seen = new Map<number, number>();
    let child: DescMessage | undefined;
    for (const wire = new WireFields(bytes, at, end); wire.next(); ) {
      const index = seen.get(wire.number) ?? 0;
      seen.set(wire.number, index + 1);
      const found = (of === "tag" ? wire.tagAt : wire.valueAt) === offset;
      // The value of an empty last field begins where those that hold it end.
      if (!found && (of === "tag" ? offset >= wire.end : offset > wire.end)) continue;
      const field = message.fields.find((candidate) => candidate.number === wire.number);
      const name = field?.name ?? `field ${wire.number}`;
      path.push(field?.fieldKind === "list" ? `${name}[${index}]` : name);
      if (!found) {
        child = field?.message;
        at = wire.valueAt;
        end = Math.min(wire.end, end);
      }
      break;
    }
    message = child;
  }
  return path.join(".");
}

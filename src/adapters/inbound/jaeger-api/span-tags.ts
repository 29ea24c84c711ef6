import type { Span as SpanMessage } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import type { SpanFilter } from "../../../domain/filter.ts";
import { type Span, statusCodeError } from "../../../domain/telemetry.ts";
import { hasAttributes } from "../../../use-cases/filter/attribute-match.ts";
import type { Condition } from "../../../use-cases/filter/filter-field.ts";

/*
 * Jaeger shows what OTLP has fields for as tags of a span (opentelemetry.io/docs/specs/otel/common/mapping-to-non-otlp,
 * and the Collector's translator of Jaeger). Callers filter by these tags as by any other.
 */

/** Jaeger's name for resources without a `service.name`, which are a service of their own there. */
const noServiceName = "OTLPResourceNoServiceName";

export function shownService(name: string): string {
  return name === "" ? noServiceName : name;
}

/** The `service.name` of a service that a caller names. */
export function serviceNamed(shown: string): string {
  return shown === noServiceName ? "" : shown;
}

/** Jaeger's words for OTLP's span kinds, by number. A kind that is not set has none. */
const kindNames = ["", "internal", "server", "client", "producer", "consumer"] as const;

export function kindName(kind: number): string {
  return kindNames[kind] ?? "";
}

/**
 * The number of a span kind that a caller names; undefined when it names none.
 * @throws ObsvtyError invalid-argument that names the parameter
 */
export function kindOf(
  given: { readonly name: string; readonly value: string } | undefined,
): number | undefined {
  if (given === undefined || given.value === "") return undefined;
  const kind = (kindNames as readonly string[]).indexOf(given.value.toLowerCase());
  if (kind < 0) throw invalidArgument(given.name, `must be one of ${kindNames.slice(1).join(", ")}`);
  return kind;
}

const statusNames = ["", "OK", "ERROR"] as const;

export function statusName(code: number): string {
  return statusNames[code] ?? "";
}

/** The names of tags that stand for fields. */
export const fieldTags = {
  kind: "span.kind",
  status: "otel.status_code",
  error: "error",
  statusMessage: "otel.status_description",
  scopeName: "otel.scope.name",
  scopeVersion: "otel.scope.version",
  traceState: "w3c.tracestate",
  droppedAttributes: "otel.dropped_attributes_count",
  droppedEvents: "otel.dropped_events_count",
  droppedLinks: "otel.dropped_links_count",
} as const satisfies Record<string, string>;

/** The text of each tag that stands for a field, of a decoded span. Undefined when the span has no such tag. */
const tagTexts: Readonly<Record<string, (span: Span) => string | undefined>> = {
  [fieldTags.kind]: ({ kind }) => kindName(kind) || undefined,
  [fieldTags.status]: ({ status }) => statusName(status.code) || undefined,
  // A span that has not failed is found by "false" too, as in Jaeger's own storage in memory.
  [fieldTags.error]: ({ status }) => String(status.code === statusCodeError),
  [fieldTags.statusMessage]: ({ status }) => status.message || undefined,
  [fieldTags.scopeName]: ({ scope }) => scope.name || undefined,
  [fieldTags.scopeVersion]: ({ scope }) => scope.version || undefined,
  // OpenTelemetry's names for the two before scopes were called scopes.
  "otel.library.name": ({ scope }) => scope.name || undefined,
  "otel.library.version": ({ scope }) => scope.version || undefined,
  [fieldTags.traceState]: ({ traceState }) => traceState || undefined,
};

/** What a span must meet. */
export interface SpanMatch {
  /** What the index of the store narrows by, and attributes. */
  readonly filter: SpanFilter;
  readonly also: readonly Condition<Span>[];
}

/** The spans that have all of these tags, each compared as text. */
export function matchOfTags(tags: ReadonlyMap<string, string>): SpanMatch {
  const attributes = new Map<string, string>();
  const also: Condition<Span>[] = [];
  for (const [name, text] of tags) {
    const textOf = Object.hasOwn(tagTexts, name) ? tagTexts[name] : undefined;
    if (textOf === undefined) attributes.set(name, text);
    else also.push({ name, isMet: (span) => textOf(span) === text || hasOwnTag(span, name, text) });
  }
  return { filter: { ...narrowed(tags), ...(attributes.size > 0 && { attributes }) }, also };
}

/** Of these tags the field alone decides, so that the index of the store finds the spans. Jaeger does the same. */
const indexed: ReadonlySet<string> = new Set([fieldTags.error, fieldTags.kind, fieldTags.status]);

function hasOwnTag(span: Span, name: string, text: string): boolean {
  return !indexed.has(name) && hasAttributes(span, new Map([[name, text]]));
}

/** What the index can tell of the tags. The conditions say the rest. */
function narrowed(tags: ReadonlyMap<string, string>): SpanFilter {
  const kind = numberOf(kindNames, tags.get(fieldTags.kind));
  const status = numberOf(statusNames, tags.get(fieldTags.status));
  const statusCode = tags.get(fieldTags.error) === "true" ? statusCodeError : status;
  return { ...(kind !== undefined && { kind }), ...(statusCode !== undefined && { statusCode }) };
}

/** The number of a name; undefined when it has none. */
function numberOf(names: readonly string[], name: string | undefined): number | undefined {
  const number = name === undefined ? -1 : names.indexOf(name);
  return number > 0 ? number : undefined;
}

/** Whether a link stands for a parent, as a span from OpenTracing says. */
export function isParentLink({ attributes }: SpanMessage["links"][number]): boolean {
  return attributes.some(
    ({ key, value }) =>
      key === "opentracing.ref_type" &&
      value?.value.case === "stringValue" &&
      value.value.value === "child_of",
  );
}

import { parseDuration, parseTime, secondsText } from "../format/time.ts";

/*
 * The fields by which a list is filtered, each told once: its parameter in the address, its word on a chip, what the
 * API's filter takes, and an expression in CEL for what that filter cannot say, which is several values, and of logs none
 * of them.
 */

export type Kind = "spans" | "logs";

export interface FilterField {
  /** In the address. */
  readonly param: string;
  /** On the chip, and typed before a colon. */
  readonly label: string;
  /** What other tools call it. */
  readonly also?: readonly string[];
  readonly of: readonly Kind[];
  /** For completion. */
  readonly hint: string;
  /** What is typed without a field and has this form is most likely a value of this one. */
  readonly alone?: RegExp;
  /** All values that there are, where they are few. */
  readonly values?: readonly string[];
  /** One value alone: another takes its place. */
  readonly one?: true;
  /** What is wrong with a value that `own` cannot take. */
  readonly form?: string;
  /** The API's filter by one value; undefined when the value cannot be understood. */
  readonly own?: (value: string) => object | undefined;
  /** True in CEL of an item that has one of the values. */
  readonly cel?: (values: readonly string[]) => string;
  /** Traces can be listed of which no span has the value, though no expression can say it. */
  readonly excludesTraces?: true;
}

/** Whether a list of this kind can leave out what has a value of the field. */
export function canExclude(kind: Kind, { cel, excludesTraces }: FilterField): boolean {
  return cel !== undefined || (kind === "spans" && excludesTraces === true);
}

/** The parameters of a route whose names begin with this are attributes. */
export const attributePrefix = "attr.";

export const severities = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

const both = ["spans", "logs"] as const;
const spans = ["spans"] as const;
const logs = ["logs"] as const;

/** A list of texts; JSON's escapes are CEL's too. */
const texts = (values: readonly string[]) => `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
const isOne = (name: string) => (values: readonly string[]) => `${name} in ${texts(values)}`;
/** Of an enum whose names the page shows in short. */
const enumName = (prefix: string) => (value: string) => prefix + value.toUpperCase();

function escapedPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

const durationForm = "a duration is a number and a unit, such as 10ms, 1.5s or 200us";
const timeForm = "a time is such as 10:00:00, 2026-11-27 10:00 or 2026-11-27T10:00:00.5Z";

function ownDuration(name: string) {
  return (value: string) => {
    const nanos = parseDuration(value);
    return nanos === undefined ? undefined : { [name]: secondsText(nanos) };
  };
}

function ownTime(name: string) {
  return (value: string) => (parseTime(value) === undefined ? undefined : { [name]: value });
}

function ownEnum(name: string, prefix: string, values: readonly string[]) {
  return (value: string) => (values.includes(value) ? { [name]: enumName(prefix)(value) } : undefined);
}

const statuses = ["error", "ok", "unset"];
const kinds = ["server", "client", "internal", "producer", "consumer"];

export const filterFields: readonly FilterField[] = [
  {
    param: "service",
    label: "service",
    also: ["service.name", "resource.service.name"],
    of: both,
    hint: "the service that sent it",
    own: (service) => ({ service }),
    cel: isOne("service"),
  },
  {
    param: "name",
    label: "name",
    of: spans,
    hint: "the whole name of a span",
    own: (name) => ({ name }),
    cel: isOne("name"),
  },
  {
    param: "name_contains",
    label: "name contains",
    of: spans,
    hint: "a part of a span's name",
    own: (nameContains) => ({ nameContains }),
    cel: (values) => `name.matches(${JSON.stringify(`(?i)${values.map(escapedPattern).join("|")}`)})`,
  },
  {
    param: "status",
    label: "status",
    of: spans,
    hint: "error, ok or unset",
    values: statuses,
    form: "a status is error, ok or unset",
    own: ownEnum("statusCode", "STATUS_CODE_", statuses),
    cel: (values) => isOne("status.code")(values.map(enumName("STATUS_CODE_"))),
  },
  {
    param: "severity",
    label: "severity",
    of: logs,
    hint: "this severity or a worse one",
    values: severities,
    one: true,
    form: `a severity is ${severities.join(", ")}`,
    own: ownEnum("minSeverity", "SEVERITY_NUMBER_", severities),
  },
  {
    param: "min",
    label: "duration at least",
    of: spans,
    hint: "such as 10ms",
    one: true,
    form: durationForm,
    own: ownDuration("minDuration"),
    excludesTraces: true,
  },
  {
    param: "max",
    label: "duration at most",
    of: spans,
    hint: "such as 1.5s",
    one: true,
    form: durationForm,
    own: ownDuration("maxDuration"),
    excludesTraces: true,
  },
  {
    param: "text_contains",
    label: "text",
    of: both,
    hint: "anywhere in names, texts and attributes",
    one: true,
    own: (textContains) => ({ textContains }),
    excludesTraces: true,
  },
  {
    param: "text",
    label: "body",
    of: logs,
    hint: "a part of the body, case as written",
    one: true,
    own: (bodyContains) => ({ bodyContains }),
  },
  {
    param: "kind",
    label: "kind",
    of: spans,
    hint: kinds.join(", "),
    values: kinds,
    form: `a kind is ${kinds.join(", ")}`,
    own: ownEnum("kind", "SPAN_KIND_", kinds),
    cel: (values) => isOne("kind")(values.map(enumName("SPAN_KIND_"))),
  },
  {
    param: "since",
    label: "since",
    of: both,
    hint: "at this time or later",
    one: true,
    form: timeForm,
    own: ownTime("since"),
  },
  {
    param: "until",
    label: "until",
    of: both,
    hint: "before this time",
    one: true,
    form: timeForm,
    own: ownTime("until"),
  },
  {
    param: "trace",
    label: "trace",
    also: ["traceid", "trace_id", "trace.id"],
    of: both,
    hint: "the id of a trace, 32 hex digits",
    alone: /^[\da-f]{32}$/i,
    own: (traceId) => ({ traceId }),
    cel: (values) => isOne("traceId")(values.map((value) => value.toLowerCase())),
  },
  {
    param: "span",
    label: "span",
    also: ["spanid", "span_id", "span.id"],
    of: both,
    hint: "the id of a span, 16 hex digits",
    alone: /^[\da-f]{16}$/i,
    cel: (values) => isOne("spanId")(values.map((value) => value.toLowerCase())),
  },
  {
    param: "where",
    label: "where",
    of: both,
    hint: 'an expression in CEL, such as attributes["http.response.status_code"] >= 500',
    own: (where) => ({ where }),
    excludesTraces: true,
  },
];

export function isAttribute({ param }: FilterField): boolean {
  return param.startsWith(attributePrefix);
}

/** The field of an attribute. */
export function attributeField(key: string): FilterField {
  return {
    param: attributePrefix + key,
    label: key,
    of: both,
    hint: "an attribute",
    own: (value) => ({ attributes: { [key]: value } }),
    cel: (values) => hasAttribute(key, values),
  };
}

/** As the API's filter finds attributes: in the item, its resource or its scope, each compared as text. */
function hasAttribute(key: string, values: readonly string[]): string {
  const name = JSON.stringify(key);
  const list = `[${values.flatMap(literals).join(", ")}]`;
  const isIn = (map: string) => `${name} in ${map} && ${map}[${name}] in ${list}`;
  return `(${isIn("attributes")} || ${isIn("resource")} || has(scope.attributes) && ${isIn("scope.attributes")})`;
}

/** What may have this text: a text, a number, true or false, a list. */
function literals(text: string): readonly string[] {
  const quoted = JSON.stringify(text);
  const isPlain = /^(?:true|false|-?\d{1,15}(?:\.\d+)?)$/.test(text);
  return isPlain || isListOfTexts(text) ? [quoted, text] : [quoted];
}

function isListOfTexts(text: string): boolean {
  if (!text.startsWith("[")) return false;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((element) => typeof element === "string");
  } catch {
    return false;
  }
}

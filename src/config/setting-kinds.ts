/**
 * One setting: its default, its meaning, and how its value is written, checked and explained. The functions
 * below each make settings of one kind.
 */
export interface Setting<Value> {
  /** The default as a person would write it; "" for none. */
  readonly default: string;
  /** One line for the documentation. Markdown, with `code`. */
  readonly meaning: string;
  /** What may be written, for the line that refuses a bad value and for the documentation. */
  readonly allowed: string;
  /** JSON Schema of the written value, after `normalize`. It carries the default. */
  readonly schema: object;
  /** The default is the most; where memory is short it is less, down to `least` (see `sizing.ts`). */
  readonly shrinks?: { readonly most: number; readonly least: number };
  /** What the default follows from when it is no constant, in words. `default` is "" then. */
  readonly derived?: string;
  /** A secret is never shown, not even when it is refused. */
  readonly isSecret?: true;
  /** What the schema cannot say of a written value that it has accepted. */
  readonly accepts?: (written: string) => boolean;
  /** Brings different ways to write the same value into one. */
  readonly normalize?: (written: string) => string;
  /** @param checked the value that the schema accepted; undefined when there is none and no default */
  readonly read: (checked: string | number | undefined) => Value;
}

/** Choices are taken in any letter case. */
const lowerCase = (written: string) => written.toLowerCase();

/** JSON Schema's bounds hold for finite numbers alone, as Ajv has them. */
const finite = (written: string) => (Number.isFinite(Number(written)) ? written : "not finite");

const ipv6 = "[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?";

/** A host name or an IP address, without a port. An IPv6 address may be in the brackets that URLs need. */
export function host(fallback: string, meaning: string): Setting<string> {
  return {
    default: fallback,
    meaning,
    allowed: "a host name or an IP address, without a port",
    schema: { type: "string", pattern: `^([A-Za-z0-9._-]+|${ipv6})$`, default: fallback },
    normalize: (written) => written.replace(/^\[(.*)\]$/, "$1"),
    read: String,
  };
}

/** A whole number within bounds, both inclusive. */
export function whole(
  fallback: number,
  [min, max]: readonly [min: number, max: number],
  unit: string,
  meaning: string,
): Setting<number> {
  return {
    default: String(fallback),
    meaning,
    allowed: `a whole number from ${min} to ${max} (${unit})`,
    schema: { type: "integer", minimum: min, maximum: max, default: fallback },
    normalize: finite,
    read: Number,
  };
}

/** A whole number, which follows from other settings when it is not set. */
export function derivedWhole(
  derived: string,
  [min, max]: readonly [min: number, max: number],
  unit: string,
  meaning: string,
): Setting<number | undefined> {
  return {
    default: "",
    derived,
    meaning,
    allowed: `a whole number from ${min} to ${max} (${unit})`,
    schema: { type: "integer", minimum: min, maximum: max },
    normalize: finite,
    read: (checked) => (checked === undefined ? undefined : Number(checked)),
  };
}

/** A whole number of bytes, whose default is less where memory is short. */
export function shrinkingBytes(
  most: number,
  least: number,
  bounds: readonly [min: number, max: number],
  meaning: string,
): Setting<number> {
  return { ...whole(most, bounds, "bytes", meaning), shrinks: { most, least } };
}

const portNumber = "[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]";

/** A port number, or `off`, which reads as undefined. */
export function optionalPort(fallback: number, meaning: string): Setting<number | undefined> {
  return {
    default: String(fallback),
    meaning,
    allowed: "a whole number from 0 to 65535 (port), or off",
    schema: { type: "string", pattern: `^(${portNumber}|off)$`, default: String(fallback) },
    normalize: lowerCase,
    read: (checked) => (checked === "off" ? undefined : Number(checked)),
  };
}

/** One of a few words. */
export function choice<const Allowed extends string>(
  fallback: NoInfer<Allowed>,
  allowed: readonly Allowed[],
  meaning: string,
): Setting<Allowed> {
  return {
    default: fallback,
    meaning,
    allowed: `one of ${allowed.join(", ")}`,
    schema: { type: "string", enum: allowed, default: fallback },
    normalize: lowerCase,
    read: (checked) => checked as Allowed,
  };
}

export function flag(fallback: boolean, meaning: string): Setting<boolean> {
  return {
    default: String(fallback),
    meaning,
    allowed: "true or false",
    schema: { type: "string", enum: ["true", "false"], default: String(fallback) },
    normalize: lowerCase,
    read: (checked) => checked === "true",
  };
}

/** The path of a file that the server reads or writes. */
export function file(meaning: string): Setting<string | undefined> {
  return {
    default: "",
    meaning,
    allowed: "the path of a file",
    schema: { type: "string" },
    read: (checked) => (checked === undefined ? undefined : String(checked)),
  };
}

/** A token. It travels in an HTTP header after "Bearer ", so it can hold no space and no control character. */
export function secret(meaning: string): Setting<string | undefined> {
  return {
    default: "",
    meaning,
    allowed: "visible ASCII characters without spaces",
    schema: { type: "string", pattern: "^[\\x21-\\x7e]+$" },
    isSecret: true,
    read: (checked) => (checked === undefined ? undefined : String(checked)),
  };
}

/**
 * An origin as browsers send it (RFC 6454, 6.2): no path, not even a slash; the port only when it is not the usual
 * one.
 */
const origin = "(https?|chrome-extension|moz-extension)://[^/,\\s*]+";

/** Web origins with commas between them, or `*` for any. */
export function origins(meaning: string): Setting<readonly string[]> {
  return {
    default: "",
    meaning,
    allowed: "origins like https://shop.example:8080, comma-separated, without paths, or *",
    schema: { type: "string", pattern: `^(\\*|${origin}(\\s*,\\s*${origin})*)$` },
    read: (checked) =>
      String(checked ?? "")
        .split(",")
        .map((each) => each.trim())
        .filter((each) => each !== ""),
  };
}

/**
 * The address of a server: `http://` or `https://`, a host, perhaps a port and a path. It may hold no user and
 * password; one that was written with them is not shown.
 */
export function endpoint(meaning: string): Setting<URL | undefined> {
  const hosts = `[A-Za-z0-9._-]+|\\[${ipv6}\\]`;
  return {
    default: "",
    meaning,
    allowed: "a URL like https://collector.example:4317, without a user, a query or a fragment",
    schema: { type: "string", pattern: `^https?://(${hosts})(:(${portNumber}))?(/[^\\s?#@]*)?$` },
    isSecret: true,
    accepts: (written) => URL.canParse(written),
    read: (checked) => (checked === undefined ? undefined : new URL(String(checked))),
  };
}

/** Addresses of servers with their ports. What is refused is not shown: it may be a URL with a password. */
export function addresses(meaning: string): Setting<readonly Address[]> {
  const address = `([A-Za-z0-9._-]+|\\[${ipv6}\\]):(${portNumber})`;
  return {
    default: "",
    meaning,
    allowed: "addresses like broker-1.example:9092, comma-separated",
    schema: { type: "string", pattern: `^${address}(\\s*,\\s*${address})*$` },
    isSecret: true,
    accepts: (written) => addressesIn(written).every(({ port }) => port > 0),
    read: (checked) => addressesIn(String(checked ?? "")),
  };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

function addressesIn(written: string): Address[] {
  return [...written.matchAll(/\[?([^,\s[\]]+)\]?:(\d+)(?:\s*,|$)/g)].map(([, name = "", port]) => ({
    host: name,
    port: Number(port),
  }));
}

/** The name of a topic, as Kafka has it. */
export function topic(fallback: string, meaning: string): Setting<string> {
  return {
    default: fallback,
    meaning,
    allowed: "1 to 249 letters, digits and . _ -",
    schema: { type: "string", pattern: "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}$", default: fallback },
    read: String,
  };
}

/** A user name or a password. */
export function credential(meaning: string): Setting<string | undefined> {
  return {
    default: "",
    meaning,
    allowed: "printable ASCII characters",
    schema: { type: "string", pattern: "^[\\x20-\\x7e]+$" },
    isSecret: true,
    read: (checked) => (checked === undefined ? undefined : String(checked)),
  };
}

/** A field name of HTTP (RFC 9110, 5.6.2), and a value in which all but visible characters are percent-encoded. */
const headerField = "\\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\\s*=\\s*[\\x21-\\x2b\\x2d-\\x7e]*\\s*";

/** Header fields in the form of OTEL_EXPORTER_OTLP_HEADERS, by lower-case names. They may hold tokens. */
export function headers(
  meaning: string,
  reserved: readonly string[],
): Setting<Readonly<Record<string, string>>> {
  return {
    default: "",
    meaning,
    allowed: `name=value, comma-separated, values percent-encoded, without ${reserved.join(", ")}`,
    schema: { type: "string", pattern: `^${headerField}(,${headerField})*$` },
    isSecret: true,
    accepts: (written) => {
      const fields = headerFields(written);
      return fields !== undefined && !fields.some(([name]) => isReserved(name, reserved));
    },
    read: (checked) => Object.fromEntries(headerFields(String(checked ?? "")) ?? []),
  };
}

/** Undefined when a value is not percent-encoded text that a header can hold. */
function headerFields(written: string): [name: string, value: string][] | undefined {
  try {
    const fields = written
      .split(",")
      .filter((field) => field.trim() !== "")
      .map((field): [string, string] => {
        const at = field.indexOf("=");
        return [field.slice(0, at).trim().toLowerCase(), decodeURIComponent(field.slice(at + 1).trim())];
      });
    return fields.every(([, value]) => /^[\x20-\x7e]*$/.test(value)) ? fields : undefined;
  } catch {
    return undefined;
  }
}

/** A reserved name may end with `*`. */
function isReserved(name: string, reserved: readonly string[]): boolean {
  return reserved.some((each) => (each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name === each));
}

/*
 * What the page shows is all in the part of its address after "#": a view, an id, and parameters. So a copied link
 * shows the same to somebody else, and back and forward work.
 */

/** In the order of their tabs. */
export const views = ["traces", "trace", "logs", "metrics", "services", "profiles", "status"] as const;

export type ViewName = (typeof views)[number];

export interface Route {
  readonly view: ViewName;
  /** Of the trace, or the cursor of the profile; else empty. */
  readonly id: string;
  /** Several values of one parameter are joined, see `joinValues`. */
  readonly params: Readonly<Record<string, string>>;
}

/** ASCII's separator of units, which no value has that a person types. */
const unitSeparator = "\u001f";

/** Several values as one text. An address has each of them as a parameter of the same name. */
export function joinValues(values: readonly string[]): string {
  return values.join(unitSeparator);
}

export function splitValues(text: string): readonly string[] {
  return text === "" ? [] : text.split(unitSeparator);
}

/** @param hash with or without "#" */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = split(hash.replace(/^#?\/?/, ""), "?");
  const [name = "", id = ""] = split(path, "/");
  const view = views.find((known) => known === name) ?? "traces";
  // No object: an address may have a parameter `constructor`.
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  const params = [...values].map(([name, each]) => [name, joinValues(each.filter((value) => value !== ""))]);
  return { view, id: decode(id), params: Object.fromEntries(params) };
}

export function routeHref({ view, id, params }: Partial<Route> & Pick<Route, "view">): string {
  const set = Object.entries(params ?? {}).flatMap(([name, text]) =>
    splitValues(text).map((value) => [name, value]),
  );
  const query = set.length === 0 ? "" : `?${new URLSearchParams(set)}`;
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}${query}`;
}

/**
 * A link that ends with `#token=...` signs in.
 * @returns the token, and what the address has from "#" on without it; undefined for any other link
 */
export function tokenOf(hash: string): { readonly token: string; readonly rest: string } | undefined {
  const [, rest = "", token] = /^(.*)#token=(.+)$/.exec(hash) ?? [];
  return token === undefined ? undefined : { token: decode(token), rest };
}

/** What the server takes as API_TOKEN, and a header field can hold: a browser sends no other characters. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(text);
}

function split(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

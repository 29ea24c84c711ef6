/*
 * What the page shows is all in the part of its address after "#": a view, an id, and parameters. So a copied link
 * shows the same to somebody else, and back and forward work.
 */

export const views = ["traces", "trace", "logs", "metrics", "services", "status"] as const;

export type ViewName = (typeof views)[number];

export interface Route {
  readonly view: ViewName;
  /** Of the trace; else empty. */
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
}

/** @param hash with or without "#" */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = split(hash.replace(/^#?\/?/, ""), "?");
  const [name = "", id = ""] = split(path, "/");
  const view = views.find((known) => known === name) ?? "traces";
  return { view, id: decode(id), params: Object.fromEntries(new URLSearchParams(query)) };
}

export function routeHref({ view, id, params }: Partial<Route> & Pick<Route, "view">): string {
  const set = Object.entries(params ?? {}).filter(([, value]) => value !== "");
  const query = set.length === 0 ? "" : `?${new URLSearchParams(set)}`;
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}${query}`;
}

/** A link with `#token=...` signs in. @returns undefined for any other */
export function tokenOf(hash: string): string | undefined {
  const [, token] = /^#token=(.+)$/.exec(hash) ?? [];
  return token === undefined ? undefined : decode(token);
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

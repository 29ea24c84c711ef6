import { computed, effect, signal } from "@preact/signals";
import type { Zone } from "../format/time.ts";
import { parseRoute, type Route, routeHref } from "./route.ts";
import { takeTokenOfAddress } from "./session.ts";

takeTokenOfAddress();

export const route = signal<Route>(parseRoute(location.hash));

addEventListener("hashchange", () => {
  clearTimeout(late);
  takeTokenOfAddress();
  route.value = parseRoute(location.hash);
});

export const zone = computed<Zone>(() => (route.value.params.tz === "utc" ? "utc" : "local"));

/** Set while the browser has refused to change the address: then it is tried again. */
let late: ReturnType<typeof setTimeout> | undefined;

type Target = Partial<Route> & Pick<Route, "view">;

/** The link to a view. The zone of times stays as it is. */
export function hrefTo(target: Target): string {
  const { tz } = route.value.params;
  return routeHref({ ...target, params: { ...target.params, ...(tz !== undefined && { tz }) } });
}

export function goTo(target: Target): void {
  location.hash = hrefTo(target);
}

/** The view that was shown last that is no trace. */
let lastView: Target = { view: "traces" };

effect(() => {
  const { view, id, params } = route.value;
  if (view === "trace") return;
  // The zone of times stays as it is.
  const { tz: _, ...others } = params;
  lastView = { view, id, params: others };
});

/** The view that led to a trace, as it was left; the list of traces for one that was opened by its link. */
export function wayBack(): Target {
  return lastView;
}

type Changes = Readonly<Record<string, string>>;

/**
 * Changes parameters of this view, such as the row that is chosen; an empty text takes one away. The way back leads to
 * what was there before them.
 */
export function setParams(changes: Changes): void {
  const href = hrefWith(changes);
  writeAddress(href);
  route.value = parseRoute(href);
}

/** Changes parameters of this view, such as a filter, so that the way back undoes it. */
export function stepToParams(changes: Changes): void {
  const href = hrefWith(changes);
  if (href === hrefWith({})) return;
  clearTimeout(late);
  try {
    history.pushState(null, "", href);
  } catch {
    writeAddress(href);
  }
  route.value = parseRoute(href);
}

function hrefWith(changes: Changes): string {
  const { view, id, params } = route.value;
  return routeHref({ view, id, params: { ...params, ...changes } });
}

/** Browsers take only some hundred changes of an address in some seconds, which a key that is held makes. */
function writeAddress(href: string): void {
  clearTimeout(late);
  try {
    history.replaceState(null, "", href);
  } catch {
    late = setTimeout(() => writeAddress(href), 1_000);
  }
}

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

/** What the list of traces was filtered by when it was last shown. */
let lastFilter: Route["params"] = {};

effect(() => {
  const { view, params } = route.value;
  if (view === "traces") lastFilter = params;
});

/** Leads to the list of traces as it was left, but for the zone of times, which stays as it is. */
export function goToList(): void {
  const { tz: _, ...params } = lastFilter;
  goTo({ view: "traces", params });
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

import { serviceHues } from "../format/value.ts";

/**
 * The colours of the theme that is shown, as a canvas takes them.
 * @returns the colour of a name: `accent`, `error`, `quiet`, `line`, `text`, `ground`, or `hue-0` and so on
 */
export function themeColours(within: HTMLElement): (name: string) => string {
  const probe = within.appendChild(document.createElement("i"));
  // Lines of a chart are told apart by colours where the page's others are forced.
  probe.style.setProperty("forced-color-adjust", "none");
  const found = new Map<string, string>();
  const take = (name: string, property: string) => {
    probe.style.color = `var(--${property})`;
    found.set(name, getComputedStyle(probe).color);
  };
  for (const name of ["accent", "error", "quiet", "line", "text", "ground"]) take(name, name);
  for (let hue = 0; hue < serviceHues; hue++) {
    probe.className = `hue-${hue}`;
    take(`hue-${hue}`, "hue");
  }
  probe.remove();
  return (name) => found.get(name) ?? "gray";
}

/** Calls a function whenever the theme changes, of which a canvas learns by nothing else. @returns ends that */
export function onThemeChange(change: () => void): () => void {
  const media = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const medium of media) medium.addEventListener("change", change);
  return () => {
    for (const medium of media) medium.removeEventListener("change", change);
  };
}

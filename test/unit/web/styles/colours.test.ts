import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { serviceHues } from "../../../../src/web/format/value.ts";

const styles = new URL("../../../../src/web/styles/", import.meta.url);
const css = readFileSync(new URL("page.css", styles), "utf8");

type Colour = readonly [red: number, green: number, blue: number];

/** In linear light, from 0 to 1. */
function colourOf(hex: string): Colour {
  const part = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

/** The colours of the custom properties of a rule, light and dark. */
function colours(property: string): readonly [light: readonly string[], dark: readonly string[]] {
  const found = [...css.matchAll(new RegExp(`${property}: light-dark\\((#\\w{6}), (#\\w{6})\\)`, "g"))];
  return [found.map(([, light = ""]) => light), found.map(([, , dark = ""]) => dark)];
}

function oklab([red, green, blue]: Colour): Colour {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** How far two colours are apart for the eye (OKLab): black and white are 1. */
function distance(one: string, other: string): number {
  const [a, b] = [oklab(colourOf(one)), oklab(colourOf(other))];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function leastDistance(hexes: readonly string[]): number {
  return Math.min(...hexes.flatMap((one, at) => hexes.slice(at + 1).map((other) => distance(one, other))));
}

/** Of WCAG 2. */
function contrast(one: Colour, other: Colour): number {
  const [a, b] = [one, other].map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue);
  return (Math.max(a ?? 0, b ?? 0) + 0.05) / (Math.min(a ?? 0, b ?? 0) + 0.05);
}

const themes = ["light", "dark"] as const;

test("the hues of services are well apart from each other, from that of errors and from text", (t) => {
  for (const [theme, name] of themes.entries()) {
    const hues = colours("--hue")[theme] ?? [];
    assert.equal(hues.length, serviceHues);
    const least = leastDistance(hues);
    t.diagnostic(
      `${name}: ${least.toFixed(3)}, of the first six ${leastDistance(hues.slice(0, 6)).toFixed(3)}`,
    );
    assert.ok(least >= 0.11, `${name}: ${least}`);
    assert.ok(leastDistance(hues.slice(0, 6)) >= 0.14, name);
    for (const other of ["error", "text", "quiet"]) {
      const [colour = ""] = colours(`--${other}`)[theme] ?? [];
      for (const hue of hues) assert.ok(distance(hue, colour) >= 0.07, `${name}: ${hue} and ${other}`);
    }
  }
});

test("hues can be seen on every ground", () => {
  for (const [theme, name] of themes.entries()) {
    const of = (property: string) => colourOf(colours(`--${property}`)[theme]?.[0] ?? "");
    for (const hue of colours("--hue")[theme] ?? []) {
      for (const ground of ["ground", "raised", "chosen"]) {
        const found = contrast(colourOf(hue), of(ground));
        assert.ok(found >= 3, `${name}: ${hue} on ${ground}: ${found}`);
      }
    }
  }
});

test("the names of functions can be read on the frames of a flame graph, which are apart from each other", () => {
  const profiles = readFileSync(new URL("profiles.css", styles), "utf8");
  const [light = 0, dark = 0, above = 0] = [...profiles.matchAll(/var\(--hue\) (\d+)%/g)].map(([, share]) =>
    Number(share),
  );
  const [, ...texts] = /\.frame {[^}]* color: light-dark\((#\w{6}), (#\w{6})\)/.exec(profiles) ?? [];
  for (const [theme, name] of themes.entries()) {
    const [ground = ""] = colours("--ground")[theme] ?? [];
    const tinted = (share: number) =>
      (colours("--hue")[theme] ?? []).map((hue) => mixed(hue, ground, share / 100));
    const frames = tinted(theme === 0 ? light : dark);
    for (const frame of [...frames, ...tinted(above)]) {
      const found = contrast(colourOf(texts[theme] ?? ""), colourOf(frame));
      assert.ok(found >= 4.5, `${name}: text on ${frame}: ${found}`);
    }
    assert.ok(leastDistance(frames) >= 0.05, `${name}: ${leastDistance(frames)}`);
  }
});

/** As `color-mix(in srgb, …)` does. */
function mixed(one: string, other: string, share: number): string {
  const part = (at: number) => {
    const [a, b] = [one, other].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16));
    const value = Math.round((a ?? 0) * share + (b ?? 0) * (1 - share));
    return value.toString(16).padStart(2, "0");
  };
  return `#${part(1)}${part(3)}${part(5)}`;
}

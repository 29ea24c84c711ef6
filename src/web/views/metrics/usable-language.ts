/*
 * uPlot makes a format of numbers for the browser's language as it is loaded, and fails where Intl does not take that
 * language: Chromium and WebKit have "en-US@posix" or "c" when the system has no locale (LANG=C). The charts write their
 * numbers themselves, so that any language will do.
 */

try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
}

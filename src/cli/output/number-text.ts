/** The shortest text that reads back as the same number. */
export function numberText(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A fraction in percent. The decimal point moves in the text: 0.57 * 100 is 56.99999999999999. */
export function percentText(fraction: number): string {
  const [digits, exponent = "0"] = numberText(fraction).split("e");
  return numberText(Number(`${digits}e${Number(exponent) + 2}`));
}

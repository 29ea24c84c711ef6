import { contentTypes } from "../../../otlp/content-types.ts";

/** Safari reads what is saved some time after the click. */
const readWithinMs = 60_000;

/** Has the browser save a text of JSON as a file. @param parts of the text */
export function saveFile(name: string, ...parts: readonly string[]): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([...parts], { type: contentTypes.json }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), readWithinMs);
}

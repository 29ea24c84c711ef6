import { contentTypes } from "../../../otlp/content-types.ts";

/** Has the browser save a text of JSON as a file. @param parts of the text */
export function saveFile(name: string, ...parts: readonly string[]): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([...parts], { type: contentTypes.json }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

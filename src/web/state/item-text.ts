/** What is known of an item, in lower case. It is asked for at each letter of a find. */
const texts = new WeakMap<object, string>();

/** Fields in which the keys are the sender's; those of all others are the API's, which nobody sees. */
const sendersFields: ReadonlySet<string> = new Set(["attributes", "resource", "body"]);

/** The API's names of enums begin with the enum's. */
const enumName = /^(?:SEVERITY_NUMBER|SPAN_KIND|STATUS_CODE)_/;

/** All that a person can find in a span, a log record or a trace: values and keys of attributes, each in a line. */
export function itemText(item: object): string {
  let text = texts.get(item);
  if (text === undefined) {
    const parts: string[] = [];
    collect(item, false, parts);
    text = parts.join("\n").toLowerCase();
    texts.set(item, text);
  }
  return text;
}

function collect(value: unknown, isSenders: boolean, parts: string[]): void {
  if (typeof value !== "object" || value === null) {
    parts.push(String(value).replace(enumName, ""));
    return;
  }
  for (const [key, of] of Object.entries(value)) {
    if (isSenders) {
      if (!Array.isArray(value)) parts.push(key);
      collect(of, true, parts);
    } else if (key !== "cursor") {
      collect(of, sendersFields.has(key), parts);
    }
  }
}

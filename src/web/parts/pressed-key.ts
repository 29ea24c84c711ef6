/* Which keys are for the page, and which for what has the focus. It knows no DOM. */

/** Of a `KeyboardEvent`. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
  readonly defaultPrevented: boolean;
  getModifierState(key: string): boolean;
}

/** Of the element that has the focus. */
export interface KeyTarget {
  readonly tagName: string;
  /** Of an `<input>`. */
  readonly type?: string;
  readonly isContentEditable?: boolean;
}

/** What the focus is in, as far as keys are concerned. */
export type Focus = "field" | "box" | "button" | "none";

export function focusOf({ tagName, type = "text", isContentEditable = false }: KeyTarget): Focus {
  if (isContentEditable || tagName === "SELECT" || tagName === "TEXTAREA") return "field";
  if (tagName === "INPUT") {
    if (type === "checkbox" || type === "radio") return "box";
    return /^(?:button|submit|reset|file|image)$/.test(type) ? "button" : "field";
  }
  return /^(?:BUTTON|A|SUMMARY)$/.test(tagName) ? "button" : "none";
}

/** The key that is pressed for the page. @returns undefined when it is for something else, as a character of a field is */
export function keyForPage(press: KeyPress, target: KeyTarget): string | undefined {
  const { key, defaultPrevented, isComposing } = press;
  if (defaultPrevented || isComposing || isShortcut(press)) return undefined;
  const focus = focusOf(target);
  if (focus === "field") return key === "Escape" ? key : undefined;
  // They do what Enter, the space bar and, among boxes, arrows do.
  if (focus !== "none" && /^(?:Enter| )$/.test(key)) return undefined;
  if (focus === "box" && key.startsWith("Arrow")) return undefined;
  return key;
}

/** Whether Enter is pressed in a field, and not to end the composing of a character. */
export function isEnter({ key, isComposing }: Pick<KeyPress, "key" | "isComposing">): boolean {
  return key === "Enter" && !isComposing;
}

/** Whether a key is one of the browser or of the system. Some keyboards have `[` and `{` at AltGr, or at Option. */
function isShortcut(press: KeyPress): boolean {
  if (press.getModifierState("AltGraph")) return false;
  return press.ctrlKey || press.metaKey || (press.altKey && !/^[[\]{}]$/.test(press.key));
}

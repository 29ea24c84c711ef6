import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

/** Without a secure context, as with another host's name over http, browsers have no clipboard for pages. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const focused = document.activeElement as HTMLElement | null;
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!isCopied) throw new Error("the browser does not let the page copy");
}

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  /** What the button shows. @default "copy" */
  readonly name?: string;
}

/** @returns what a person is told of the last copy, for a moment, and what copies a text */
export function useCopy(): readonly [said: string, copy: (text: string) => void] {
  const said = useSignal("");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const copy = async (text: string) => {
    clearTimeout(timer.current);
    said.value = await copyText(text).then(
      () => "copied",
      () => "not allowed",
    );
    timer.current = setTimeout(() => {
      said.value = "";
    }, 1_500);
  };
  return [said.value, (text) => void copy(text)];
}

export function CopyButton({ text, label, name = "copy" }: CopyButtonProps): JSX.Element {
  const [said, copy] = useCopy();
  return (
    <button type="button" class="small" aria-label={label} title={label} onClick={() => copy(text)}>
      {said || name}
    </button>
  );
}

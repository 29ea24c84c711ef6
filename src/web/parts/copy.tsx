import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

/** Without a secure context, as with another host's name over http, browsers have no clipboard for pages. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  /** What the button shows. @default "copy" */
  readonly name?: string;
}

export function CopyButton({ text, label, name = "copy" }: CopyButtonProps): JSX.Element {
  const said = useSignal("");
  return (
    <button
      type="button"
      class="small"
      aria-label={label}
      title={label}
      onClick={() => {
        copyText(text).then(
          () => {
            said.value = "copied";
          },
          () => {
            said.value = "not allowed";
          },
        );
        setTimeout(() => {
          said.value = "";
        }, 1_500);
      }}
    >
      {said.value || name}
    </button>
  );
}

import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { FilesPanel } from "../views/files/files-panel.tsx";
import { PartMissing } from "./lazy-view.tsx";

/** Files that the person has dropped onto the page or chosen, until they are put away. */
const files = signal<readonly File[]>([]);

function open(more: FileList | null | undefined): void {
  if (more) files.value = [...files.value, ...more];
}

/** Chooses files, for those who do not drop them. */
export function FileButton(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        title="a file of OTLP in JSON, lines of JSON or protobuf; or drop it onto the page"
        onClick={() => input.current?.click()}
      >
        open file
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          open(currentTarget.files);
          currentTarget.value = "";
        }}
      />
    </>
  );
}

/** Takes files that are dropped anywhere, and shows how it goes with them. What does so is loaded then. */
export function OpenedFiles(): JSX.Element | null {
  const isOver = useSignal(false);
  const panel = useSignal<{ readonly View: typeof FilesPanel } | undefined>(undefined);
  const failed = useSignal(false);
  const isWanted = files.value.length > 0;

  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      isOver.value = true;
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      isOver.value = false;
      open(event.dataTransfer?.files);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  useEffect(() => {
    if (!isWanted || panel.peek() !== undefined) return;
    import("../views/files/files-panel.tsx").then(
      ({ FilesPanel: View }) => {
        panel.value = { View };
      },
      () => {
        failed.value = true;
      },
    );
  }, [isWanted]);

  const View = panel.value?.View;
  return (
    <>
      {isOver.value && <p class="notice">Drop files of OTLP to look at them here.</p>}
      {isWanted && failed.value && <PartMissing />}
      {isWanted && View !== undefined && (
        <View
          files={files.value}
          close={() => {
            files.value = [];
          }}
        />
      )}
    </>
  );
}

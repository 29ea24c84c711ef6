import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface DownloadButtonProps {
  /** What is saved, for the title of the button. */
  readonly what: string;
  /** @param tell how it goes @returns what was saved, in words */
  readonly save: (abort: AbortSignal, tell: (words: string) => void) => Promise<string>;
}

/** Saves what a list shows, and says what of it. */
export function DownloadButton({ what, save }: DownloadButtonProps): JSX.Element {
  const words = useSignal("");
  const running = useRef<AbortController>(undefined);
  const isRunning = useSignal(false);
  useEffect(() => () => running.current?.abort(), []);
  const run = async () => {
    const own = new AbortController();
    running.current = own;
    isRunning.value = true;
    const tell = (told: string) => {
      words.value = told;
    };
    try {
      tell(await save(own.signal, tell));
    } catch (error) {
      tell(own.signal.aborted ? "stopped" : `✗ ${(error as Error).message}`);
    }
    isRunning.value = false;
  };
  return (
    <span class="download">
      <button
        type="button"
        class="small"
        title={`${what} as a file of OTLP/JSON; obsvty replay, this page and other tools read it`}
        onClick={() => (isRunning.value ? running.current?.abort() : void run())}
      >
        {isRunning.value ? "stop" : "download"}
      </button>{" "}
      <span role="status">{words.value}</span>
    </span>
  );
}

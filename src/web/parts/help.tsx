import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useKeys } from "./keys.ts";

const keys: readonly (readonly [keys: string, does: string])[] = [
  ["j k ↓ ↑", "the next row, the row before, in lists and tables"],
  ["Page Down, Page Up, Home, End", "further"],
  [
    "Enter",
    "opens the row: the trace, also that of a log record, the operation, the profile; folds and unfolds a span",
  ],
  ["← →", "folds a span, or goes to the one above it; unfolds it"],
  ["← → ↑ ↓", "in a flame graph the next frame; in a heat map that has the focus the next cell"],
  ["[ ]", "folds all spans, unfolds all spans"],
  ["{ }", "folds the deepest level of spans that is shown, unfolds one level"],
  ["p", "marks the critical path of a trace (underlined), or not"],
  ["+ - z 0", "looks closer at the time of a trace, less close, at the span that is chosen, at all"],
  ["e E", "the next error, the error before; the part of the time that is shown goes with them"],
  ["/ Ctrl-K", "the filter, or the search inside of a trace"],
  ["c", "copies the id of the span, or of the trace; of a log record its body"],
  ["n N", "the next that was found, the one before, likewise"],
  ["Esc", "out: of a field, the detail, a part of the time, the trace"],
  ["?", "this help"],
];

/** Opens the list of keys, as "?" does. */
export function HelpButton(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const show = () => dialog.current?.showModal();
  useKeys({ "?": show });
  return (
    <>
      <button type="button" onClick={show} aria-label="keys">
        ?
      </button>
      <dialog ref={dialog} aria-labelledby="help-title">
        <h2 id="help-title">Keys</h2>
        <dl class="fields">
          {keys.map(([names, does]) => (
            <div key={names}>
              <dt class="mono">{names}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <button type="button" onClick={() => dialog.current?.close()}>
          close
        </button>
      </dialog>
    </>
  );
}

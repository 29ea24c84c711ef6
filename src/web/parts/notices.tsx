import type { JSX } from "preact";
import { countOf } from "../format/value.ts";
import type { LiveList } from "./live.ts";
import { scrollToFirstRow } from "./virtual-rows.tsx";

/** What a live list is doing, and a button to pause it. */
export function LiveState<Item>({ list }: { readonly list: LiveList<Item> }): JSX.Element {
  const { paused, busy, away, rows, release } = list;
  const waiting = rows.value.waiting.length;
  const word = paused.value ? "paused" : waiting > 0 && (busy.value || away.value) ? "waits" : "live";
  return (
    <span class="live">
      {waiting > 0 && (
        <button
          type="button"
          class="new"
          onClick={() => {
            release();
            scrollToFirstRow();
          }}
        >
          {countOf(waiting, "new", "new")}
        </button>
      )}
      <span class={`state ${word}`}>{word}</span>
      <button
        type="button"
        aria-pressed={paused.value}
        onClick={() => {
          if (paused.value) release();
          else paused.value = true;
        }}
      >
        {paused.value ? "resume" : "pause"}
      </button>
    </span>
  );
}

/** What a list does not show, and why. */
export function ListNotices<Item>({ list, what }: { readonly list: LiveList<Item>; readonly what: string }) {
  const { missed, skipped, unreadable, goneUnknown } = list.rows.value;
  return (
    <>
      {missed > 0 && (
        <p class="notice">
          {countOf(missed, "item")} went to make room for newer ones before this page could read them. A
          larger MAX_BUFFER_SIZE keeps more.
        </p>
      )}
      {unreadable > 0 && (
        <p class="notice">{countOf(unreadable, "item")} cannot be decoded and may have been meant.</p>
      )}
      {goneUnknown && (
        <p class="notice">
          More {what} got spans that exclude them than the server tells of at once: some of those may still be
          listed. Load the page again to list them anew.
        </p>
      )}
      {skipped && (
        <p class="notice">
          More {what} arrive than a list can show: it keeps up with the newest, and leaves some out. A filter
          finds them.
        </p>
      )}
    </>
  );
}

import type { JSX } from "preact";
import { setParams } from "../state/address.ts";
import { isEnter } from "./pressed-key.ts";

interface FindFieldProps {
  /** What is looked for, which the address holds. */
  readonly find: string;
  /** How many were found, in words. */
  readonly status: string;
  readonly found: number;
  readonly onJump: (step: 1 | -1) => void;
  /** Whether it is the first field of the view, which "/" leads to. */
  readonly isFirst?: boolean;
}

/** The find of a view, which the browser's own cannot replace: only some of the rows are in the document. */
export function FindField({ find, status, found, onJump, isFirst }: FindFieldProps): JSX.Element {
  return (
    <search class="find">
      <label>
        find{" "}
        <input
          data-filter={isFirst}
          value={find}
          onInput={({ currentTarget }) => setParams({ find: currentTarget.value })}
          onKeyDown={(event) => {
            if (isEnter(event)) onJump(event.shiftKey ? -1 : 1);
          }}
        />
      </label>
      {find !== "" && (
        <>
          <span role="status">{status}</span>
          <Step label="the one before that was found" disabled={found === 0} onStep={() => onJump(-1)}>
            ‹
          </Step>
          <Step label="the next that was found" disabled={found === 0} onStep={() => onJump(1)}>
            ›
          </Step>
        </>
      )}
    </search>
  );
}

interface StepProps {
  readonly label: string;
  readonly disabled: boolean;
  readonly onStep: () => void;
  readonly children: string;
}

function Step({ label, disabled, onStep, children }: StepProps): JSX.Element {
  return (
    <button type="button" class="small" aria-label={label} title={label} disabled={disabled} onClick={onStep}>
      {children}
    </button>
  );
}

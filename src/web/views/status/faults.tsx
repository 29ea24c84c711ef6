import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import type { FaultRuleJson } from "../../../../gen/obsvty/v1/fault_pb.ts";
import { type CallError, call } from "../../api/call.ts";
import { codes, emptyDraft, type FaultDraft, faults, ruleOf, ruleText } from "./fault-draft.ts";

/** The script of faults of the server, to be read and written. Nothing is asked of the server before it is opened. */
export function Faults({ signals }: { readonly signals: readonly string[] }): JSX.Element {
  const rules = useSignal<readonly FaultRuleJson[] | undefined>(undefined);
  const problem = useSignal("");
  const draft = useSignal<FaultDraft>(emptyDraft);

  const run = async (change?: () => Promise<unknown>) => {
    try {
      await change?.();
      rules.value = (await call("GetFaults", {})).rules ?? [];
      problem.value = "";
    } catch (error) {
      const { code, message } = error as CallError;
      problem.value =
        code === "unimplemented"
          ? "The server does not take scripts of faults. Start it with FAULT_INJECTION=true."
          : message;
    }
  };
  const append = async (rule: FaultRuleJson) => {
    const { rules = [] } = await call("GetFaults", {});
    await call("SetFaults", { rules: [...rules, rule] });
  };
  const add = (event: Event) => {
    event.preventDefault();
    const rule = ruleOf(draft.value);
    if (typeof rule === "string") problem.value = rule;
    else void run(() => append(rule));
  };
  const change = (changes: Partial<FaultDraft>) => {
    draft.value = { ...draft.value, ...changes };
  };
  const { fault } = draft.value;
  /** What a field of text shows of the draft, and what it changes. */
  const text = (name: "times" | "retryDelay" | "rejected" | "message" | "delay") => ({
    value: draft.value[name],
    onInput: ({ currentTarget }: Event) => change({ [name]: (currentTarget as HTMLInputElement).value }),
  });
  return (
    <details
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) void run();
      }}
    >
      <summary>Faults on purpose</summary>
      <p class="quiet">What exporters make of a server that refuses, waits or breaks off. For tests.</p>
      {problem.value !== "" && (
        <p class="notice bad" role="alert">
          {problem.value}
        </p>
      )}
      {rules.value !== undefined && (
        <>
          {rules.value.length === 0 ? (
            <p role="status">Exports are served as ever.</p>
          ) : (
            <ol>
              {rules.value.map((rule, index) => (
                <li key={index}>{ruleText(rule)}</li>
              ))}
            </ol>
          )}
          <p>
            <button type="button" onClick={() => void run()}>
              look again
            </button>{" "}
            {rules.value.length > 0 && (
              <button type="button" onClick={() => void run(() => call("ClearFaults", {}))}>
                forget all
              </button>
            )}
          </p>
          <form class="bar" aria-label="A new fault" onSubmit={add}>
            <TextField label="to the next" size={4} inputMode="numeric" {...text("times")} />
            <Field label="exports of">
              <select
                value={draft.value.signal}
                onChange={({ currentTarget }) => change({ signal: currentTarget.value })}
              >
                <option value="">any signal</option>
                {signals.map((signal) => (
                  <option key={signal}>{signal}</option>
                ))}
              </select>
            </Field>
            <Field label="do">
              <select
                value={fault}
                onChange={({ currentTarget }) =>
                  change({ fault: currentTarget.value as FaultDraft["fault"] })
                }
              >
                {Object.entries(faults).map(([name, text]) => (
                  <option key={name} value={name}>
                    {text}
                  </option>
                ))}
              </select>
            </Field>
            {fault === "status" && (
              <>
                <Field label="with">
                  <select
                    value={draft.value.code}
                    onChange={({ currentTarget }) =>
                      change({ code: currentTarget.value as FaultDraft["code"] })
                    }
                  >
                    {codes.map((code) => (
                      <option key={code}>{code}</option>
                    ))}
                  </select>
                </Field>
                <TextField
                  label="to be tried again after"
                  size={5}
                  placeholder="never"
                  {...text("retryDelay")}
                />
              </>
            )}
            {fault === "partialSuccess" && (
              <TextField label="rejected items" size={5} inputMode="numeric" {...text("rejected")} />
            )}
            {fault === "delay" && <TextField label="how long" size={5} {...text("delay")} />}
            {(fault === "status" || fault === "partialSuccess") && (
              <TextField label="saying" size={20} placeholder="injected fault" {...text("message")} />
            )}
            <button type="submit">add</button>
          </form>
        </>
      )}
    </details>
  );
}

function Field({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what is given as children
    <label>
      {label} {children}
    </label>
  );
}

function TextField({
  label,
  ...input
}: { readonly label: string } & JSX.IntrinsicElements["input"]): JSX.Element {
  return (
    <Field label={label}>
      <input {...input} />
    </Field>
  );
}

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { fetchOtlpTrace } from "../../api/otlp-trace.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { saveFile } from "../../parts/download/save-file.ts";
import { token } from "../../state/session.ts";
import { curlOf } from "./curl.ts";

/** What a person takes along of a trace: a file, a command, a link. */
export function TakeAway({ traceId }: { readonly traceId: string }): JSX.Element {
  const failure = useSignal("");
  const save = async () => {
    try {
      saveFile(`${traceId}.json`, await fetchOtlpTrace(traceId));
      failure.value = "";
    } catch (error) {
      failure.value = (error as Error).message;
    }
  };
  const base = new URL(".", location.href).href;
  return (
    <>
      <CopyButton
        text={curlOf(base, "GetTrace", { traceId }, token.value !== "")}
        label="copy a curl command that reads the trace"
        name="curl"
      />
      <button
        type="button"
        class="small"
        title="The trace as OTLP/JSON; obsvty replay and other tools read it"
        onClick={() => void save()}
      >
        download
      </button>
      {failure.value !== "" && <span class="error">{failure.value}</span>}
    </>
  );
}

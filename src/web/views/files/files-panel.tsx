import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Signal } from "../../../domain/signal.ts";
import { call } from "../../api/call.ts";
import { bytesText, countOf } from "../../format/value.ts";
import { hrefTo } from "../../state/address.ts";
import type { ViewName } from "../../state/route.ts";
import { beginSending, type Sending, sendFile } from "./send-file.ts";
import "../../styles/files.css";

interface FilesPanelProps {
  /** More may come; none goes before `close`. */
  readonly files: readonly File[];
  readonly close: () => void;
}

/** The person knows where telemetry goes on to, and has agreed for this tab. */
const agreed = signal(false);

const viewOf: Readonly<Record<Signal, ViewName>> = {
  traces: "traces",
  logs: "logs",
  metrics: "metrics",
  profiles: "status",
};

/** Sends files to the server, one after the other, and tells how it goes. Where they go on from there it says first. */
export function FilesPanel({ files, close }: FilesPanelProps): JSX.Element {
  const sinks = useSignal<readonly string[] | undefined>(undefined);
  const sendings = useSignal<readonly Sending[]>([]);
  const refusal = useSignal("");
  const own = useRef(new AbortController());
  /** Of the file that is being sent. */
  const sent = useRef<AbortController | undefined>(undefined);
  const isSending = useRef(false);

  useEffect(() => {
    call("GetStats", {}, own.current.signal).then(
      (stats) => {
        sinks.value = Object.keys(stats.sinks ?? {});
      },
      (error) => {
        refusal.value = (error as Error).message;
      },
    );
    return () => own.current.abort();
  }, []);

  const isAllowed = sinks.value !== undefined && (sinks.value.length === 0 || agreed.value);
  useEffect(() => {
    if (isAllowed) void sendAll();
  }, [isAllowed, files]);

  const latest = useRef(files);
  latest.current = files;
  async function sendAll(): Promise<void> {
    if (isSending.current) return;
    isSending.current = true;
    const { signal } = own.current;
    for (let file = latest.current[sendings.peek().length]; file !== undefined && !signal.aborted; ) {
      const index = sendings.peek().length;
      const tell = (sending: Sending) => {
        sendings.value = sendings.peek().with(index, sending);
      };
      sendings.value = [...sendings.peek(), beginSending(file)];
      sent.current = new AbortController();
      await sendFile(file, tell, AbortSignal.any([signal, sent.current.signal]));
      file = latest.current[index + 1];
    }
    isSending.current = false;
  }

  const waiting = files.slice(sendings.value.length);
  return (
    <section class="files" aria-label="Files">
      {!isAllowed && sinks.value !== undefined && (
        <p>
          What is in {countOf(files.length, "file")} is sent to this server, which hands it on to{" "}
          <b>{sinks.value.join(", ")}</b>.{" "}
          <button
            type="button"
            onClick={() => {
              agreed.value = true;
            }}
          >
            send it
          </button>
        </p>
      )}
      {refusal.value !== "" && <p class="error">✗ {refusal.value}</p>}
      <div class="sendings" role="status">
        <ul>
          {sendings.value.map((sending, index) => (
            <li key={index}>
              <SendingLine sending={sending} stop={() => sent.current?.abort()} />
            </li>
          ))}
          {isAllowed && waiting.length > 0 && <li>{countOf(waiting.length, "file")} to come</li>}
        </ul>
      </div>
      <button type="button" class="close" aria-label="close the files" onClick={close}>
        ×
      </button>
    </section>
  );
}

interface SendingLineProps {
  readonly sending: Sending;
  readonly stop: () => void;
}

function SendingLine({ sending, stop }: SendingLineProps): JSX.Element {
  const { name, state, size, sentSize, requests, signals, rejected, reason, badLines, firstBadLine } =
    sending;
  return (
    <>
      <b>{name}</b>{" "}
      {state === "sending" && (
        <>
          {requests === 0
            ? `reading ${bytesText(size)} …`
            : `${bytesText(sentSize)} in ${countOf(requests, "request")} sent; the file has ${bytesText(size)} …`}{" "}
          <button type="button" class="small" aria-label={`stop sending ${name}`} onClick={stop}>
            stop
          </button>
        </>
      )}
      {state === "sent" && (
        <>
          is here:{" "}
          {signals.map((kind) => (
            <a key={kind} href={hrefTo({ view: viewOf[kind] })}>
              {kind}
            </a>
          ))}
        </>
      )}
      {state === "failed" && (
        <span class="error">
          ✗ {reason}
          {requests > 0 && `; ${countOf(requests, "request")} of it had been taken`}
        </span>
      )}
      {state !== "failed" && badLines > 0 && (
        <span class="error">
          {" "}
          ✗ {countOf(badLines, "line")} left out; {firstBadLine}
        </span>
      )}
      {state !== "failed" && rejected > 0 && (
        <span class="error">
          ✗ {countOf(rejected, "item")} rejected: {reason}
        </span>
      )}
    </>
  );
}

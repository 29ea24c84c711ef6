import type { JSX } from "preact";
import type { LimitUseJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { limitRows, nearFrom } from "./limit-rows.ts";

/** How near the server is to what it may use. */
export function Limits({
  limits,
}: {
  readonly limits: Readonly<Record<string, LimitUseJson>> | undefined;
}): JSX.Element {
  return (
    <dl class="limits">
      {limitRows(limits).map(({ setting, bounds, text, part, refuses, isNear }) => (
        <div key={setting}>
          <dt>{bounds}</dt>
          <dd>
            <meter
              value={part}
              {...(refuses && { high: nearFrom, optimum: 0 })}
              aria-label={bounds}
              aria-valuetext={text}
            />
            <span>
              {isNear && "⚠ "}
              {text}
            </span>
            <span class="quiet mono">{setting}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { GetProfileResponseJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { metricText } from "../../format/metric-value.ts";
import { countOf, hueOf, nameOr } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useKeys } from "../../parts/keys.ts";
import { NameText } from "../../parts/name-text.tsx";
import { WideTable } from "../../parts/wide-table.tsx";
import { goTo, route, setParams, stepToParams } from "../../state/address.ts";
import { joinValues, splitValues } from "../../state/route.ts";
import { boxesOf, type Frame, flameTree, frameAt, neighbour, pathOf, valueWith } from "./flame-tree.ts";

const rowHeight = 19;
/** About a pixel. Names need more. */
const leastWidth = 0.08;
const leastNamed = 2;

/** pprof's names of units, as UCUM has them. */
const units: ReadonlyMap<string, string> = new Map([
  ["nanoseconds", "ns"],
  ["microseconds", "us"],
  ["milliseconds", "ms"],
  ["seconds", "s"],
  ["bytes", "By"],
  ["count", "1"],
]);

/** The stacks of a profile, each as wide as what it used, and the functions that used most as a table. */
export function FlameGraph({ answer }: { readonly answer: GetProfileResponseJson }): JSX.Element {
  const { params } = route.value;
  const { stacks = [], functions = [], profile = {}, leftOutStacks = 0 } = answer;
  const unit = units.get(profile.unit ?? "") ?? profile.unit ?? "";
  const text = (value: number | string | undefined) => metricText(Number(value ?? 0), unit, "value");
  const root = useMemo(() => flameTree(stacks, "all"), [answer]);
  const zoom = frameAt(root, splitValues(params.at ?? ""));
  const pointed = useSignal<Frame | undefined>(undefined);
  const chosen = pointed.value ?? zoom;
  const boxes = useMemo(() => boxesOf(zoom, leastWidth), [zoom]);
  const depth = boxes.reduce((most, { frame }) => Math.max(most, frame.depth), 0);
  const find = params.find ?? "";
  const share = (value: number) => `${((value / Math.max(root.value, Number.MIN_VALUE)) * 100).toFixed(1)} %`;
  const zoomTo = (frame: Frame) => {
    pointed.value = undefined;
    stepToParams({ at: joinValues(pathOf(frame)) });
  };
  const move = (key: Parameters<typeof neighbour>[1]) => () => {
    pointed.value = neighbour(chosen, key);
  };
  useKeys({
    ArrowUp: move("up"),
    ArrowDown: move("down"),
    ArrowLeft: move("left"),
    ArrowRight: move("right"),
    Enter: () => zoomTo(chosen),
    Escape: () => {
      if (zoom === root) goTo({ view: "profiles" });
      else zoomTo(root);
    },
  });
  return (
    <>
      <div class="bar">
        <label>
          find{" "}
          <input
            data-filter
            value={find}
            autocomplete="off"
            onInput={({ currentTarget }) => setParams({ find: currentTarget.value })}
          />
        </label>
        {find !== "" && <span role="status">{share(valueWith(root, find))} of all</span>}
        {zoom !== root && (
          <button type="button" onClick={() => zoomTo(root)}>
            show all
          </button>
        )}
        {leftOutStacks > 0 && <span class="quiet">{countOf(leftOutStacks, "smaller stack")} left out</span>}
      </div>
      <p class="mono about-frame" aria-live="polite">
        <bdi>{nameOr(chosen.name, "(no name)")}</bdi>: {text(chosen.value)}, {share(chosen.value)}; itself{" "}
        {text(chosen.self)}
      </p>
      <figure
        class="flame"
        aria-label="Flame graph; the table below has the functions that used most"
        style={{ height: `${(depth + 1) * rowHeight}px` }}
        onPointerLeave={() => {
          pointed.value = undefined;
        }}
      >
        {boxes.map(({ frame, left, width }, at) => {
          const isFound = find !== "" && frame.name.toLowerCase().includes(find.toLowerCase());
          return (
            // biome-ignore lint/a11y: keys move among frames, see `useKeys` above
            <div
              key={at}
              class={`frame hue-${hueOf(frame.name)} ${frame === chosen ? "chosen" : ""} ${isFound ? "found" : ""} ${frame.depth < zoom.depth ? "above" : ""}`}
              style={{ left: `${left}%`, width: `${width}%`, top: `${frame.depth * rowHeight}px` }}
              onPointerEnter={() => {
                pointed.value = frame;
              }}
              onClick={() => zoomTo(frame)}
            >
              {width >= leastNamed && nameOr(frame.name, "(no name)")}
            </div>
          );
        })}
      </figure>
      <WideTable label="Functions that used most">
        <ColumnHeads columns={["function", "file", { figure: "itself" }, { figure: "with what it calls" }]} />
        <tbody>
          {functions.map(({ name = "", file = "", self, total }) => (
            <tr key={JSON.stringify([name, file])}>
              <td class="mono">
                <NameText name={name} none="(no name)" />
              </td>
              <td class="mono quiet">
                <NameText name={file} none="" />
              </td>
              <td class="figure">
                {text(self)} {share(Number(self ?? 0))}
              </td>
              <td class="figure">
                {text(total)} {share(Number(total ?? 0))}
              </td>
            </tr>
          ))}
        </tbody>
      </WideTable>
    </>
  );
}

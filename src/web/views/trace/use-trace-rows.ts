import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { route, setParams } from "../../state/address.ts";
import { type levelCollapsed, parentsBelowRoots } from "./fold-levels.ts";
import { eachNodes, eachText, foldedNodes, foldText } from "./fold-params.ts";
import { marksOf } from "./marks.ts";
import { ancestors } from "./span-nodes.ts";
import type { TraceData } from "./trace-data.ts";
import { useSpanSet } from "./use-span-set.ts";
import { markOf, repeatsOf, repeatsWith, visibleRows } from "./waterfall.ts";

/** The rows of a trace, of which some are folded and one is chosen. */
export function useTraceRows(data: TraceData) {
  const { nodes } = data;
  const marks = useMemo(() => marksOf(data), [data]);
  const indexOf = useMemo(() => new Map(nodes.map(({ key }, index) => [key, index])), [nodes]);
  const readFolds = useCallback((text: string) => foldedNodes(nodes, indexOf, text), [nodes, indexOf]);
  const [collapsed, setCollapsed] = useSpanSet("fold", readFolds, (next) => foldText(nodes, next));
  const repeats = useMemo(() => repeatsOf(nodes, marks), [nodes, marks]);
  const readEach = useCallback((text: string) => eachNodes(repeats, indexOf, text), [repeats, indexOf]);
  /** One of each row of spans alike that is shown span by span. */
  const [opened, setOpened] = useSpanSet("each", readEach, (next) => eachText(nodes, repeats, next));
  const { span = "", mark = "" } = route.value.params;
  const named = indexOf.get(span) ?? -1;
  /** The log record or event that is chosen. */
  const chosen = useMemo(() => (mark === "" ? undefined : markOf(marks, named, mark)), [marks, named, mark]);
  const selectedNode = chosen?.node ?? named;
  const openedNow = repeatsWith(repeats, selectedNode);
  const rows = useMemo(() => {
    const isOpened = (first: number, count: number) => {
      for (let index = first; index < first + count; index++) if (opened.has(index)) return true;
      return first === openedNow;
    };
    const closed = [...repeats].filter(([first, count]) => !isOpened(first, count));
    return visibleRows(nodes, collapsed, marks, new Map(closed));
  }, [nodes, collapsed, marks, repeats, opened, openedNow]);
  const rowOf = useMemo(() => {
    return new Map(rows.flatMap((row, index) => (row.kind === "span" ? [[row.node, index]] : [])));
  }, [rows]);
  /** The span that stands first in the row of spans alike that is selected, by its key; else "". */
  const alikes = useSignal("");
  const otherRow = useMemo(() => {
    const first = indexOf.get(alikes.value);
    return rows.findIndex((row) =>
      row.kind === "mark"
        ? row.node === chosen?.node && row.mark.key === chosen.mark.key
        : row.kind === "repeats" && row.node === first,
    );
  }, [rows, chosen, indexOf, alikes.value]);
  /** How often something was folded: the chosen row is looked for again then, and not when spans come. */
  const foldings = useRef(0);

  const selectNode = (node: number) => {
    const key = nodes[node]?.key;
    if (key === undefined) return;
    const above = ancestors(nodes, node);
    if (above.some((index) => collapsed.has(index))) {
      setCollapsed([...collapsed].filter((index) => !above.includes(index)));
    }
    const alike = repeatsWith(repeats, node);
    if (alike >= 0 && !opened.has(alike)) setOpened([...opened, alike]);
    alikes.value = "";
    setParams({ span: key, mark: "" });
  };
  const selectRow = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    if (row.kind === "span") return selectNode(row.node);
    const key = nodes[row.node]?.key ?? "";
    alikes.value = row.kind === "repeats" ? key : "";
    setParams(row.kind === "repeats" ? { span: "", mark: "" } : { span: key, mark: row.mark.key });
  };
  /** Folds these spans alone. A span that is chosen and hidden by that gives way to the one that hides it. */
  const foldOnly = (next: ReadonlySet<number>) => {
    const hidden = ancestors(nodes, selectedNode).findLast((index) => next.has(index));
    if (hidden !== undefined || mark !== "") {
      setParams({ span: nodes[hidden ?? selectedNode]?.key ?? "", mark: "" });
    }
    alikes.value = "";
    foldings.current += 1;
    setCollapsed(next);
  };
  return {
    rows,
    collapsed,
    marks,
    chosenMark: chosen?.mark,
    selectedNode,
    selectedRow: otherRow >= 0 ? otherRow : (rowOf.get(selectedNode) ?? -1),
    /** Names the row that is selected; another one when it is to be looked for again. */
    selectedKey: `${chosen?.mark.key ?? alikes.value} ${nodes[selectedNode]?.key} ${foldings.current}`,
    selectNode,
    selectRow,
    fold(node: number, isFolded: boolean) {
      const next = new Set(collapsed);
      const hasChildren = (nodes[node]?.end ?? 0) > node + 1;
      if (isFolded && hasChildren) next.add(node);
      else next.delete(node);
      foldOnly(next);
    },
    foldAll(isFolded: boolean) {
      setOpened(isFolded ? [] : repeats.keys());
      foldOnly(new Set(isFolded ? parentsBelowRoots(nodes) : []));
    },
    foldLevel: (change: typeof levelCollapsed) => foldOnly(change(nodes, collapsed)),
  };
}

import type { Metric, Operation, Summary } from "./summary.ts";

/** Spans of an operation, in one of the two. */
interface Figures {
  readonly count: number;
  readonly errors: number;
  /** Spans with a duration: what the quantiles are told of. */
  readonly samples: number;
  readonly medianNanos: number | undefined;
  readonly p95Nanos: number | undefined;
}

type Change = "came" | "went" | "stayed";

interface OperationName extends Pick<Operation, "service" | "name" | "kind"> {}

interface ComparedOperation extends OperationName {
  readonly change: Change;
  readonly before: Figures | undefined;
  readonly after: Figures | undefined;
}

interface ComparedEdge {
  readonly change: "came" | "went";
  /** Null when the child is a root span. */
  readonly parent: OperationName | null;
  readonly child: OperationName;
}

interface ComparedLogs {
  readonly service: string;
  readonly severity: string;
  readonly before: number;
  readonly after: number;
}

export interface Comparison {
  /** Whether operations, edges or metrics came or went. Counts, errors and durations alone are no difference. */
  readonly differs: boolean;
  readonly operations: readonly ComparedOperation[];
  /** Those between operations that are in both: the others came or went with their operations. */
  readonly edges: readonly ComparedEdge[];
  readonly logs: readonly ComparedLogs[];
  readonly metrics: readonly (Metric & { readonly change: "came" | "went" })[];
}

/** @param before and @param after are finished summaries */
export function compare(before: Summary, after: Summary): Comparison {
  const operations = keysOf(before.operations, after.operations).map((key) => {
    const [left, right] = [before.operations.get(key), after.operations.get(key)];
    const { service, name, kind } = (left ?? right) as Operation;
    const change: Change = left === undefined ? "came" : right === undefined ? "went" : "stayed";
    return { service, name, kind, change, before: figuresOf(left), after: figuresOf(right) };
  });
  const edges = changedEdges(before, after);
  const metrics = keysOf(before.metrics, after.metrics).flatMap((key) => {
    const [left, right] = [before.metrics.get(key), after.metrics.get(key)];
    if (left !== undefined && right !== undefined) return [];
    return [{ ...((left ?? right) as Metric), change: changeOf(left === undefined) }];
  });
  const logs = keysOf(before.logs, after.logs).map((key) => {
    const [left, right] = [before.logs.get(key), after.logs.get(key)];
    const { service = "", severity = "" } = left ?? right ?? {};
    return { service, severity, before: left?.count ?? 0, after: right?.count ?? 0 };
  });
  const differs =
    operations.some(({ change }) => change !== "stayed") || edges.length > 0 || metrics.length > 0;
  return { differs, operations, edges, logs, metrics };
}

function changedEdges(before: Summary, after: Summary): ComparedEdge[] {
  const isInBoth = (key: string) => key === "" || (before.operations.has(key) && after.operations.has(key));
  return keysOf(before.edges, after.edges).flatMap((key) => {
    const [left, right] = [before.edges.get(key), after.edges.get(key)];
    const edge = left ?? right;
    if (edge === undefined || (left !== undefined && right !== undefined)) return [];
    if (!isInBoth(edge.parent) || !isInBoth(edge.child)) return [];
    const child = nameOf(before.operations.get(edge.child));
    if (child === undefined) return [];
    return [
      {
        change: changeOf(left === undefined),
        parent: nameOf(before.operations.get(edge.parent)) ?? null,
        child,
      },
    ];
  });
}

function changeOf(isNew: boolean): "came" | "went" {
  return isNew ? "came" : "went";
}

/** The keys of both, in order of service and name. */
function keysOf(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort();
}

function nameOf(operation: Operation | undefined): OperationName | undefined {
  if (operation === undefined) return undefined;
  const { service, name, kind } = operation;
  return { service, name, kind };
}

function figuresOf(operation: Operation | undefined): Figures | undefined {
  if (operation === undefined) return undefined;
  const { count, errors, nanos } = operation;
  return {
    count,
    errors,
    samples: nanos.count,
    medianNanos: nanos.quantile(0.5),
    p95Nanos: nanos.quantile(0.95),
  };
}

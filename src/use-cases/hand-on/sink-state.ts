import type { Signal } from "../../domain/signal.ts";
import type { SinkPolicy } from "../../domain/sink-policy.ts";
import type { LastFailure } from "./lane-figures.ts";

/** How handing on one signal to one sink goes. Figures count since the start. */
export interface LaneState {
  /** Whether the last try failed; it is made again. */
  readonly isFailing: boolean;
  /** Whether the last requests were refused for good, as a whole: nothing is tried again, and items are lost. */
  readonly isRefusing: boolean;
  /** Items that were accepted, and neither handed on nor refused nor missed. */
  readonly backlogItems: number;
  readonly backlogBytes: number;
  /** How long ago the oldest of the backlog arrived, to the second; 0 without a backlog. */
  readonly oldestMs: number;
  /** Items that the sink has. */
  readonly delivered: number;
  /** Tries that were made again. */
  readonly retried: number;
  /** Items evicted or cleared before they were handed on. */
  readonly missed: number;
  /** Items that the sink will not take. */
  readonly refused: number;
  readonly lastFailure: LastFailure | undefined;
}

/** How handing on to one sink goes. */
export interface SinkState {
  readonly name: string;
  readonly policy: SinkPolicy;
  readonly signals: Readonly<Record<Signal, LaneState>>;
}

/** What the API and `/health` call the state. */
export function stateWord({ isFailing, isRefusing }: LaneState): "ok" | "failing" | "refusing" {
  if (isFailing) return "failing";
  return isRefusing ? "refusing" : "ok";
}

/** The figures of all signals together. */
export function totalOf({ signals }: SinkState): LaneState {
  const lanes = Object.values(signals);
  const sum = (figure: (lane: LaneState) => number) => lanes.reduce((total, lane) => total + figure(lane), 0);
  const failures = lanes.map(({ lastFailure }) => lastFailure).filter((failure) => failure !== undefined);
  return {
    isFailing: lanes.some(({ isFailing }) => isFailing),
    isRefusing: lanes.some(({ isRefusing }) => isRefusing),
    backlogItems: sum(({ backlogItems }) => backlogItems),
    backlogBytes: sum(({ backlogBytes }) => backlogBytes),
    oldestMs: Math.max(...lanes.map(({ oldestMs }) => oldestMs)),
    delivered: sum(({ delivered }) => delivered),
    retried: sum(({ retried }) => retried),
    missed: sum(({ missed }) => missed),
    refused: sum(({ refused }) => refused),
    lastFailure: failures.toSorted((a, b) => a.unixMs - b.unixMs).at(-1),
  };
}

import type { FoldedStackJson } from "../../../../gen/obsvty/v1/query_pb.ts";

/** A function, called by the ones above it. Values are doubles: a share of what is measured needs no more. */
export interface Frame {
  readonly name: string;
  readonly value: number;
  /** The part of the value that no function below it has. */
  readonly self: number;
  readonly depth: number;
  /** Where it begins, in the profile's unit, when all stacks lie side by side. */
  readonly start: number;
  readonly parent: Frame | undefined;
  readonly children: readonly Frame[];
}

interface Growing extends Frame {
  value: number;
  self: number;
  start: number;
  readonly parent: Growing | undefined;
  readonly children: Growing[];
}

/** The functions of a profile as a tree, the largest first, below a frame for all of it. Values below 0 count as 0. */
export function flameTree(stacks: readonly FoldedStackJson[], rootName: string): Frame {
  const root: Growing = {
    name: rootName,
    value: 0,
    self: 0,
    depth: 0,
    start: 0,
    parent: undefined,
    children: [],
  };
  const known = new Map<Growing, Map<string, Growing>>();
  const below = (parent: Growing, name: string): Growing => {
    let ofParent = known.get(parent);
    if (ofParent === undefined) {
      ofParent = new Map();
      known.set(parent, ofParent);
    }
    let frame = ofParent.get(name);
    if (frame === undefined) {
      frame = { name, value: 0, self: 0, depth: parent.depth + 1, start: 0, parent, children: [] };
      ofParent.set(name, frame);
      parent.children.push(frame);
    }
    return frame;
  };
  for (const { stack = "", value: text } of stacks) {
    const value = Math.max(0, Number(text ?? 0));
    let frame = root;
    root.value += value;
    for (const name of stack === "" ? [] : stack.split(";")) {
      frame = below(frame, name);
      frame.value += value;
    }
    frame.self += value;
  }
  // Not by recursion: a stack may have 512 functions, and a tree is as deep.
  const open = [root];
  for (let frame = open.pop(); frame !== undefined; frame = open.pop()) {
    frame.children.sort((one, other) => other.value - one.value || (one.name < other.name ? -1 : 1));
    let start = frame.start;
    for (const child of frame.children) {
      child.start = start;
      start += child.value;
    }
    open.push(...frame.children);
  }
  return root;
}

export interface Box {
  readonly frame: Frame;
  /** In percent of the width. */
  readonly left: number;
  readonly width: number;
}

/**
 * The frames to draw when `zoom` has the whole width: it, all below it, and those above it.
 * @param least width of a frame that can be seen, in percent; smaller ones and what is below them are left out
 */
export function boxesOf(zoom: Frame, least: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let above = zoom.parent; above !== undefined; above = above.parent) {
    boxes.push({ frame: above, left: 0, width: 100 });
  }
  const whole = Math.max(zoom.value, Number.MIN_VALUE);
  const open = [zoom];
  for (let frame = open.pop(); frame !== undefined; frame = open.pop()) {
    const width = frame === zoom ? 100 : (frame.value / whole) * 100;
    if (width < least) continue;
    boxes.push({ frame, left: ((frame.start - zoom.start) / whole) * 100, width });
    open.push(...frame.children);
  }
  return boxes;
}

/** The frame that a path of names leads to, or the nearest one above it that there is. */
export function frameAt(root: Frame, path: readonly string[]): Frame {
  let frame = root;
  for (const name of path) {
    const next = frame.children.find((child) => child.name === name);
    if (next === undefined) break;
    frame = next;
  }
  return frame;
}

export function pathOf(frame: Frame): readonly string[] {
  const names: string[] = [];
  for (let at = frame; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  return names;
}

/** The value of all stacks that have a function with this text in its name, each counted once. */
export function valueWith(root: Frame, text: string): number {
  const wanted = text.toLowerCase();
  let value = 0;
  const open: Frame[] = [...root.children];
  for (let frame = open.pop(); frame !== undefined; frame = open.pop()) {
    if (frame.name.toLowerCase().includes(wanted)) value += frame.value;
    else open.push(...frame.children);
  }
  return value;
}

/** The frame that an arrow key leads to: up and down in the stack, left and right among those of one caller. */
export function neighbour(frame: Frame, key: "up" | "down" | "left" | "right"): Frame {
  if (key === "up") return frame.parent ?? frame;
  if (key === "down") return frame.children[0] ?? frame;
  const siblings = frame.parent?.children ?? [frame];
  return siblings[siblings.indexOf(frame) + (key === "left" ? -1 : 1)] ?? frame;
}

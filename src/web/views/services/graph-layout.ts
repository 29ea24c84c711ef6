import type { ServiceCallsJson } from "../../../../gen/obsvty/v1/query_pb.ts";

/*
 * Where services stand in the graph: callers to the left of what they call, in layers, and in each layer so that few
 * lines cross (the method of Sugiyama, with barycenters). What calls back to the left does not move anything.
 */

export interface GraphNode {
  readonly name: string;
  /** It has sent nothing, and is known by its callers alone. */
  readonly peer: boolean;
  readonly x: number;
  readonly y: number;
}

export interface GraphEdge {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly calls: ServiceCallsJson;
  /** The path of the line, as SVG has it. */
  readonly path: string;
  /** Where its text stands. */
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly width: number;
  readonly height: number;
}

export const nodeWidth = 150;
export const nodeHeight = 26;
const layerGap = 150;
const rowGap = 30;
const margin = 10;
/** Room to the right for the line of a service that calls itself, and above the first row. */
const loopSize = 24;
const sweeps = 6;

interface Placed {
  readonly name: string;
  readonly peer: boolean;
  readonly callees: Placed[];
  readonly callers: Placed[];
  layer: number;
  row: number;
}

const keyOf = (name: string, peer: boolean) => `${peer ? "peer" : "service"} ${name}`;

/** @param services the names of all that have sent spans, also those that call nobody */
export function layOut(calls: readonly ServiceCallsJson[], services: readonly string[]): GraphLayout {
  const placed = new Map<string, Placed>();
  const nodeOf = (name: string, peer: boolean): Placed => {
    const key = keyOf(name, peer);
    const known = placed.get(key);
    if (known !== undefined) return known;
    const made: Placed = { name, peer, callees: [], callers: [], layer: 0, row: 0 };
    placed.set(key, made);
    return made;
  };
  for (const name of services) nodeOf(name, false);
  const pairs = calls.map((one) => {
    const { caller = "", callee = "", peer = false } = one;
    return { caller: nodeOf(caller, false), callee: nodeOf(callee, peer), calls: one };
  });
  const nodes = [...placed.values()];
  for (const { caller, callee } of pairs) {
    if (caller !== callee && !reaches(callee, caller)) {
      caller.callees.push(callee);
      callee.callers.push(caller);
    }
  }
  const layers = order(assignLayers(nodes));
  const tallest = Math.max(0, ...layers.map((layer) => layer.length));
  const rowHeight = nodeHeight + rowGap;
  const at = new Map<Placed, GraphNode>();
  for (const [index, layer] of layers.entries()) {
    const top = margin + loopSize + ((tallest - layer.length) * rowHeight) / 2;
    for (const [row, { name, peer }] of layer.entries()) {
      const x = margin + index * (nodeWidth + layerGap);
      at.set(layer[row]!, { name, peer, x, y: top + row * rowHeight });
    }
  }
  return {
    nodes: [...at.values()],
    edges: pairs.map(({ caller, callee, calls }) => edgeBetween(at.get(caller)!, at.get(callee)!, calls)),
    width: margin * 2 + layers.length * (nodeWidth + layerGap) - layerGap + loopSize,
    height: margin * 2 + loopSize + tallest * rowHeight,
  };
}

/** Whether one leads to the other by the lines that are there so far: the line back would close a circle. */
function reaches(from: Placed, to: Placed): boolean {
  const seen = new Set([from]);
  for (const node of seen) {
    if (node === to) return true;
    for (const callee of node.callees) seen.add(callee);
  }
  return false;
}

/** Each one layer to the right of its farthest caller. */
function assignLayers(nodes: readonly Placed[]): Placed[][] {
  const open = new Map(nodes.map((node) => [node, node.callers.length]));
  const ready = nodes.filter(({ callers }) => callers.length === 0);
  for (const node of ready) {
    for (const callee of node.callees) {
      callee.layer = Math.max(callee.layer, node.layer + 1);
      const left = (open.get(callee) ?? 0) - 1;
      open.set(callee, left);
      if (left === 0) ready.push(callee);
    }
  }
  const layers: Placed[][] = [];
  for (const node of nodes) {
    layers[node.layer] ??= [];
    layers[node.layer]?.push(node);
  }
  return Array.from(layers, (layer) => layer ?? []);
}

/** Orders each layer by where the neighbours in the layers before it stand, and then by those after it, and so on. */
function order(layers: Placed[][]): Placed[][] {
  const number = (layer: readonly Placed[]) => {
    for (const [row, node] of layer.entries()) node.row = row - layer.length / 2;
  };
  for (const layer of layers) {
    layer.sort((one, other) => (keyOf(one.name, one.peer) < keyOf(other.name, other.peer) ? -1 : 1));
    number(layer);
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    for (const layer of forward ? layers : layers.toReversed()) {
      const middle = new Map(
        layer.map((node) => {
          const neighbours = forward ? node.callers : node.callees;
          const sum = neighbours.reduce((rows, { row }) => rows + row, 0);
          return [node, neighbours.length === 0 ? node.row : sum / neighbours.length];
        }),
      );
      layer.sort((one, other) => (middle.get(one) ?? 0) - (middle.get(other) ?? 0));
      number(layer);
    }
  }
  return layers;
}

function edgeBetween(from: GraphNode, to: GraphNode, calls: ServiceCallsJson): GraphEdge {
  const y1 = from.y + nodeHeight / 2;
  const y2 = to.y + nodeHeight / 2;
  if (from === to) {
    const x = from.x + nodeWidth;
    const path = `M ${x - 30} ${from.y} C ${x - 30} ${from.y - loopSize}, ${x + loopSize} ${from.y - loopSize}, ${x} ${y1}`;
    return { from, to, calls, path, x: x - 10, y: from.y - loopSize + 8 };
  }
  if (to.x > from.x) {
    const [x1, x2] = [from.x + nodeWidth, to.x];
    const bend = Math.min(layerGap / 2, (x2 - x1) / 2);
    const path = `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`;
    return { from, to, calls, path, x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  }
  // Back to the left, or within a layer: around below both.
  const [x1, x2] = [from.x + nodeWidth / 2, to.x + nodeWidth / 2];
  const low = Math.max(from.y, to.y) + nodeHeight + rowGap;
  const path = `M ${x1} ${from.y + nodeHeight} C ${x1} ${low}, ${x2} ${low}, ${x2} ${to.y + nodeHeight}`;
  return { from, to, calls, path, x: (x1 + x2) / 2, y: low - rowGap / 4 };
}

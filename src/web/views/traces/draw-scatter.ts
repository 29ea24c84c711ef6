import type { TraceSummaryJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { themeColours } from "../../parts/theme.ts";
import type { ScatterPlan } from "./scatter.ts";

const radius = 2.5;

export function drawScatter(
  canvas: HTMLCanvasElement,
  { points }: ScatterPlan,
  marked: TraceSummaryJson | undefined,
): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  pen.scale(devicePixelRatio, devicePixelRatio);
  const colour = themeColours(canvas.parentElement ?? document.body);
  pen.fillStyle = colour("accent");
  pen.globalAlpha = 0.55;
  for (const { x, y, failed } of points) {
    if (failed) continue;
    pen.beginPath();
    pen.arc(x * width, y * height, radius, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.globalAlpha = 1;
  pen.fillStyle = colour("error");
  for (const { x, y, failed } of points) {
    if (failed) diamond(pen, x * width, y * height, radius + 2);
  }
  const chosen = points.find(({ trace }) => trace === marked);
  if (chosen === undefined) return;
  pen.strokeStyle = colour("text");
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(chosen.x * width, chosen.y * height, radius + 4, 0, 2 * Math.PI);
  pen.stroke();
}

function diamond(pen: CanvasRenderingContext2D, x: number, y: number, reach: number): void {
  pen.beginPath();
  pen.moveTo(x, y - reach);
  pen.lineTo(x + reach, y);
  pen.lineTo(x, y + reach);
  pen.lineTo(x - reach, y);
  pen.fill();
}

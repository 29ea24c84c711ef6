import type { parse } from "@bufbuild/cel";

export type Expression = ReturnType<typeof parse>["expr"];
export type ExpressionOf<Case extends Expression["exprKind"]["case"]> = Extract<
  Expression["exprKind"],
  { case: Case }
>["value"];

/** Beside a constant, no more of a value is looked at than the constant has. */
export function spendOnAll(call: ExpressionOf<"callExpr">): void {
  if (call.function !== "@in" && call.args.some(isConstant)) return;
  call.args = call.args.map((arg) => (isConstant(arg) ? arg : callOf("@whole", [arg])));
}

function isConstant({ exprKind }: Expression): boolean {
  return exprKind.case === "constExpr";
}

export function callOf(name: string, args: Expression[]): Expression {
  return {
    $typeName: "cel.expr.Expr",
    id: 0n,
    exprKind: { case: "callExpr", value: { $typeName: "cel.expr.Expr.Call", function: name, args } },
  };
}

export function intOf(value: bigint): Expression {
  return {
    $typeName: "cel.expr.Expr",
    id: 0n,
    exprKind: {
      case: "constExpr",
      value: { $typeName: "cel.expr.Constant", constantKind: { case: "int64Value", value } },
    },
  };
}

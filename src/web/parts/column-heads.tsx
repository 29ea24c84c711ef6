import type { JSX } from "preact";

/** What a column is called; a column of figures stands at the right. */
export type ColumnHead = string | { readonly figure: string };

/** The head of a table that is not sorted by its columns. */
export function ColumnHeads({ columns }: { readonly columns: readonly ColumnHead[] }): JSX.Element {
  return (
    <thead>
      <tr>
        {columns.map((column) =>
          typeof column === "string" ? (
            <th key={column} scope="col">
              {column}
            </th>
          ) : (
            <th key={column.figure} scope="col" class="figure">
              {column.figure}
            </th>
          ),
        )}
      </tr>
    </thead>
  );
}

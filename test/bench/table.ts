/** One line of a table in plain text. */
export function row(...cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(12)).join(' ');
}

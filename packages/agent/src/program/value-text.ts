/** A value before or after a change, in a cell: what is more than a line is in `-o json`, and in the file that keeps the change. */
export const valueText = (value: string | undefined): string => {
  const lines = value?.trimEnd().split('\n') ?? ['<none>']
  return lines.length > 1 ? `${lines.length} lines` : (lines[0] ?? '')
}

/**
 * A value before or after a change, for a table cell. `-o json`, and the file that keeps the change, have all lines
 * of a longer value.
 */
export const valueText = (value: string | undefined): string => {
  const lines = value?.trimEnd().split('\n') ?? ['<none>']
  return lines.length > 1 ? `${lines.length} lines` : (lines[0] ?? '')
}

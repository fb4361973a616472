export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path such as `spec.nodeName`. */
export const fieldAt = (object: unknown, path: string): unknown => {
  let value = object
  for (const name of path.split('.')) value = isRecord(value) ? value[name] : undefined
  return value
}

/** A function that gives the value at the path as text, for field selectors. */
export const textAt =
  (path: string, otherwise = '') =>
  (object: object): string =>
    String(fieldAt(object, path) ?? otherwise)

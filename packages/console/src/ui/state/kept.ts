/** The value that this browser keeps under a name. Undefined if it keeps none, or nothing at all. */
export const kept = (name: string): string | undefined => {
  try {
    return localStorage.getItem(name) ?? undefined
  } catch {
    return undefined
  }
}

/** Has the browser keep a choice of the person. A browser that keeps nothing asks again the next time. */
export const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(name, value)
  } catch {
    // a choice is good for this page alone
  }
}

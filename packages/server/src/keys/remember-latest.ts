/**
 * Makes `read` remember what it read last, for texts that come again and again and take long to parse. It keeps the results of
 * at most `most` texts, and forgets the one first that was asked for longest ago.
 */
export const rememberLatest = <T>(read: (text: string) => T, most: number): ((text: string) => T) => {
  // the latest at the end
  const latest = new Map<string, { result: T }>()
  return (text) => {
    const known = latest.get(text) ?? { result: read(text) }
    latest.delete(text)
    if (latest.size === most) latest.delete(latest.keys().next().value ?? '')
    latest.set(text, known)
    return known.result
  }
}

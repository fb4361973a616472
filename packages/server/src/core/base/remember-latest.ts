/**
 * Makes `read` remember what it read last, for texts that come again and again and take long to parse. The texts that it remembers have
 * at most `most` characters together. It forgets the one first that was asked for longest ago.
 */
export const rememberLatest = <T>(read: (text: string) => T, most: number): ((text: string) => T) => {
  // the latest at the end
  const latest = new Map<string, { result: T }>()
  let characters = 0
  const forget = (text: string): void => {
    if (latest.delete(text)) characters -= text.length
  }
  return (text) => {
    const known = latest.get(text) ?? { result: read(text) }
    forget(text)
    latest.set(text, known)
    characters += text.length
    for (const oldest of latest.keys()) {
      if (characters <= most) break
      forget(oldest)
    }
    return known.result
  }
}

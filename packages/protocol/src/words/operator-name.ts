/**
 * The header in which the command says who uses it. Whoever opens the socket is root and may write anything there: it is a
 * label, and decides nothing.
 */
export const operatorHeader = 'joinery-operator'

/** What a name looks like in that header. */
export const operatorNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,63} \(uid \d{1,10}\)$/

/** `alice (uid 1000)`, of at most 64 characters of a name: safe in a log and on a terminal. */
export const isOperatorName = (text: string): boolean => operatorNamePattern.test(text)

/** Undefined where the name is none that can be a label. */
export const operatorName = (user: string, uid: string | number): string | undefined => {
  const name = `${user} (uid ${uid})`
  return isOperatorName(name) ? name : undefined
}

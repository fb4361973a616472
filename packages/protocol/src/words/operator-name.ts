/**
 * The header in which the command says who uses it. Anybody who opens the socket is root and may write anything
 * there. So it is a label, and decides nothing.
 */
export const operatorHeader = 'joinery-operator'

/** The form of an operator's name in that header. */
export const operatorNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,63} \(uid \d{1,10}\)$/

/**
 * True for text like `alice (uid 1000)`, with a name of at most 64 characters. It is safe in a log and on a terminal.
 */
export const isOperatorName = (text: string): boolean => operatorNamePattern.test(text)

/** The label of an operator. Undefined if the user's name cannot be part of a label. */
export const operatorName = (user: string, uid: string | number): string | undefined => {
  const name = `${user} (uid ${uid})`
  return isOperatorName(name) ? name : undefined
}

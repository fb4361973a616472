/** Characters of a reason on the ban list: one ConfigMap holds all names that were ever removed. */
const kept = 128

/** The reason of a ban, as the list holds it: a machine may have a word in it, of any length. */
export const shortReason = (reason: string): string => {
  const characters = [...reason]
  return characters.length <= kept ? reason : `${characters.slice(0, kept - 3).join('')}...`
}

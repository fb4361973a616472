/** Number of groups that a machine shows on its console: 80 bits, as `shortFingerprint` of the protocol has them. */
const compared = 5

/** A key in groups of four digits: those that a person compares with the console of the machine, and the rest. */
export interface KeyGroups {
  compared: string[]
  rest: string[]
}

/** The groups of a fingerprint such as `sha256:4f1c22ab...`. None if there is no key. */
export const keyGroups = (fingerprint: string): KeyGroups => {
  const groups = fingerprint.replace(/^sha256:/, '').match(/.{1,4}/g) ?? []
  return { compared: groups.slice(0, compared), rest: groups.slice(compared) }
}

/** The short form of a key, as the machine's console shows it. */
export const shortKey = (fingerprint: string): string => keyGroups(fingerprint).compared.join('-')

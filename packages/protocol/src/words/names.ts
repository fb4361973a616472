/** RFC 1123 subdomain, as Kubernetes requires for the name of a Node: at most 253 characters, labels of at most 63. */
const subdomain = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/

export const isNodeName = (name: string): boolean => name.length <= 253 && subdomain.test(name)

/** Untrusted text made safe to print on a terminal: control characters and other scripts are escaped. */
export const escapeText = (text: string): string =>
  text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)

/** The counter in a name pattern, like `worker-{n}`. It stands for the lowest number whose name is free. */
const counter = '{n}'

export const numberedName = (pattern: string, number: number): string => pattern.replace(counter, String(number))

/** True for a node name with one `{n}` in it that stays valid with numbers of five digits. */
export const isNamePattern = (text: string): boolean =>
  text.split(counter).length === 2 && isNodeName(numberedName(text, 99_999))

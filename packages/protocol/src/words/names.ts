/** RFC 1123 subdomain, as Kubernetes asks of a Node's name: at most 253 characters, labels of at most 63. */
const subdomain = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/

export const isNodeName = (name: string): boolean => name.length <= 253 && subdomain.test(name)

/** Untrusted text made safe to print on a terminal: control characters and other scripts are escaped. */
export const escapeText = (text: string): string =>
  text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)

/** In a name pattern, like `worker-{n}`: the lowest number whose name is free. */
const counter = '{n}'

export const numberedName = (pattern: string, number: number): string => pattern.replace(counter, String(number))

/** A node name with one `{n}` in it, also with numbers of five digits. */
export const isNamePattern = (text: string): boolean =>
  text.split(counter).length === 2 && isNodeName(numberedName(text, 99_999))

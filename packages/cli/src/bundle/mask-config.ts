import { parse, stringify } from 'yaml'

/** Keys of secrets. A key for the path of a file with a secret is not one of them. */
const secretKey = /secret|token|passw|phrase|auth|private|keys?$|cookie|header|bearer|signing/i
const pathKey = /(file|path)$/i

/** Text of letters and digits that is too long for a word. */
const opaque = /^[A-Za-z0-9+=_-]{24,}$/

const masked = '<masked>'

/**
 * A configuration in YAML without the values that may be secrets: those of keys with such a name, what is behind the host of a
 * URL, and long texts of letters and digits. Comments go too. Throws without a word of the text if it is no YAML.
 */
export const maskConfig = (text: string): string => {
  const read = (): unknown => {
    try {
      return parse(text)
    } catch {
      throw new Error('it is no YAML')
    }
  }
  return stringify(mask(read(), ''))
}

const mask = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => mask(one, key))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      // all that is in a section of secrets is one
      Object.entries(value).map(([name, one]) => [name, mask(one, secretKey.test(key) ? key : name)])
    )
  }
  if (typeof value === 'boolean' || value === null) return value
  if (secretKey.test(key) && !pathKey.test(key)) return masked
  return typeof value === 'string' ? maskText(value) : value
}

const maskText = (text: string): string => {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return maskUrl(text)
  return opaque.test(text) ? masked : text
}

/** A URL of a service for messages is a secret in its path. */
const maskUrl = (text: string): string => {
  const [, begin = '', user = '', host = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/is.exec(text) ?? []
  return `${begin}${user === '' ? '' : `${masked}@`}${host}${rest === '' || rest === '/' ? rest : `/${masked}`}`
}

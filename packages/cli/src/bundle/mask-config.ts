import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import { secrecyOf } from '@joinery/host/text/secrets/secret-name'
import { parse, stringify } from 'yaml'

/** Keys of sections and texts in which anything may be a secret, beside those whose names say so. */
const closed = /headers|private|signing|bearer|cookie|phrase|pass|note|comment|description|remark/i

/** True if what stands below the key may be a secret. A key for the path of a file with a secret is not one of them. */
const isSecretKey = (key: string): boolean =>
  !/(file|path)$/i.test(key) && (closed.test(key) || secrecyOf(key) !== undefined)

/** Texts as the settings of a server are: a word, a time, a number of times, a path, an address, with or without a port. */
const plain =
  /^(?:[a-z]+(?:-[a-z]+)*|\d+[a-z]?|auto \d+|(?:\/[\w.@-]+)+\/?|\[?[0-9a-f.:]*\]?:\d+|(?:\d+\.){3}\d+(?:\/\d+)?|[0-9a-f]*:[0-9a-f:]+(?:\/\d+)?|(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?|[a-z0-9-]+:\d+)$/

const masked = '<secret>'

/**
 * A configuration in YAML without the values that may be secrets. A text is shown if its key is no name of a secret, and it looks like a
 * setting. Of a URL nothing behind its host is shown. Comments go too. Throws without a word of the text if it is no YAML.
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
      Object.entries(value).map(([name, one]) => [name, mask(one, isSecretKey(key) ? key : name)])
    )
  }
  if (typeof value === 'boolean' || value === null) return value
  if (isSecretKey(key) && !(key === 'credential' && (value === 'token' || value === 'certificate'))) return masked
  return typeof value === 'string' ? maskText(value) : value
}

const maskText = (text: string): string => {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return maskUrl(text)
  return plain.test(text) && maskSecrets(text) === text ? text : masked
}

/** A URL of a service for messages is a secret in its path. */
const maskUrl = (text: string): string => {
  const [, begin = '', user = '', host = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/is.exec(text) ?? []
  return `${begin}${user === '' ? '' : `${masked}@`}${host}${rest === '' || rest === '/' ? rest : `/${masked}`}`
}

import type { Secrecy } from './secret-name.ts'

/** A value that cannot be a secret: none, a switch, a reference to a variable, what is hidden already, or a small number. */
const empty =
  /^(?:|true|false|yes|no|on|off|null|nil|none|undefined|unset|empty|redacted|hidden|\(hidden\)|masked|[*x.]+|(?:[a-z0-9]{3,6}[._])?<[^>]*>?|\[redacted\]|\$\{?[A-Z_][A-Z0-9_]*\}?|\$\([A-Z_][A-Z0-9_]*\)|\{\{.*|%s|%v|%q|\d{1,3})$/i

/** Words by which sentences, states and kinds begin that stand behind the name of a secret. */
const ordinary = new Set(
  `a an and another any are as at basic be bearer because been before but by can cannot certificate context could denied deprecated
  did differs disabled does do empty enabled error exceeded exists expected expires expired expiry failed failure fetch flag for forbidden
  found from generated given had has have if in incorrect input invalid is it its length malformed may mismatch missing must mtls need
  needs negotiate not node of ok okay on only open optional or present provided rbac read refresh refreshed rejected renewed required
  revoked rotated scheme secret secrets should size so some stale stored successful succeeded that the their there this to token tls
  type unable unauthorized unauthenticated unavailable unchanged unexpected unknown unsupported until used user valid value version was
  webhook were when which will with without wrong x509 you your anonymous authentication authorization key keys password serviceaccount
  serviceaccounts spire
  permission connection timeout dial eof lookup get post stat request response server client resource object http status code mount volume rpc
  signed verification provider endpoint bootstrap path file field generating loading parsing creating while during after against`.split(
    /\s+/
  )
)

const digest = /^(?:sha\d+|md5|blake\w+)[:/~-]/i
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const path = /^(?:\.{0,2}|[A-Za-z]:|~|file:\/\/)(?:[/\\][\w.@%+:-]+)+[/\\]?$/
/** Names of files, objects and hosts: small letters and digits in groups. */
const grouped = /^[a-z0-9]+(?:[-.][a-z0-9]+)+[-.]*$/
/** An object of Kubernetes or a label: `kube-system/calico-node`, `node.kubernetes.io/not-ready`. */
const object = /^[a-z0-9][a-z0-9.-]*\/[A-Za-z0-9][\w.-]*(?:[:=].*)?$/
const keyOfStore = /^[a-z0-9._-]+(?:\/[a-z0-9._-]+){2,}$/
/** A namespace and a name. */
const named = /^[a-z][a-z0-9-]*\/[a-z][a-z0-9.-]*$/
const address = /^\[?(?=[0-9a-f]*[.:])[0-9a-f.:]+\]?(?:\/\d+)?$/i

/** True if it looks made by chance: letters and digits of no word, path, name, digest or address. */
const isByChance = (value: string): boolean =>
  value.length >= 6 &&
  /[A-Za-z]/.test(value) &&
  (/\d/.test(value) || value.endsWith('=') || value.length >= 32) &&
  ![digest, uuid, path, grouped, object, keyOfStore, address].some((shape) => shape.test(value)) &&
  !/^\d+(?:\.\d+)?(?:[a-z]{1,3}|%)$/i.test(value) &&
  !/[({]/.test(value)

/** The text without these characters at its end. */
export const withoutEnd = (text: string, characters: string): string => {
  let end = text.length
  while (end > 0 && characters.includes(text[end - 1] ?? '')) end -= 1
  return text.slice(0, end)
}

/** The form in which a value is written. */
export interface Place {
  quoted: boolean
  /** True if a sentence may follow: behind a colon and a space, or behind a flag. */
  isSentence: boolean
  /** True if it is a sentence, and the name before is one plain word of it. */
  mayBeWord: boolean
}

/** True if the value is to be hidden, for a name of this secrecy. */
export const isSecret = (value: string, secrecy: Secrecy, { quoted, isSentence, mayBeWord }: Place): boolean => {
  if (empty.test(value)) return false
  const first = /^[A-Za-z0-9]+(?=[,.:;)\]]*(?:\s|$))/.exec(value)?.[0].toLowerCase()
  const isOrdinary = first !== undefined && ordinary.has(first)
  if (secrecy === 'certain') return quoted || !isSentence || !isOrdinary
  if (isOrdinary) return false
  const word = withoutEnd(value, '.,:;)]}')
  if (secrecy === 'perhaps' || (mayBeWord && !quoted)) return isByChance(word)
  return ![digest, path, named].some((shape) => shape.test(word))
}

/**
 * Degree to which the value of a name is a secret. `certain`: a password, in whatever it consists. `likely`: a secret unless it is an
 * ordinary word, a path, or the name of an object. `perhaps`: one only if it looks made by chance.
 */
export type Secrecy = 'certain' | 'likely' | 'perhaps'

/** Words that say nothing about what a value is, at the end of a name: `tokenValue`, `client-key-data`, `PASSWORD_2`. */
const fillers =
  /^(?:\d+|v\d+|old|new|prev|previous|next|current|default|value|data|text|string|str|plain|plaintext|raw|base64|b64|hex|hash|env|base)$/

const passwords =
  /(?:password|passwd|passphrase|passcode|passwort|pwd)s?$|^(?:pass|pw|pws|psk)$|^(?:db|pg|my|sql|root|user|admin|ssl|smtp|ldap|redis|mongo|rabbit|auth|bind|require|login|mail|ftp|key|store)pass$|^masterauth$/

/** Qualifiers by which a key is one that must stay secret. Others are keys of maps, of caches, of labels. */
const ofKeys =
  /^(?:api|access|secret|private|priv|encryption|encrypt|crypto|signing|sign|master|ssh|auth|account|shared|preshared|psk|server|client|storage|license|licence|service|app|application|session|ipsec|wg|wireguard|hmac|aes|root|join|recovery|unseal|deploy|subscription|functions|integration|ingest|write|admin|user|bot|consumer|host|tls|ssl|rsa|jwt|cookie|webhook|sas|datadog|stripe|sendgrid|openai|aws|gcp|azure)$/

const gluedKeys = /(?:api|access|secret|private|encryption|signing|master|account|preshared|shared)keys?$/

/** The words of a name, whatever separates them: `clientSecret`, `CLIENT_SECRET`, `client-secret`, `X-Client-Secret`. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => (/^\d+$/.test(word) ? word : word.replace(/\d+$/, '')))
    .filter((word) => word !== '')

/** Secrecy of the value of a key, a variable, a flag or a header of this name, by its last word. Undefined if it is no secret. */
export const secrecyOf = (name: string): Secrecy | undefined => {
  // a shell's own folder, mostly
  if (/^(?:OLD)?PWD$/.test(name)) return 'likely'
  const words = wordsOf(name)
  while (words.length > 1 && fillers.test(words.at(-1) ?? '')) words.pop()
  const last = words.at(-1) ?? ''
  const before = words.at(-2)
  if (passwords.test(last)) return 'certain'
  if (last === 'phrase' && before === 'pass') return 'certain'
  if (/^(?:public|pub)/.test(before ?? '') || /^pub(?:lic)?keys?$/.test(last)) return undefined
  if (gluedKeys.test(last)) return 'likely'
  // several of them: mostly a count, or a list of objects
  if (/^(?:secrets|tokens|keys|signatures|sigs|creds)$/.test(last)) return 'perhaps'
  if (/^keys?$/.test(last)) return before !== undefined && ofKeys.test(before) ? 'likely' : 'perhaps'
  if (/(?:secret|token|credentials?|authorization|apikey)$/.test(last)) return 'likely'
  // of a person who has logged in
  if (/^(?:jsession|phpsess|session|sess)id$/.test(last)) return 'perhaps'
  return /^(?:auth|cred|sig|signature|cookie|jwt|bearer|otp|totp)$/.test(last) ? 'likely' : undefined
}

/** Secrets by their looks, with what stands in their place. Nothing should ever find one: this is the net below. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '<private key>'],
  [/\bjny_[0-9A-Za-z]+/g, 'jny_<secret>'],
  // a bootstrap token; its id is public
  [/\b([a-z0-9]{6})\.[a-z0-9]{16}\b/g, '$1.<secret>'],
  [/\beyJ[\w-]{6,}(\.[\w-]*){2,4}/g, '<token>'],
  [/\bwhsec_[\w+/=-]+/g, 'whsec_<secret>'],
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, '$1 <secret>'],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi, '$1<secret>@'],
  // the value of a field that is called like one
  [
    /\b(password|passwd|secret|token|api[-_]?key)("?\s*[=:]\s*"?)(?=[^\s",;]*\d|[^\s",;]{16})[^\s",;<]{6,}/gi,
    '$1$2<secret>'
  ]
]

/** The text without anything that looks like a secret. */
export const scrub = (text: string): string =>
  secrets.reduce((scrubbed, [pattern, instead]) => scrubbed.replace(pattern, instead), text)

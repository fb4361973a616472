/** The parts of a request that say where it comes from. A header that is absent is undefined. */
export interface Asked {
  method: string
  host: string | undefined
  origin: string | undefined
  /** `Sec-Fetch-Site`: what the browser says about the page that asks. */
  site: string | undefined
  contentType: string | undefined
  /** True if it asks the API, and not for a file of the page. */
  isApi: boolean
}

/** The name under which this console is reached: `name:port`. */
export type Own = string

export type Verdict = 'fine' | 'wrong-host' | 'wrong-origin' | 'wrong-method' | 'wrong-type'

/**
 * Judges where a request comes from. Another Host is DNS rebinding. A page of another origin asks for nothing of the API, and posts
 * nothing anywhere. A post must say its origin, and be JSON, which no form can send.
 */
export const judgeRequest = ({ method, host, origin, site, contentType, isApi }: Asked, own: Own): Verdict => {
  if (host !== own) return 'wrong-host'
  const isPost = method === 'POST'
  if (!isPost && method !== 'GET' && method !== 'HEAD') return 'wrong-method'
  const isOwn = origin === `http://${own}`
  if (origin !== undefined && !isOwn) return 'wrong-origin'
  if (isPost && (!isApi || !isOwn)) return isApi ? 'wrong-origin' : 'wrong-method'
  if (isApi && site !== undefined && site !== 'same-origin' && (isPost || site !== 'none')) return 'wrong-origin'
  if (isPost && !/^application\/json(;|$)/i.test(contentType ?? '')) return 'wrong-type'
  return 'fine'
}

/** Name of the cookie. The host of a console is its own, so no other console sees it. */
export const cookieName = 'joinery'

/** The value of our cookie in a Cookie header. Undefined if it is not there, or there twice. */
export const readCookie = (header: string | undefined): string | undefined => {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .flatMap((pair) => (pair.startsWith(`${cookieName}=`) ? [pair.slice(cookieName.length + 1)] : []))
  return values.length === 1 ? values[0] : undefined
}

/** The content security policy. `styles`: hashes of the style sheets that stand in the page itself. */
export const contentPolicy = (styles: readonly string[] = []): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...styles].join(' '),
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'"
  ].join('; ')

/** Headers of every answer. */
export const guardingHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentPolicy(),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()'
}

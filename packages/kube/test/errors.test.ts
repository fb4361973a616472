import { ProblemError } from '@joinery/protocol'
import { ApiException } from '@kubernetes/client-node'
import t from 'tap'
import { explain, isUnsent } from '../src/errors.ts'

const server = 'https://192.0.2.1:6443'
const status = (code: number, message: string) =>
  new ApiException(code, '', JSON.stringify({ kind: 'Status', message }), {})
const fetchFailed = (code: string, message = code) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) })

const table: [name: string, error: Error, detail: string][] = [
  ['refused', fetchFailed('ECONNREFUSED'), `${server}: connection refused`],
  ['reset', fetchFailed('ECONNRESET'), `${server}: it closed the connection`],
  ['closed', fetchFailed('UND_ERR_SOCKET', 'other side closed'), `${server}: it closed the connection`],
  [
    'cut in the middle',
    new TypeError('terminated', { cause: fetchFailed('UND_ERR_SOCKET').cause }),
    `${server}: it closed the connection`
  ],
  [
    'refused, when it was asked what kinds it has',
    new TypeError('Failed to fetch resource metadata for v1/Any: fetch failed', {
      cause: fetchFailed('ECONNREFUSED').cause
    }),
    `${server}: connection refused`
  ],
  ['no connection in time', fetchFailed('UND_ERR_CONNECT_TIMEOUT'), `${server}: no answer in time`],
  ['call took too long', new DOMException('', 'TimeoutError'), `${server}: no answer within 10 s`],
  ['unknown name', fetchFailed('ENOTFOUND'), `${server}: its name cannot be resolved`],
  ['no route', fetchFailed('EHOSTUNREACH'), `${server}: there is no route to it`],
  [
    'other CA',
    fetchFailed('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate'),
    `${server}: its certificate is not trusted: self-signed certificate`
  ],
  [
    'other name',
    fetchFailed('ERR_TLS_CERT_ALTNAME_INVALID', 'no such name'),
    `${server}: its certificate is not trusted: no such name`
  ],
  ['anything else', fetchFailed('EWHATEVER', 'odd'), `${server}: odd`],
  ['401', new ApiException(401, 'Unauthorized', undefined, {}), 'the API server does not accept the credential (401)'],
  ['403', status(403, 'nodes is forbidden'), 'the API server forbids it (403): nodes is forbidden'],
  ['404', status(404, 'not found'), 'the API server refuses it (404): not found'],
  [
    '422',
    status(422, 'denied request: only bootstrap tokens'),
    'the API server refuses it (422): denied request: only bootstrap tokens'
  ],
  ['429', status(429, 'slow down'), 'the API server cannot serve now (429): slow down'],
  ['500', status(500, 'etcdserver: no leader'), 'the API server cannot serve now (500): etcdserver: no leader'],
  ['503 by a proxy', new ApiException(503, '', '<html>', {}), 'the API server cannot serve now (503): no reason given']
]

for (const [name, error, detail] of table) {
  t.test(`${name}: the problem is cluster-unavailable, in plain words`, async (t) => {
    const problem = await explain(server, () => Promise.reject(error)).catch((problem: unknown) => problem)
    t.ok(problem instanceof ProblemError)
    t.match(problem, { code: 'cluster-unavailable', text: { detail }, cause: error })
  })
}

const headerTable: [header: Record<string, string>, seconds: number, why: string][] = [
  [{ 'retry-after': '7' }, 7, 'as it asks'],
  [{}, 1, 'it does not say'],
  [{ 'retry-after': '0' }, 1, 'at once is no pause'],
  [{ 'retry-after': '86400' }, 60, 'a day is too long'],
  [{ 'retry-after': '9'.repeat(400) }, 60, 'so is no number at all'],
  [{ 'retry-after': '-5' }, 1, 'no time that there is'],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 1, 'a date, which no API server sends']
]
for (const code of [429, 500, 503, 504]) {
  t.test(`${code} says after how many seconds to come again`, async (t) => {
    for (const [headers, retryAfter, why] of headerTable) {
      const busy = new ApiException(code, '', '{}', headers)
      const problem = await explain(server, () => Promise.reject(busy)).catch((error: unknown) => error)
      t.equal(problem instanceof ProblemError && problem.retryAfter, retryAfter, why)
    }
  })
}

t.test('any other refusal says no seconds, whatever its header says', async (t) => {
  for (const code of [401, 403, 404, 409, 422]) {
    const refused = new ApiException(code, '', '{}', { 'retry-after': '7' })
    const problem = await explain(server, () => Promise.reject(refused)).catch((error: unknown) => error)
    t.equal(problem instanceof ProblemError && problem.retryAfter, undefined, `${code}`)
  }
})

t.test('a mistake of our own stays what it is', async (t) => {
  const mistake = new TypeError('x is not a function')
  await t.rejects(
    explain(server, () => Promise.reject(mistake)),
    mistake
  )
})

const refused = (syscall: string, code: string) => Object.assign(new Error(code), { code, syscall })
const failed = (cause: unknown) => new TypeError('fetch failed', { cause })

t.test('only a request for which no connection was made was surely not sent', async (t) => {
  const rows: [what: string, error: unknown, unsent: boolean][] = [
    ['refused', failed(refused('connect', 'ECONNREFUSED')), true],
    ['no route to connect', failed(refused('connect', 'EHOSTUNREACH')), true],
    ['no connection in time', failed(refused('connect', 'ETIMEDOUT')), true],
    ['no name', failed(refused('getaddrinfo', 'ENOTFOUND')), true],
    ['no connection in time, by the client', fetchFailed('UND_ERR_CONNECT_TIMEOUT'), true],
    ['another CA', fetchFailed('SELF_SIGNED_CERT_IN_CHAIN'), true],
    [
      'each address refused',
      failed(new AggregateError([refused('connect', 'ECONNREFUSED'), refused('connect', 'ENETUNREACH')])),
      true
    ],
    [
      'one address cut',
      failed(new AggregateError([refused('connect', 'ECONNREFUSED'), refused('read', 'ECONNRESET')])),
      false
    ],
    ['no address at all', failed(new AggregateError([])), false],
    ['the route went away while it was sent', failed(refused('write', 'EHOSTUNREACH')), false],
    ['reset', failed(refused('read', 'ECONNRESET')), false],
    ['closed', fetchFailed('UND_ERR_SOCKET'), false],
    ['no answer in time', new DOMException('', 'TimeoutError'), false],
    ['an answer', new ApiException(400, '', undefined, {}), false],
    ['no cause', new TypeError('fetch failed'), false],
    ['no error', 'text', false]
  ]
  for (const [what, error, unsent] of rows) t.equal(isUnsent(error), unsent, what)
})

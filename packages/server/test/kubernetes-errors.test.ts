import { ProblemError } from '@joinery/protocol'
import { ApiException } from '@kubernetes/client-node'
import t from 'tap'
import { explain } from '../src/cluster/kubernetes/errors.ts'

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
  t.test(`${name} is cluster-unavailable, in plain words`, async (t) => {
    const problem = await explain(server, () => Promise.reject(error)).catch((problem: unknown) => problem)
    t.ok(problem instanceof ProblemError)
    t.match(problem, { code: 'cluster-unavailable', text: { detail }, cause: error })
  })
}

t.test('a mistake of our own stays what it is', async (t) => {
  const mistake = new TypeError('x is not a function')
  await t.rejects(
    explain(server, () => Promise.reject(mistake)),
    mistake
  )
})

import 'reflect-metadata'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { ExtendedKeyUsageExtension, X509CertificateGenerator } from '@peculiar/x509'
import t, { type Test } from 'tap'
import { accountTokens } from '../../src/identity/account-tokens.ts'
import { authenticator, type Proof } from '../../src/identity/authenticate.ts'
import { authorizer } from '../../src/identity/authorize.ts'
import { reviewer } from '../../src/identity/reviews.ts'
import { Objects } from '../../src/objects/objects.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const hour = 3_600_000
let time = start
const now = () => new Date(time)
t.beforeEach(() => {
  time = start
})

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const signingAlgorithm = { ...algorithm, hash: 'SHA-256' }
const options = { signingAlgorithm, notBefore: now(), notAfter: new Date(start + hour) }
const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const name = 'CN=kubernetes'
const [keys, otherKeys] = [await makeKeys(), await makeKeys()]
const ca = await X509CertificateGenerator.createSelfSigned({ ...options, name, keys })
const certify = async (use: string, by = keys): Promise<string> => {
  const [subject, { publicKey }] = ['O=system:nodes,O=b,CN=system:node:a', await makeKeys()]
  const extensions = [new ExtendedKeyUsageExtension([use])]
  const parts = { ...options, subject, issuer: name, publicKey, signingKey: by.privateKey, extensions }
  return (await X509CertificateGenerator.create(parts)).toString('pem')
}
const [client, server] = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const open = (memory = 0) => {
  const objects = new Objects(now)
  const tokens = accountTokens(objects, now, privateKey)
  const parts = { now, clusterCa: ca.toString('pem'), tokens, tokenMemory: () => memory }
  const known = authenticator(objects, parts)
  const review = reviewer({ objects, now, authenticator: known, authorizer: authorizer(objects), tokens })
  const user = (proof: Proof) => known.authenticate(proof)
  const isRefused = (t: Test, proof: Proof, what: string) =>
    t.throws(() => user(proof), { code: 401, reason: 'Unauthorized' }, what)
  return { objects, review, user, isRefused }
}

const base = (kind: string, name: string, namespace?: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }), uid: '', resourceVersion: '', creationTimestamp: '' }
})
const secrets = { group: '', plural: 'secrets' }
const accounts = { group: '', plural: 'serviceaccounts' }

t.test('without a credential one is anonymous', async (t) => {
  t.same(open().user({}), { username: 'system:anonymous', groups: ['system:unauthenticated'], extra: {} })
})

t.test('a client certificate of the CA names its holder while it is valid', async (t) => {
  const { user, isRefused } = open()
  const certificate = await certify(client)
  const digest = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()
  t.same(user({ certificate }), {
    username: 'system:node:a',
    groups: ['system:nodes', 'b', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] }
  })
  isRefused(t, { certificate: await certify(server) }, 'one of a server')
  isRefused(t, { certificate: await certify(client, otherKeys) }, 'one of another CA')
  time += hour + 1000
  isRefused(t, { certificate }, 'one that is over')
})

t.test('a bootstrap token lets in only as its Secret says', async (t) => {
  const data = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': 'system:bootstrappers:a:b',
    expiration: new Date(start + hour).toISOString()
  }
  const bearer = 'abcdef.0123456789abcdef'
  const openWith = (differs: Partial<typeof data>, type = 'bootstrap.kubernetes.io/token', memory = 0) => {
    const opened = open(memory)
    const encoded = Object.entries({ ...data, ...differs }).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64')
    ])
    const object = {
      ...base('Secret', 'bootstrap-token-abcdef', 'kube-system'),
      type,
      data: Object.fromEntries(encoded)
    }
    opened.objects.create(secrets, object)
    return opened
  }
  const groups = ['system:bootstrappers', 'system:bootstrappers:a:b', 'system:authenticated']
  t.same(openWith({}).user({ bearer }), { username: 'system:bootstrap:abcdef', groups, extra: {} })
  for (const differs of [
    { 'token-secret': 'f'.repeat(16) },
    { 'token-id': 'bbbbbb' },
    { 'usage-bootstrap-authentication': 'false' },
    { 'auth-extra-groups': 'system:masters' },
    { expiration: now().toISOString() },
    { expiration: 'soon' }
  ])
    openWith(differs).isRefused(t, { bearer }, JSON.stringify(differs))
  openWith({}, 'Opaque').isRefused(t, { bearer }, 'a Secret of another type')

  const { objects, user, isRefused } = openWith({}, undefined, 10_000)
  user({ bearer })
  objects.delete(secrets, 'bootstrap-token-abcdef', 'kube-system')
  t.ok(user({ bearer }), 'it is remembered')
  time += 10_000
  isRefused(t, { bearer }, 'and forgotten')
})

t.test('a token of a ServiceAccount is good while the ServiceAccount and its Pod are there', async (t) => {
  const { objects, review, user, isRefused } = open()
  const pods = { group: '', plural: 'pods' }
  const account = objects.create(accounts, base('ServiceAccount', 'one', 'ns'))
  const pod = objects.create(pods, { ...base('Pod', 'p', 'ns'), spec: { nodeName: 'n', serviceAccountName: 'one' } })
  const asker = { username: 'x', groups: [], extra: {} }
  const place = {
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    subresource: 'token',
    namespace: 'ns',
    name: 'one'
  }
  const request = (spec: object): { spec: object; status: { token: string } } =>
    review({ ...place, user: asker, verb: 'create' }, JSON.stringify({ spec })) as never
  const ref = (uid: string) => ({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid } })

  const answer = request({ expirationSeconds: 600 })
  t.match(answer, {
    kind: 'TokenRequest',
    metadata: { name: 'one', namespace: 'ns', uid: account.metadata.uid },
    spec: { audiences: ['https://kubernetes.default.svc.cluster.local'] },
    status: { expirationTimestamp: '2026-01-01T00:10:00Z' }
  })
  const bearer = answer.status.token
  const bound = request(ref(pod.metadata.uid)).status.token
  t.match(user({ bearer }), {
    username: 'system:serviceaccount:ns:one',
    uid: account.metadata.uid,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [/^JTI=/] }
  })
  t.match(user({ bearer: bound }).extra, {
    'authentication.kubernetes.io/pod-name': ['p'],
    'authentication.kubernetes.io/node-name': ['n']
  })
  isRefused(t, { bearer: request({ audiences: ['elsewhere'] }).status.token }, 'one for another audience')
  isRefused(t, { bearer: `${bearer.slice(0, -8)}AAAAAAAA` }, 'one that is forged')
  t.throws(() => request({ expirationSeconds: 599 }), {
    code: 422,
    message: /may not specify a duration less than 10 minutes$/
  })
  t.throws(() => request(ref('other')), {
    code: 409,
    message: /^Operation cannot be fulfilled on Pod "p": the UID in the bound/
  })

  objects.delete(pods, 'p', 'ns')
  isRefused(t, { bearer: bound }, 'one of a Pod that is gone')
  time += 600_000 + 61_000
  isRefused(t, { bearer }, 'one that is over')
  time = start
  objects.delete(accounts, 'one', 'ns')
  objects.create(accounts, base('ServiceAccount', 'one', 'ns'))
  isRefused(t, { bearer }, 'one of an earlier ServiceAccount')
})

t.test('a review tells who asks, whose a token is, and what somebody may', async (t) => {
  const { review } = open()
  const user = { username: 'root', groups: ['system:masters'], extra: {} }
  const place = { version: 'v1', subresource: '', namespace: '', name: '', verb: 'create', user }
  const ask = (resource: string, spec: object = {}) => {
    const group = `${/access|rules/.test(resource) ? 'authorization' : 'authentication'}.k8s.io`
    return review({ ...place, group, resource }, JSON.stringify({ spec }))
  }
  const resourceAttributes = { verb: 'get', resource: 'pods' }
  const rows: [resource: string, spec: object, status: object][] = [
    ['selfsubjectreviews', {}, { userInfo: { username: 'root', groups: ['system:masters'] } }],
    ['tokenreviews', { token: 'x' }, { user: {}, error: 'invalid bearer token' }],
    ['selfsubjectaccessreviews', { resourceAttributes }, { allowed: true }],
    ['subjectaccessreviews', { user: 'eve', resourceAttributes }, { allowed: false }],
    ['selfsubjectrulesreviews', { namespace: 'a' }, { resourceRules: [], nonResourceRules: [], incomplete: false }]
  ]
  for (const [resource, spec, status] of rows)
    t.match(ask(resource, spec), {
      kind: /Review$/,
      apiVersion: /^auth.*\.k8s\.io\/v1$/,
      metadata: Object,
      spec,
      status
    })
  t.equal(ask('pods'), undefined)
})

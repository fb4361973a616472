import t from 'tap'
import { toComponentPod, toSignedCsr, toToken, withFile } from '../../src/doctor/kubernetes-sight.ts'

const base64 = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
const metadata = { name: 'n', namespace: 'kube-system', uid: 'u', resourceVersion: '7', creationTimestamp: new Date(0) }

t.test('a token is seen without its secret', async (t) => {
  const data = base64({
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    expiration: '2026-11-26T12:00:00Z',
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'yes',
    'auth-extra-groups': 'system:bootstrappers:a, system:bootstrappers:b'
  })
  const seen = toToken({ metadata, data })
  t.same(seen, {
    kind: 'Secret',
    namespace: 'kube-system',
    name: 'n',
    uid: 'u',
    resourceVersion: '7',
    id: 'abcdef',
    created: new Date(0),
    expires: new Date('2026-11-26T12:00:00Z'),
    usages: ['authentication'],
    groups: ['system:bootstrappers:a', 'system:bootstrappers:b']
  })
  t.notMatch(JSON.stringify(seen), /0123456789abcdef|MDEyMzQ1Njc4OWFiY2RlZg/)
})

t.test('a token without an expiration differs from a token with a broken one', async (t) => {
  t.match(toToken({ metadata, data: {} }), { expires: undefined, usages: { length: 0 }, groups: { length: 0 } })
  t.match(toToken({ metadata, data: base64({ expiration: 'soon' }) }), { expires: 'invalid' })
})

t.test('flags are those of the component, not of a container beside it', async (t) => {
  const pod = {
    metadata,
    spec: {
      containers: [
        { name: 'proxy', command: ['proxy', '--anonymous-auth=true'] },
        {
          name: 'kube-apiserver',
          command: ['kube-apiserver', '--anonymous-auth=false', '--profiling'],
          args: ['--requestheader-extra=a=b', 'word']
        }
      ]
    }
  }
  const { name, flags } = toComponentPod('kube-apiserver', pod)
  t.equal(name, 'n')
  t.same(Object.fromEntries(flags), { 'anonymous-auth': 'false', profiling: 'true', 'requestheader-extra': 'a=b' })
})

const mounted = (authentication: string, mounts: Record<string, string>, nodeName = 'cp-1') => ({
  metadata,
  spec: {
    nodeName,
    containers: [
      {
        name: 'kube-apiserver',
        command: ['kube-apiserver', `--authentication-config=${authentication}`],
        volumeMounts: Object.keys(mounts).map((mountPath) => ({ name: mountPath.slice(1), mountPath }))
      }
    ],
    volumes: Object.entries(mounts).map(([mountPath, path]) => ({ name: mountPath.slice(1), hostPath: { path } }))
  }
})
const host = (files: Record<string, string>) => ({ name: 'CP-1', read: async (path: string) => files[path] })

t.test('the file of --authentication-config is read on the host of the Pod', async (t) => {
  const rows: [when: string, pod: object, files: Record<string, string>, text: string | undefined][] = [
    ['mounted itself', mounted('/a.yaml', { '/a.yaml': '/etc/b.yaml' }), { '/etc/b.yaml': 'it' }, 'it'],
    ['in a folder', mounted('/authn/a.yaml', { '/authn': '/etc/k' }), { '/etc/k/a.yaml': 'it' }, 'it'],
    [
      'in a folder within another one',
      mounted('/etc/authn/a.yaml', { '/etc': '/one', '/etc/authn': '/two' }),
      { '/one/authn/a.yaml': 'another', '/two/a.yaml': 'it' },
      'it'
    ],
    [
      'beside a folder that is called so',
      mounted('/authn2/a.yaml', { '/authn': '/etc/k' }),
      { '/etc/k/a.yaml': 'x' },
      undefined
    ],
    ['not there', mounted('/a.yaml', { '/a.yaml': '/etc/b.yaml' }), {}, undefined],
    ['on another host', mounted('/a.yaml', { '/a.yaml': '/b' }, 'cp-2'), { '/b': 'of this host' }, undefined],
    ['not mounted', mounted('/a.yaml', {}), { '/a.yaml': 'of the host' }, undefined]
  ]
  for (const [when, pod, files, text] of rows) {
    t.equal((await withFile('kube-apiserver', pod, host(files))).authentication, text, when)
  }
})

t.test('a request is approved, refused, issued, or waits', async (t) => {
  const csr = (...types: string[]) =>
    toSignedCsr({
      metadata,
      spec: { request: '', signerName: 's' },
      status: {
        conditions: types.map((type) => ({ type, status: 'True', lastUpdateTime: new Date(60_000) })),
        ...(types.includes('Issued') ? { certificate: 'x' } : {})
      }
    })
  t.same(csr(), { name: 'n', approved: undefined, refused: false, issued: false })
  t.same(csr('Approved'), { name: 'n', approved: new Date(60_000), refused: false, issued: false })
  t.match(csr('Approved', 'Issued'), { issued: true })
  t.match(csr('Approved', 'Failed'), { refused: true })
  t.match(csr('Denied'), { approved: undefined, refused: true })
})

import t from 'tap'
import { longestReference, readReference, referenceText } from '../../src/machine/image-reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

t.test('a reference is read as a container runtime reads it', async (t) => {
  const table: [text: string, kept: string][] = [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['flannel/flannel:v0.27.4', 'docker.io/flannel/flannel:v0.27.4'],
    ['docker.io/nginx', 'docker.io/nginx:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['registry.k8s.io/kube-proxy:v1.37.2', 'registry.k8s.io/kube-proxy:v1.37.2'],
    ['localhost/own', 'localhost/own:latest'],
    ['10.0.0.1:5000/a/b_c/d__e/f--g.h:v1', '10.0.0.1:5000/a/b_c/d__e/f--g.h:v1'],
    ['[2001:db8::1]:5000/own:v1', '[2001:db8::1]:5000/own:v1'],
    ['Registry.Example.ORG/own', 'Registry.Example.ORG/own:latest'],
    [`quay.io/cilium/cilium@${digest}`, `quay.io/cilium/cilium@${digest}`],
    // the tag beside a digest says nothing
    [`quay.io/cilium/cilium:v1.18@${digest}`, `quay.io/cilium/cilium@${digest}`]
  ]
  for (const [text, kept] of table) {
    const reference = readReference(text)
    t.ok(reference, text)
    if (reference) t.equal(referenceText(reference), kept, text)
  }
})

t.test('what is no reference is none, whatever it would do to a command or to a line', async (t) => {
  const table = [
    '',
    ' ',
    '-v',
    '--all',
    'nginx:',
    'nginx:-tag',
    'nginx@',
    'nginx:1:2',
    'nginx@sha256:abc',
    `nginx@${digest.toUpperCase()}`,
    `nginx@sha512:${'0'.repeat(128)}`,
    `nginx@${digest}@${digest}`,
    'Nginx',
    'a//b',
    '/nginx',
    'nginx/',
    'a/../b',
    'https://registry.k8s.io/pause',
    'user@registry.k8s.io/pause',
    'registry.k8s.io/pause:3.10\nregistry.k8s.io/other',
    'registry.k8s.io/pause;reboot',
    'registry.k8s.io/pause $(reboot)',
    'registry.k8s.io:port/pause',
    '-registry.k8s.io/pause',
    'registry..io/pause',
    'pausé',
    'a___b',
    `${'a'.repeat(260)}`,
    `nginx:${'t'.repeat(129)}`
  ]
  for (const text of table) t.equal(readReference(text), undefined, JSON.stringify(text))
})

t.test('no text takes long to be refused', async (t) => {
  const before = process.threadCpuUsage()
  for (const text of ['a'.repeat(1e6), `${'a-'.repeat(200)}!`, `${'a.'.repeat(200)}/`, `${'a/'.repeat(200)}!`]) {
    t.equal(readReference(text), undefined)
  }
  const { user, system } = process.threadCpuUsage(before)
  t.ok(user + system < 500_000, 'in microseconds of processor, to which a busy host adds nothing')
  t.ok(longestReference < 512)
})

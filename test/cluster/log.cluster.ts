import { resolve } from 'node:path'
import { takeAway } from '@joinery/kube/log'
import { serverUsername } from '@joinery/kube/names'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { kubectlAs } from './door-desk.ts'
import { namespace, openLogSite } from './log-site.ts'
import { restoreEtcd } from './restore-etcd.ts'

t.setTimeout(0)

/**
 * The objects of the log (`store: cluster`) on a real API server: what each kind of user is answered, the contract of the server's own
 * client, and an etcd that is put back under it. There is no pairing server and no machine here.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)

const { kubectl, refusal, must: mustAs } = kubectlAs(bed)
const must = (words: readonly string[], input?: object | string): Promise<string> => mustAs('', words, input)

const serverFile = await openLogSite(bed)
// a role that somebody made too wide: every right on the log and the Leases
await must(['create', '-f', '-'], {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'wide' },
  rules: [{ apiGroups: ['log.joinery.dev', 'coordination.k8s.io'], resources: ['*'], verbs: ['*'] }]
})
await must(['create', 'clusterrolebinding', 'wide', '--clusterrole=wide', '--user=wanda'])
await must(['-n', namespace, 'create', 'rolebinding', 'edit', '--clusterrole=edit', '--user=edith'])

const server = serverUsername
const as = (user: string, words: readonly string[], input?: object) => refusal(user, ['-n', namespace, ...words], input)
const create = (user: string, object: object) => as(user, ['create', '-f', '-'], object)
const replace = (user: string, object: object) => as(user, ['replace', '-f', '-'], object)
const hash = 'a'.repeat(64)
const headSpec = { format: 1, log: 'l', number: 5, hash, term: 2, holder: 'a', documents: hash, batches: [], mac: hash }
const head = (metadata: object = { name: 'joinery' }, spec: object = {}) => ({
  apiVersion: 'log.joinery.dev/v1',
  kind: 'LogHead',
  metadata,
  spec: { ...headSpec, ...spec }
})
const document = (name: string, spec: object = {}) => ({
  apiVersion: 'log.joinery.dev/v1',
  kind: 'LogDocument',
  metadata: { name },
  spec: { format: 1, log: 'l', number: 5, text: 'QQ==', mac: hash, ...spec }
})
const lease = (name: string, spec: object = {}) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace },
  spec: { holderIdentity: 'a', leaseDurationSeconds: 12, leaseTransitions: 2, ...spec }
})
const owner = { apiVersion: 'v1', kind: 'Node', name: 'none', uid: '1' }
const alone = /pairing server alone writes its log/

t.test('the policies come into force within a minute', async (t) => {
  const rows: [string, object, RegExp][] = [
    ['for the log', document('dry'), alone],
    ['for Leases', lease('joinery-server'), /pairing server alone says which server is active/]
  ]
  for (const [what, object, words] of rows) {
    const dry = () => as('', ['create', '--dry-run=server', '-f', '-'], object)
    t.match(await waitFor(`the policy ${what}`, dry, (said) => words.test(said), 60_000), words, what)
  }
})

const program = resolve(import.meta.dirname, '../contract/log-real.ts')
t.test('the contract of the log and of the Lease holds on a real API server', async (t) => {
  const { code, stdout, stderr } = await bed.exec([process.execPath, program, serverFile])
  t.comment(stdout.replaceAll(/^\s+(?:ok|1\.\.).*\n/gm, ''))
  t.equal(code, 0, stderr)
})

t.test('nobody but the server writes the log', async (t) => {
  for (const user of ['wanda', '']) {
    t.match(await create(user, document('forged')), alone, `${user} makes a document`)
    for (const path of ['/spec/number', '/spec/mac']) {
      const patch = JSON.stringify([{ op: 'replace', path, value: path === '/spec/mac' ? 'b' : 9_999 }])
      t.match(await as(user, ['patch', 'loghead', 'joinery', '--type=json', '-p', patch]), alone, `${user} ${path}`)
    }
    t.match(await as(user, ['patch', 'logdocument', 'large', '--type=merge', '-p', '{"spec":{"mac":"b"}}']), alone)
    t.match(await as(user, ['delete', 'logdocument', 'large']), /what the pairing server knows would go with it/)
    const all = `/apis/log.joinery.dev/v1/namespaces/${namespace}/logdocuments`
    t.match(await refusal(user, ['delete', '--raw', all]), /would go with it/, `${user} deletes all at once`)
    t.match(await as(user, ['delete', 'loghead', 'joinery']), /would go with it; if that is meant: kubectl/)
  }
  t.match(await as('edith', ['get', 'logdocuments']), /cannot list resource/, 'edit gives nothing of the log')
  t.match(await create(server, head({ name: 'another' })), /its name is joinery/)
  t.match(await as(server, ['delete', 'loghead', 'joinery']), /cannot delete resource "logheads"/)
  t.match(await as(server, ['delete', 'logdocuments', '--all']), /^$/, 'the server deletes documents one by one')
  t.match(
    await refusal(server, ['-n', 'default', 'create', '-f', '-'], document('elsewhere')),
    /cannot create resource/
  )
})

t.test('nobody can have an object of the log taken away or kept', async (t) => {
  t.equal(await create(server, document('kept')), '')
  const metadata: [string, object][] = [
    ['an owner', { ownerReferences: [owner] }],
    ['a finalizer', { finalizers: ['example.org/keep'] }],
    ['many labels', { labels: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`l${index}`, ''])) }]
  ]
  for (const [what, dressed] of metadata) {
    const patch = JSON.stringify({ metadata: dressed })
    t.match(
      await as('', ['patch', 'logdocument', 'kept', '--type=merge', '-p', patch]),
      /no finalizer and no owner/,
      what
    )
  }
  const note = ['annotate', 'logdocument', 'kept', 'joinery.dev/allow-deletion=true']
  t.equal(await as('', note), '')
  t.equal(await as('', ['delete', 'logdocument', 'kept']), '', 'who says that it is meant may delete it')
})

t.test('nobody but the server says which server is active', async (t) => {
  t.equal(await create(server, lease('joinery-server')), '')
  t.equal(await create(server, lease('joinery-server-1')), '')
  const taken = lease('joinery-server', { holderIdentity: 'mallory' })
  const words = /pairing server alone says which server is active/
  for (const user of ['wanda', 'edith', '']) {
    t.match(await replace(user, taken), words, `${user} takes it`)
    t.match(await as(user, ['delete', 'lease', 'joinery-server']), words, `${user} deletes it`)
    t.match(
      await as(user, ['delete', 'lease', 'joinery-server']),
      /kubectl --namespace joinery-system annotate --overwrite lease joinery-server .* && kubectl .* delete/,
      `${user} is told how it is made anew`
    )
    t.match(await as(user, ['delete', 'lease', 'joinery-server-1']), words, `${user} deletes that of another`)
    t.match(await as(user, ['annotate', 'lease', 'joinery-server-1', 'joinery.dev/allow-deletion=true']), words)
    t.match(await create(user, lease('joinery-server-2')), words, `${user} makes one`)
    t.match(await as(user, ['annotate', 'lease', 'joinery-server', 'joinery.dev/address=https://mallory']), words)
  }
  t.equal(await create('edith', lease('another')), '', 'other Leases are none of its business')
  t.match(await create(server, lease('another-1')), /no other Lease than its own/)
  t.match(await as(server, ['delete', 'lease', 'another']), /no other Lease than its own/)
  t.match(await as(server, ['delete', 'lease', 'joinery-server']), /no server deletes it/)
  t.match(await replace(server, lease('joinery-server', { leaseTransitions: 1 })), /a term never goes back/)
  t.match(await replace(server, lease('joinery-server', { leaseTransitions: null })), /a term never goes back/)
  t.equal(await replace(server, lease('joinery-server', { leaseTransitions: 3, holderIdentity: '' })), '')
  t.equal(await as(server, ['delete', 'lease', 'joinery-server-1']), '', 'one of a server that is gone')
  for (const dressed of [{ finalizers: ['example.org/keep'] }, { ownerReferences: [owner] }]) {
    const patch = JSON.stringify({ metadata: dressed })
    for (const user of [server, 'wanda']) {
      const said = await as(user, ['patch', 'lease', 'joinery-server', '--type=merge', '-p', patch])
      t.match(said, user === server ? /cannot patch resource/ : /no finalizer and no owner/, user)
    }
  }
  const { metadata, ...rest } = lease('joinery-server', { leaseTransitions: 3 })
  const owned = { ...rest, metadata: { ...metadata, ownerReferences: [owner] } }
  t.match(await replace(server, owned), /no finalizer and no owner/)
  const node = { ...lease('node-1'), metadata: { name: 'node-1', namespace: 'kube-node-lease' } }
  t.match(await refusal(server, ['create', '-f', '-'], node), /joinery-leases/, 'those of Nodes have their own policy')
})

t.test(
  'A3: the term of the Lease grows in small steps, and an administrator may have the Lease made anew',
  async (t) => {
    const grows = (leaseTransitions: number) => replace(server, lease('joinery-server', { leaseTransitions }))
    const steps = /a term never goes back, and grows in small steps/
    t.match(await grows(2 ** 31 - 1), steps)
    t.match(await grows(3 + 1001), steps)
    t.equal(await grows(3 + 1000), '')
    t.match(await grows(1002), steps)
    const note = ['annotate', 'lease', 'joinery-server', 'joinery.dev/allow-deletion=true']
    t.match(
      await as('', [...note, 'joinery.dev/address=https://mallory']),
      /pairing server alone says which server is active/,
      'a note is no way to say where the active server is'
    )
    t.equal(await as('', note), '')
    t.match(
      await as(server, ['delete', 'lease', 'joinery-server']),
      /no server deletes it/,
      'a server may not even then'
    )
    t.equal(await as('', ['delete', 'lease', 'joinery-server']), '')
    t.match(await create(server, lease('joinery-server', { leaseTransitions: 2 ** 30 + 1 })), steps)
    t.equal(await create(server, lease('joinery-server', { leaseTransitions: 1 })), '')
  }
)

t.test('C12: the head goes back under no id, and an administrator may have it made anew', async (t) => {
  const spec = async () => JSON.parse(await must(['-n', namespace, 'get', 'loghead', 'joinery', '-o', 'json'])).spec
  const { number, term } = await spec()
  const moved = (over: object) =>
    as(server, ['patch', 'loghead', 'joinery', '--type=merge', '-p', JSON.stringify({ spec: over })])
  for (const over of [
    { number: number - 1 },
    { term: term - 1 },
    { log: 'another', number: number - 1 },
    { log: 'another', term: term - 1 }
  ]) {
    t.match(await moved(over), /it never goes back/, JSON.stringify(over))
  }
  t.equal(await moved({ log: 'another', number: number + 1 }), '', 'another log goes on above it')
  t.match(await moved({ log: 'l', number }), /it never goes back/, 'and the first one does not come back')
  t.equal(await moved({ number: Number.MAX_SAFE_INTEGER }), '', 'what a stolen token can do')
  const way = takeAway('loghead', 'joinery').split(' && ')
  t.equal(way.length, 2)
  for (const line of way) {
    const [program, ...words] = line.split(' ')
    t.equal(program, 'kubectl')
    t.equal(await refusal('', words), '', line)
  }
  t.equal(await create(server, head()), '', 'a server makes it again')
})

t.test('edit in the namespace is to be the server, as the pages say', async (t) => {
  const { code, stdout } = await kubectl('edith', ['-n', namespace, 'create', 'token', 'joinery-server'])
  t.equal(code, 0)
  t.match(stdout, /^ey/)
})

t.test('the API server takes the requests about the Leases before others', async (t) => {
  const level = async (name: string) =>
    (await must(['get', 'flowschema', name, '-o', 'jsonpath={.spec.priorityLevelConfiguration.name}'])).trim()
  t.equal(await level('joinery-server-leases'), 'leader-election')
  t.equal(await level('joinery-server'), 'workload-high')
})

t.test('no kind of the log and no namespace is deleted by mistake', async (t) => {
  for (const kind of ['logheads', 'logdocuments']) {
    t.match(await refusal('', ['delete', 'crd', `${kind}.log.joinery.dev`]), /its objects would go with it/, kind)
  }
  t.match(
    await refusal('', ['delete', 'namespace', namespace]),
    /kubectl annotate namespace joinery-system joinery.dev/
  )
  await must(['create', 'namespace', 'another'])
  t.equal(await refusal('', ['delete', 'namespace', 'another', '--wait=false']), '')
})

const caller = resolve(import.meta.dirname, 'inside/log-calls.ts')
/** Calls of the server's own client, one after the other. */
const calls = async (...asked: [name: string, ...given: unknown[]][]): Promise<unknown[]> => {
  const { code, stdout, stderr } = await bed.exec([process.execPath, caller, serverFile, JSON.stringify(asked)])
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

t.test('an etcd that was put back under a server is noticed at the first commit', async (t) => {
  const of = (number: number) => ({ ...headSpec, log: 'm', number, hash: String(number).padStart(64, '0') })
  const move = (number: number): [string, ...unknown[]] => ['moveHead', of(number - 1).hash, of(number)]
  const [before] = await calls(['head'])
  t.same(await calls(['moveHead', (before as { hash: string }).hash, of(10)]), ['moved'])
  const etcd = restoreEtcd(bed)
  await etcd.copy()
  t.same(await calls(move(11), move(12), move(13)), ['moved', 'moved', 'moved'])
  await etcd.putBack()
  const looked = () => calls(['head']).catch(() => undefined)
  const seen = await waitFor('the API server to be back', looked, (one) => one !== undefined, 60_000)
  t.match(seen, [{ number: 10 }])
  t.same(await calls(move(14)), ['other'])
  t.match(await calls(['head']), [{ number: 10 }], 'and nothing was written')
})

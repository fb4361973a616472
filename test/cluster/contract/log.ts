import { readFile, writeFile } from 'node:fs/promises'
import { takeAway } from '@joinery/kube/log'
import { namespace, serverUsername } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import type { Test } from 'tap'
import { deleting, making, merging, patching, pathOf, tryingToMake } from '../api-desk.ts'
import { playContract } from './play-contract.ts'
import { type ContractSite, owner } from './site.ts'

const server = serverUsername
const hash = 'a'.repeat(64)
const head = (metadata: { name: string } = { name: 'joinery' }) => ({
  apiVersion: 'log.joinery.dev/v1',
  kind: 'LogHead',
  metadata: { namespace, ...metadata },
  spec: { format: 1, log: 'l', number: 5, hash, term: 2, holder: 'a', documents: hash, batches: [], mac: hash }
})
const document = (name: string, space = namespace) => ({
  apiVersion: 'log.joinery.dev/v1',
  kind: 'LogDocument',
  metadata: { name, namespace: space },
  spec: { format: 1, log: 'l', number: 5, text: 'QQ==', mac: hash }
})
const lease = (name: string, spec: object = {}, space = namespace) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: space },
  spec: { holderIdentity: 'a', leaseDurationSeconds: 12, leaseTransitions: 2, ...spec }
})
const [headPath, leasePath] = [pathOf(head()), pathOf(lease('joinery-server'))]
const documents = pathOf(document('')).slice(0, -1)
const annotated = (annotations: object) => ({ metadata: { annotations } })
const meant = annotated({ 'joinery.dev/allow-deletion': 'true' })

const alone = /pairing server alone writes its log/
const kept = /what the pairing server knows would go with it/
const saysWho = /pairing server alone says which server is active/

/** What keeps an object, or has it taken away. */
const dressed: [what: string, metadata: object][] = [
  ['an owner', { ownerReferences: [owner] }],
  ['a finalizer', { finalizers: ['example.org/keep'] }]
]

/** The objects of `store: cluster`: the contract of the server's own client, and what each kind of user is answered. */
export const logContracts = async (t: Test, site: ContractSite): Promise<void> => {
  const { api, bed, product } = site
  const right = 'role.rbac.authorization.k8s.io/joinery-log'
  const config = bed.hostPath('/etc/joinery/server.yaml')
  const before = await readFile(config, 'utf8')

  await t.test('with store: cluster the contract of the log and of the Lease holds', async (t) => {
    await writeFile(config, `${before.replace(/^store:.*\n/m, '')}store: cluster\n`)
    t.match(await product.setup(), `${right} created\n`)
    await playContract(t, site, 'log')
    // a role that somebody made too wide: every right on the log and the Leases
    await api.grant('wendy', [
      { apiGroups: ['log.joinery.dev', 'coordination.k8s.io'], resources: ['*'], verbs: ['*'] }
    ])
    await bed.kubectl('-n', namespace, 'create', 'rolebinding', 'edit', '--clusterrole=edit', '--user=edith')
    await api.until('wendy', 'delete', 'log.joinery.dev', 'logheads')
    await eventually(
      'edith may make Leases',
      async () => (await api.refusal('edith', tryingToMake(lease('any')))) === ''
    )
  })

  await t.test('nobody but the server writes the log', async (t) => {
    const large = pathOf(document('large'))
    for (const user of ['wendy', '']) {
      t.match(await api.refusal(user, tryingToMake(document('forged'))), alone, `${user} makes a document`)
      for (const [path, value] of [
        ['/spec/number', 9_999],
        ['/spec/mac', 'b']
      ])
        t.match(await api.refusal(user, patching(headPath, { op: 'replace', path, value })), alone, `${user} ${path}`)
      t.match(await api.refusal(user, merging(large, { spec: { mac: 'b' } })), alone)
      t.match(await api.refusal(user, deleting(large)), kept)
      t.match(await api.refusal(user, deleting(documents)), /would go with it/, `${user} deletes all at once`)
      t.match(await api.refusal(user, deleting(headPath)), /would go with it; if that is meant: kubectl/)
    }
    t.match(
      await api.refusal('edith', { method: 'GET', path: documents }),
      /cannot list resource/,
      'edit gives nothing'
    )
    t.equal(await api.refusal(server, deleting(large)), '', 'the server deletes documents one by one')
  })

  await t.test('nobody can have an object of the log taken away or kept', async (t) => {
    const made = document('kept')
    await api.ask(server, making(made))
    const labels = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`l${index}`, '']))
    for (const [what, metadata] of [...dressed, ['many labels', { labels }] as const])
      t.match(await api.refusal('', merging(pathOf(made), { metadata })), /no finalizer and no owner/, what)
    await api.ask('', merging(pathOf(made), meant))
    t.equal(await api.refusal('', deleting(pathOf(made))), '', 'who says that it is meant may delete it')
  })

  await t.test('nobody but the server says which server is active', async (t) => {
    await api.ask(server, making(lease('joinery-server')))
    await api.ask(server, making(lease('joinery-server-1')))
    const another = pathOf(lease('joinery-server-1'))
    const address = annotated({ 'joinery.dev/address': 'https://mallory' })
    for (const user of ['wendy', 'edith', '']) {
      t.match(
        await api.replace(user, lease('joinery-server', { holderIdentity: 'mallory' })),
        saysWho,
        `${user} takes it`
      )
      const refused = await api.refusal(user, deleting(leasePath))
      t.match(refused, saysWho, `${user} deletes it`)
      const way = /kubectl --namespace joinery-system annotate --overwrite lease joinery-server .* && kubectl .* delete/
      t.match(refused, way, `${user} is told how it is made anew`)
      t.match(await api.refusal(user, deleting(another)), saysWho, `${user} deletes that of another`)
      t.match(await api.refusal(user, merging(another, meant)), saysWho)
      t.match(await api.refusal(user, tryingToMake(lease('joinery-server-2'))), saysWho, `${user} makes one`)
      t.match(await api.refusal(user, merging(leasePath, address)), saysWho)
    }
    const others = lease('another')
    await api.ask('edith', making(others))
    t.match(await api.refusal(server, deleting(pathOf(others))), /no other Lease than its own/)
    t.match(await api.refusal(server, deleting(leasePath)), /no server deletes it/)
    const renewed = (spec: object) => api.replace(server, lease('joinery-server', spec))
    for (const leaseTransitions of [1, null]) t.match(await renewed({ leaseTransitions }), /a term never goes back/)
    t.equal(await renewed({ leaseTransitions: 3, holderIdentity: '' }), '')
    t.equal(await api.refusal(server, deleting(another)), '', 'one of a server that is gone')
    for (const [what, metadata] of dressed) {
      t.match(await api.refusal('wendy', merging(leasePath, { metadata })), /no finalizer and no owner/, what)
      const object = lease('joinery-server', { leaseTransitions: 3 })
      const worn = { ...object, metadata: { ...object.metadata, ...metadata } }
      t.match(await api.replace(server, worn), /no finalizer and no owner/, `${what} by the server`)
    }
    const ofNode = tryingToMake(lease('node-1', {}, 'kube-node-lease'))
    t.match(await api.refusal(server, ofNode), /joinery-leases/, 'those of Nodes have their own policy')
  })

  await t.test(
    'A3: the term of the Lease grows in small steps, and an administrator may have the Lease made anew',
    async (t) => {
      const grows = (leaseTransitions: number) => api.replace(server, lease('joinery-server', { leaseTransitions }))
      const steps = /a term never goes back, and grows in small steps/
      t.match(await grows(2 ** 31 - 1), steps)
      t.match(await grows(3 + 1001), steps)
      t.equal(await grows(3 + 1000), '')
      t.match(await grows(1002), steps)
      const both = annotated({ 'joinery.dev/allow-deletion': 'true', 'joinery.dev/address': 'https://mallory' })
      t.match(
        await api.refusal('', merging(leasePath, both)),
        saysWho,
        'a note is no way to say where the active server is'
      )
      t.equal(await api.refusal('', merging(leasePath, meant)), '')
      t.match(await api.refusal(server, deleting(leasePath)), /no server deletes it/, 'a server may not even then')
      t.equal(await api.refusal('', deleting(leasePath)), '')
      const makes = (leaseTransitions: number) =>
        api.refusal(server, making(lease('joinery-server', { leaseTransitions })))
      t.match(await makes(2 ** 30 + 1), steps)
      t.equal(await makes(1), '')
    }
  )

  await t.test('C12: the head goes back under no id, and an administrator may have it made anew', async (t) => {
    const { number, term } = (await api.ask<ReturnType<typeof head>>('', { method: 'GET', path: headPath })).spec
    const moved = (spec: object) => api.refusal(server, merging(headPath, { spec }))
    for (const over of [
      { number: number - 1 },
      { term: term - 1 },
      { log: 'another', number: number - 1 },
      { log: 'another', term: term - 1 }
    ])
      t.match(await moved(over), /it never goes back/, JSON.stringify(over))
    t.equal(await moved({ log: 'another', number: number + 1 }), '', 'another log goes on above it')
    t.match(await moved({ log: 'l', number }), /it never goes back/, 'and the first one does not come back')
    t.equal(await moved({ number: Number.MAX_SAFE_INTEGER }), '', 'what a stolen token can do')
    const way = takeAway('loghead', 'joinery').split(' && ')
    t.equal(way.length, 2)
    for (const line of way) t.match(await bed.exec(line.split(' ')), { code: 0, stderr: '' }, line)
    t.equal(await api.refusal(server, making(head())), '', 'a server makes it again')
  })

  await t.test('edit in the namespace is to be the server, as the pages say', async (t) => {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/joinery-server/token`
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    t.match(await api.ask('edith', { method: 'POST', path, body }), { status: { token: /^ey/ } })
  })

  await t.test('the API server takes the requests about the Leases before others', async (t) => {
    const level = async (name: string) => {
      const path = `/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/${name}`
      return api.ask('', { method: 'GET', path })
    }
    const of = (name: string) => ({ spec: { priorityLevelConfiguration: { name } } })
    t.match(await level('joinery-server-leases'), of('leader-election'))
    t.match(await level('joinery-server'), of('workload-high'))
  })

  await t.test('no kind of the log and no namespace is deleted by mistake', async (t) => {
    for (const kind of ['logheads', 'logdocuments']) {
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind}.log.joinery.dev?dryRun=All`
      t.match(await api.refusal('', deleting(path)), /its objects would go with it/, kind)
    }
    const space = (name: string) => deleting(`/api/v1/namespaces/${name}?dryRun=All`)
    t.match(await api.refusal('', space(namespace)), /kubectl annotate namespace joinery-system joinery.dev/)
    t.equal(await api.refusal('', space('kube-node-lease')), '', 'others are none of its business')
  })

  await t.test('without store: cluster the rights to the log go', async (t) => {
    await writeFile(config, before)
    t.match(await product.setup(), `${right} deleted\n`)
  })
}

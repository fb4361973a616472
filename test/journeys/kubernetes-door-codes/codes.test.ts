import { day, hour, startupTaint } from '@joinery/protocol'
import type { EnrolmentView } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import { gatedBy } from '@joinery/testing/pairing/gated'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { approve, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'

t.test('a machine enrols with the code of a Code, joins, and the status says so', async (t) => {
  const pairing = await openDoorPairing(t)
  const { operator, cluster } = pairing
  const { code, object } = await pairing.invite({ labels: { rack: '7' } })
  t.match(await pairing.codeIs(object, 'open'), { state: 'open', used: 0 })
  const machine = await pairing.machine()
  await machine.enrol(code)
  const { id } = await operator.show(name)
  t.match(await pairing.codeIs(object, 'used'), { state: 'used', used: 1, enrolment: id })
  await approve(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  await register(pairing, machine, name, csr, key)
  await cluster.setNodeReady(name, 'True', 'KubeletReady', 'kubelet is posting ready status')
  await pairing.reconcile()
  t.equal((await operator.show(name)).state, 'joined')
  t.match(await cluster.labelsAndTaints(name), { labels: { rack: '7' } })
})

t.test('the machine of a Code with gates comes into service, and its Enrolment says so', async (t) => {
  const pairing = await openDoorPairing(t)
  const { operator, cluster } = pairing
  const readyWhen = ['condition:example.org/Storage']
  const { code, object } = await pairing.invite({ readyWhen })
  await pairing.codeIs(object, 'open')
  t.match(await operator.showCode(object.name), { readyWhen })
  const one = await gatedBy(pairing, name, code)
  await one.registers()
  await one.becomesReady()
  const { id } = await operator.show(name)
  const status = () => cluster.views.statuses('enrolments').get(id) as EnrolmentView | undefined
  const waits = await eventually('it is not yet in service, by the gate', async () => {
    const { notYet = [], ...shown } = status() ?? {}
    return notYet.some((why) => why.startsWith('condition ')) && { notYet, ...shown }
  })
  t.match(waits, { state: 'ready', notYet: ['condition example.org/Storage of the Node is not True'] })
  await cluster.setCondition(name, 'example.org/Storage', true)
  await pairing.reconcile()
  await eventually('kubectl wait --for=jsonpath={.status.inService} ends', async () => status()?.inService)
  t.same((await cluster.labelsAndTaints(name))?.taints, [])
})

t.test('a code of a Code is shown, listed and counted as any other, by its hash', async (t) => {
  const pairing = await openDoorPairing(t)
  const { operator } = pairing
  const { object } = await pairing.invite({ uses: 1, policy: { remediate: 'off', extra: 'x' }, extra: 'x' })
  await pairing.codeIs(object, 'open')
  const { timeline, ...shown } = await operator.showCode(object.name)
  t.match(shown, {
    id: object.name,
    name,
    status: 'open',
    used: 0,
    policy: { remediate: 'off', ignore: { length: 0 } }
  })
  t.notOk('extra' in (shown.policy ?? {}), 'nothing that no schema knows is kept')
  t.match(timeline, [{ actor: 'operator', event: 'create', by: 'alice', detail: new RegExp(`uid ${object.uid}$`) }])
  t.match((await operator.listCodes()).items, [{ id: object.name }])
  t.equal((await operator.status()).codes.open, 1)
})

t.test('a code for three machines shows each use', async (t) => {
  const pairing = await openDoorPairing(t)
  const { code, object } = await pairing.invite({ name: 'worker-{n}', uses: 3 })
  await pairing.codeIs(object, 'open')
  for (const used of [1, 2]) {
    await (await pairing.machine()).enrol(code)
    await eventually(
      `${used} uses are shown`,
      async () => (await pairing.codes.read(object.name))?.status?.used === used
    )
    t.equal((await pairing.codes.read(object.name))?.status?.state, 'open')
  }
  await (await pairing.machine()).enrol(code)
  t.match(await pairing.codeIs(object, 'used'), { state: 'used', used: 3 })
})

t.test('a Code says whether its machines learn names of images', async (t) => {
  const pairing = await openDoorPairing(t)
  for (const [more, told] of [
    [{}, true],
    [{ prefetch: false }, false],
    [{ name: 'edge-{n}', uses: 2 }, false],
    [{ name: 'far-{n}', uses: 2, prefetch: true }, true]
  ] as const) {
    const { code, object } = await pairing.invite(more)
    await pairing.codeIs(object, 'open')
    t.equal((await pairing.operator.showCode(object.name)).prefetch, told)
    const machine = await pairing.machine()
    await machine.enrol(code)
    t.equal((await machine.server.cluster()).prefetch !== undefined, told, JSON.stringify(more))
  }
})

t.test('a second code for a name warns in its status', async (t) => {
  const pairing = await openDoorPairing(t)
  const first = await pairing.invite()
  t.notOk('message' in (await pairing.codeIs(first.object, 'open')))
  const second = await pairing.invite()
  const { message } = await pairing.codeIs(second.object, 'open')
  t.match(message, new RegExp(`worker-1 has another open code \\(${first.object.name}\\)`))
})

t.test('a Code is refused by the rules of the command, and says why', async (t) => {
  const pairing = await openDoorPairing(t)
  const later = (milliseconds: number) => new Date(pairing.clock.now().getTime() + milliseconds).toISOString()
  const table: [what: string, differs: object, code: string][] = [
    ['a control plane for many', { role: 'control-plane', name: 'cp-{n}', uses: 2 }, 'invalid-request'],
    ['one name for two machines', { uses: 2 }, 'invalid-name'],
    ['a name that is none', { name: 'worker-{m}' }, 'invalid-name'],
    ['a network that is none', { from: ['1::2::3'] }, 'invalid-network'],
    ['a label of the kubelet', { labels: { 'kubernetes.io/hostname': 'x' } }, 'invalid-label'],
    ['the label of a control plane', { labels: { 'node-role.kubernetes.io/control-plane': '' } }, 'invalid-label'],
    ['the label of a joining machine', { labels: { 'joinery.dev/joining': '' } }, 'invalid-label'],
    [
      'a taint of the control plane',
      { taints: [{ key: 'node.kubernetes.io/x', value: '', effect: 'NoExecute' }] },
      'invalid-taint'
    ],
    ['a gate that is none', { readyWhen: ['condition'] }, 'invalid-gate'],
    ['a gate for Pods, which the server does not read', { readyWhen: ['daemonset:a/b'] }, 'diagnosis-off'],
    ['the startup taint', { taints: [startupTaint] }, 'invalid-taint'],
    ['a check that there is not', { policy: { ignore: ['nothing'] } }, 'invalid-request'],
    ['longer than 30 days', { expires: later(30 * day + hour) }, 'invalid-request'],
    ['a use too many', { uses: 1001 }, 'invalid-request'],
    ['an author who steers a terminal', { by: 'ali\u202ece' }, 'invalid-request'],
    ['no author', { by: '' }, 'invalid-request'],
    ['a hash that is none', { hash: 'not-a-hash' }, 'invalid-request']
  ]
  const made = await Promise.all(table.map(([, differs]) => pairing.invite(differs, false)))
  for (const [index, [what, , code]] of table.entries()) {
    const { name = '' } = made[index]?.object ?? {}
    t.match(await pairing.codeIs({ name }, 'refused'), { code, used: 0, message: /./ }, what)
  }
  t.same((await pairing.operator.listCodes()).items, [])
})

t.test('a Code for a control plane is for one machine, in a cluster that can take one', async (t) => {
  const pairing = await openDoorPairing(t)
  const { network } = pairing.cluster
  pairing.cluster.network = async () => {
    const { controlPlaneEndpoint: _, ...rest } = await network()
    return rest
  }
  const refused = await pairing.invite({ role: 'control-plane', name: 'cp-2' })
  t.match(await pairing.codeIs(refused.object, 'refused'), { code: 'no-stable-endpoint' })
  pairing.cluster.network = network
  const { code, object } = await pairing.invite({ role: 'control-plane', name: 'cp-2' })
  await pairing.codeIs(object, 'open')
  await (await pairing.machine()).enrol(code)
  t.match(await pairing.operator.show('cp-2'), { role: 'control-plane', state: 'pending' })
})

t.test('a Code that is over when it is read makes no code', async (t) => {
  const pairing = await openDoorPairing(t)
  const { object } = await pairing.invite({ expires: new Date(pairing.clock.now().getTime() - 1).toISOString() })
  t.match(await pairing.codeIs(object, 'expired'), { code: 'code-expired', used: 0 })
  t.same((await pairing.operator.listCodes()).items, [])
})

t.test('a Code of which the code was revoked over the socket, or has expired, says so', async (t) => {
  const pairing = await openDoorPairing(t)
  const [one, other] = [await pairing.invite(), await pairing.invite({ name: 'worker-2' })]
  await pairing.codeIs(one.object, 'open')
  await pairing.codeIs(other.object, 'open')
  await pairing.operator.revokeCode(one.object.name)
  t.match(await pairing.codeIs(one.object, 'revoked'), { state: 'revoked', used: 0 })
  pairing.clock.advance(hour + 1000)
  await pairing.codeReader().look()
  t.match(await pairing.codeIs(other.object, 'expired'), { state: 'expired', used: 0 })
})

t.test('a code that is made over the socket has no Code', async (t) => {
  const pairing = await openDoorPairing(t)
  await pairing.code(name)
  await pairing.codeReader().look()
  t.same(await pairing.codes.page(10), { items: [] })
})

t.test('a status that somebody edits is put back', async (t) => {
  const pairing = await openDoorPairing(t)
  const { object } = await pairing.invite()
  const before = await pairing.codeIs(object, 'open')
  for (const edited of [{ state: 'revoked', used: 9 } as const, undefined]) {
    pairing.codes.editStatus(object.name, edited)
    await pairing.codeReader().look()
    t.same(await pairing.codeIs(object, 'open'), before)
  }
})

t.test('while nothing happens no status is written', async (t) => {
  const pairing = await openDoorPairing(t)
  await pairing.codeIs((await pairing.invite()).object, 'open')
  await pairing.codeReader().look()
  const { settle } = pairing.codes.calls
  for (let count = 0; count < 5; count += 1) await pairing.codeReader().look()
  t.equal(pairing.codes.calls.settle, settle)
})

t.test('a cluster of an earlier set-up is served as before, and the status names the remedy once', async (t) => {
  const pairing = await openDoorPairing(t, async (cluster) => cluster.codes.lack())
  const { code } = await pairing.code(name)
  await (await pairing.machine()).enrol(code)
  const about = async () => (await pairing.operator.status()).remedies.filter((line) => /Codes/.test(line))
  const [line] = await eventually('the status says it', async () => {
    const lines = await about()
    return lines.length > 0 && lines
  })
  t.match(line, /joinery-server setup/)
  t.equal((await about()).length, 1)
})

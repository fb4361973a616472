import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { watchNodes } from './node-watch.ts'
import { paperMachine } from './paper-machine.ts'
import { installProduct, minutes } from './product.ts'

t.setTimeout(0)

const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const product = await installProduct(bed)
const nodes = await watchNodes(bed)
const { joinery, show, reaches } = product

const names = ['edge-1', 'edge-2'] as const
const given = ['--label', 'example.org/rack=r7', '--taint', 'dedicated=edge:NoSchedule', '--node-role', 'edge']
const limits = ['--uses', '2', '--name', 'edge-{n}', '--from', '172.30.0.0/24']
const userData = await joinery('code', 'create', ...limits, ...given, '--cloud-init')
const code = /jny_\w{28}/.exec(userData)?.[0] ?? 'no code'
const machines = [bed.machine('left', 1), bed.machine('right', 2)]
for (const machine of machines) await machine.boot(userData)

const labels = { 'example.org/rack': 'r7', 'node-role.kubernetes.io/edge': '' }
const dedicated = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' }
const taintsOf = async (name: string): Promise<string[]> => {
  const list = '{range .spec.taints[*]}{.key}={.value}:{.effect},{end}'
  return (await bed.kubectl('get', 'node', name, '-o', `jsonpath=${list}`)).split(',').filter(Boolean)
}
const theCode = async () => {
  const { items } = JSON.parse(await joinery('code', 'list', '-o', 'json')) as { items: { id: string }[] }
  return items[0]?.id ?? 'no code'
}

t.test('two machines with one user-data enrol, each with a name of its own, and each waits', async (t) => {
  for (const name of names) {
    t.match(await reaches(name, 'pending', 20 * minutes), { labels, taints: [dedicated] }, name)
  }
  const hosts = await Promise.all(names.map(async (name) => (await show(name)).facts.hostname))
  t.same(hosts.sort(), ['left', 'right'], 'both came, whatever they call themselves')
  t.match(await joinery('code', 'list'), / 2\/2 /)
})

t.test('one machine too many gets no reason, alerts on the code, and freezes nobody', async (t) => {
  const thief = paperMachine(product, 'thief')
  const spent = await thief.enrol(code)
  t.equal(spent.refused, 'code-not-accepted')
  t.same(spent, await thief.enrol('jny_00000000000000000000000000AX'), 'answered like an unknown one')
  t.match(await joinery('code', 'show', await theCode()), /quota +ALERT all 2 uses are taken; presented by key sha256:/)
  for (const name of names) t.match(await show(name), { state: 'pending', conflicts: { length: 0 } }, name)
})

t.test('a code from another network is refused like an unknown one', async (t) => {
  const elsewhere = JSON.parse(
    await joinery('code', 'create', '--from', '198.51.100.0/24,2001:db8::/32', '-o', 'json')
  ) as { id: string; code: string }
  t.equal((await paperMachine(product, 'stranger').enrol(elsewhere.code)).refused, 'code-not-accepted')
  t.match(
    await joinery('code', 'show', elsewhere.id),
    /refused +its address is not in 198\.51\.100\.0\/24, 2001:db8::\/32; presented/
  )
})

t.test('both approved machines join, and have labels, taint and role before they are ready', async (t) => {
  // one that waits may still report once more: an approval covers what was shown
  for (const name of names) {
    const approved = () => product.tryJoinery('approve', name, '--yes')
    await waitFor(`${name} to be approved`, approved, ({ code }) => code === 0, minutes)
  }
  for (const name of names) {
    const { facts } = await reaches(name, 'joined', 10 * minutes)
    const number = facts.hostname === 'left' ? 1 : 2
    const machine = machines[number - 1]
    if (machine === undefined) throw new Error('there are two machines')
    await placeNetworkPlugin(machine, number)
  }
  for (const name of names) {
    const { confirmed, timeline } = await reaches(name, 'ready', 15 * minutes)
    t.equal(confirmed, true, name)
    const events = timeline.map(({ event }) => event)
    t.ok(events.includes('labelled') && events.indexOf('labelled') < events.indexOf('become-ready'), name)
    const node = JSON.parse(await bed.kubectl('get', 'node', name, '-o', 'json'))
    t.match(node.metadata.labels, labels, name)
    t.match(node.metadata.labels, { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' }, "the kubelet's own")
    t.ok((await taintsOf(name)).includes('dedicated=edge:NoSchedule'), name)
    t.match(await bed.kubectl('get', 'node', name), new RegExp(`^${name} +Ready +edge `, 'm'), 'kubectl shows the role')
  }
  for (const machine of machines) await machine.powerCut()
})

t.test('each Node had its taint when it registered, so no Pod slipped in', async (t) => {
  for (const name of names) {
    const [first] = await nodes.taints(name)
    t.ok(first?.includes('dedicated=edge:NoSchedule'), `${first}`)
    const pods = ['get', 'pods', '--all-namespaces', '--field-selector', `spec.nodeName=${name}`, '-o', 'name']
    t.equal((await bed.kubectl(...pods)).trim(), '', name)
  }
  nodes.end()
})

t.test('changes by an administrator stay', async (t) => {
  await bed.kubectl('label', 'node', 'edge-1', 'example.org/rack=r8', '--overwrite')
  await bed.kubectl('taint', 'node', 'edge-1', 'dedicated:NoSchedule-')
  await product.kill()
  await product.start()
  // what the server approves it approves in a pass over all Nodes
  const paper = paperMachine(product, 'paper')
  await paper.enrol((await product.code('paper-1')).code)
  await joinery('approve', 'paper-1', '--yes')
  const csr = await paper.askForCertificate(await paper.claimToken(), 'paper-1')
  const conditions = () => bed.kubectl('get', 'csr', csr, '-o', 'jsonpath={.status.conditions[*].type}')
  await waitFor(`${csr} to be approved`, conditions, (seen) => seen.includes('Approved'), minutes)
  const rack = await bed.kubectl('get', 'node', 'edge-1', '-o', 'jsonpath={.metadata.labels.example\\.org/rack}')
  t.equal(rack, 'r8')
  t.notOk((await taintsOf('edge-1')).includes('dedicated=edge:NoSchedule'))
  t.equal((await show('edge-1')).timeline.filter(({ event }) => event === 'labelled').length, 1)
})

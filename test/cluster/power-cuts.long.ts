import type { Attempt } from '@joinery/protocol'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { installProduct, minutes } from './product.ts'
import { watchTokens } from './token-watch.ts'

t.setTimeout(0)

/** One machine whose power is cut at six stages of its way, and which gets there all the same, by itself. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const product = await installProduct(bed)
const tokens = await watchTokens(bed)
const { joinery, show, reaches, surveyed } = product
const [name, number] = ['cut', 1]
const machine = bed.machine(name, number)

const cut = async (): Promise<void> => {
  await machine.powerCut()
  await machine.boot()
}
const attempts = async (): Promise<Attempt[]> => (await show(name)).attempts

t.test('a power cut while the agent is installed: the next boot installs it', async (t) => {
  await machine.boot(await joinery('code', 'create', '--name', name, '--cloud-init'))
  await machine.waitFor('to unpack the package', 'test -d /usr/lib/joinery-agent', 15 * minutes)
  t.notOk((await product.list()).some((enrolment) => enrolment.name === name))
  await cut()
})

t.test('a power cut as the machine enrols: it has the same key and enrolment', async (t) => {
  const { id, key } = await reaches(name, 'pending', 20 * minutes)
  await cut()
  await machine.waitFor('to wait again', 'systemctl status joinery-agent | grep "waiting for approval"', 10 * minutes)
  t.match(await show(name), { id, key, state: 'pending' })
  t.equal((await product.list()).filter((enrolment) => enrolment.name === name).length, 1)
  // half of what a later boot computes, and its part is done: spine.cluster.ts boots again with it
  await machine.ssh('touch /etc/cloud/cloud-init.disabled && sync')
})

t.test('a power cut as the machine claims: it keeps its attempt, or begins another one', async (t) => {
  await surveyed(name)
  await joinery('approve', name, '--yes')
  await reaches(name, 'joining', 15 * minutes)
  await cut()
  const begun = ({ stage, failure }: Attempt) => stage !== undefined && failure === undefined
  const known = await waitFor('kubeadm to begin', attempts, (known) => known.some(begun), 10 * minutes)
  t.ok(known.length <= 2)
})

t.test('a power cut as the kubelet starts: the machine goes on, or begins another attempt', async (t) => {
  // looked for on the machine itself: seconds later the Node is there
  const starts = 'until grep -qs "Starting the kubelet" /run/joinery-agent/join.log; do sleep 0.1; done'
  await machine.waitFor('the kubelet', `timeout 900 sh -c '${starts}'`, 15 * minutes)
  const { length } = await attempts()
  await cut()
  await reaches(name, 'joined', 10 * minutes)
  const known = await attempts()
  t.ok(known.length <= length + 1)
  for (const ended of known.slice(0, -1)) t.match(ended.failure, /power cut/, 'and it says why')
})

t.test('a power cut after the Node is there: the machine goes on without another attempt', async (t) => {
  const { length } = await attempts()
  // its kubelet's certificate is on the disk, and not seconds old in memory alone: from its loss there is no way back yet
  await machine.waitFor('its disk', 'sync', minutes)
  await cut()
  await machine.waitFor('to be on', 'true', 15 * minutes)
  await placeNetworkPlugin(machine, number)
  t.match(await reaches(name, 'ready', 10 * minutes), { confirmed: true })
  t.equal((await attempts()).length, length)
})

t.test('a power cut after Ready: the machine is Ready again, and its agent is done', async (t) => {
  const renewal = () => bed.kubectl('-n', 'kube-node-lease', 'get', 'lease', name, '-o', 'jsonpath={.spec.renewTime}')
  await cut()
  // the control plane takes a Node for Ready for a while that is off
  const before = await renewal()
  await machine.waitFor('to be on', 'systemctl is-active multi-user.target', 15 * minutes)
  await machine.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)
  await waitFor('its kubelet to be heard', renewal, (renewed) => renewed > before, 15 * minutes)
  const ready = () => bed.kubectl('get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')
  await waitFor('the Node to be Ready', ready, (status) => status === 'True', 15 * minutes)
  t.equal((await show(name)).state, 'ready')
})

t.test('each attempt had one token, and no token or file with one is left', async (t) => {
  const own = (await attempts()).map(({ tokenId }) => tokenId)
  const made = (await tokens.made()).map(({ id }) => id).filter((id) => own.includes(id))
  t.same(made.toSorted(), own.toSorted())
  t.same(
    (await tokens.left()).filter((id) => own.includes(id)),
    []
  )
  t.equal((await machine.ssh('ls /etc/kubernetes/bootstrap-kubelet.conf')).stdout, '')
  tokens.end()
})

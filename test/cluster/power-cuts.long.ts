import type { Attempt } from '@joinery/protocol'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, installProduct, minutes } from './product.ts'
import { search } from './search.ts'
import { watchTokens } from './token-watch.ts'

t.setTimeout(0)

/**
 * One machine whose power is cut at six stages of its way, and another one whose server is killed meanwhile. Both get there all the
 * same, by themselves. The other one is removed then, and stays out.
 */
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
let userData = ''
const attempts = async (): Promise<Attempt[]> => (await show(name)).attempts

t.test('a power cut while the agent is installed: the next boot installs it', async (t) => {
  userData = await joinery('code', 'create', '--name', name, '--cloud-init')
  await machine.boot(userData)
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
  t.equal(
    (await machine.ssh(search([/jny_\w{28}/.exec(userData)?.[0] ?? 'no code']))).stdout,
    '',
    'no copy of its code'
  )
  // half of what a later boot computes, and its part is done: the other machine boots again with it
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
  // the other one needs the processor
  await machine.powerCut()
})

// how the package is installed is the part of the first one
const other = bed.machine('killed', 2, { template: await bed.templateWith(agentPackage) })
const itsAttempts = async (): Promise<Attempt[]> => (await show(other.name)).attempts
/** Waits until kubeadm runs: the attempt is on record before its token is answered, and nobody asks without the answer. */
const kubeadmBegins = () => other.waitFor('kubeadm to begin', 'test -e /run/joinery-agent/join.log', 5 * minutes)
/** Tokens by which a certificate was asked for, with whether anybody has judged the request. */
const requests = async (): Promise<{ token: string; judged: boolean }[]> => {
  const columns = '{range .items[*]}{.spec.username} {.status}{"\\n"}{end}'
  const lines = (await bed.kubectl('get', 'csr', '-o', `jsonpath=${columns}`)).split('\n')
  return lines.flatMap((line) => {
    const [, token, status = '{}'] = /^system:bootstrap:(\w{6}) (\{.*)?$/.exec(line) ?? []
    return token === undefined ? [] : { token, judged: status !== '{}' }
  })
}
const asked = (tokenId: string) =>
  waitFor(
    'the kubelet to ask for its certificate',
    requests,
    (seen) => seen.some(({ token }) => token === tokenId),
    10 * minutes
  )

t.test('a power cut in the middle of a join, while no server judges its request, ends the attempt', async (t) => {
  await other.boot(await joinery('code', 'create', '--name', other.name, '--cloud-init'))
  await reaches(other.name, 'pending', 20 * minutes)
  await surveyed(other.name)
  await joinery('approve', other.name, '--yes')
  const [first] = (await reaches(other.name, 'joining', 15 * minutes)).attempts
  await kubeadmBegins()
  await product.kill()
  const seen = await asked(first?.tokenId ?? '')
  t.match(
    seen.filter(({ token }) => token === first?.tokenId),
    [{ judged: false }]
  )
  await other.powerCut()
  await other.boot()
  await other.waitFor('the agent to run again', 'systemctl is-active --quiet joinery-agent', 15 * minutes)
  t.equal((await other.ssh('ls /etc/kubernetes/bootstrap-kubelet.conf')).stdout, '')
  const boot = await other.ssh('journalctl --boot --no-pager --unit joinery-agent-boot --unit kubelet --output cat')
  t.match(boot.stdout, /^closed attempt 1: it was interrupted$/m)
  t.notMatch(boot.stdout, /^Started kubelet/m, 'before the kubelet, which is not started by a boot')
  t.same(await requests(), seen, 'nobody has asked again')
  await product.start()
})

t.test('a server that is killed between claim and join, or request and approval, holds nobody up', async (t) => {
  const begun = (known: Attempt[]) => known.length === 2 && known[1]?.failure === undefined
  const [cut, next] = await waitFor('a second attempt', itsAttempts, begun, 15 * minutes)
  t.match(cut?.failure, /power cut/)
  await kubeadmBegins()
  await product.kill()
  await product.start()
  await product.kill()
  // the server that ran in between may have approved it
  await asked(next?.tokenId ?? '')
  await product.start()
  await reaches(other.name, 'joined', 15 * minutes)
  await placeNetworkPlugin(other, 2)
  const ready = await reaches(other.name, 'ready', 15 * minutes)
  t.match(ready, { confirmed: true, attempts: [{ number: 1 }, { number: 2 }] })
  await waitFor('each token to go', tokens.left, ({ length }) => length === 0, 2 * minutes)
  tokens.end()
})

t.test('a machine that was removed stays out, also after another boot', async (t) => {
  t.match(await joinery('remove', other.name, '--yes'), /removed/)
  const node = () => bed.kubectl('get', 'node', other.name, '--ignore-not-found', '-o', 'name')
  t.equal(await node(), '')
  await other.powerCut()
  await other.boot()
  const refused = 'journalctl --boot --no-pager --unit kubelet | grep "joinery-ban"'
  t.match(await other.waitFor('its kubelet to be refused', refused, 15 * minutes), /removed by Joinery/)
  t.equal(await node(), '')
  t.equal((await show(other.name)).state, 'removed')
})

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EnrolmentDetail, fingerprint, passes, type Status, type TracedNode } from '@joinery/protocol'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { doorDesk } from './door-desk.ts'
import { typist } from './kubectl-page.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { paperMachine } from './paper-machine.ts'
import { installProduct, minutes } from './product.ts'
import { search } from './search.ts'
import { watchTokens } from './token-watch.ts'
import { userKubeconfig } from './user-kubeconfig.ts'

t.setTimeout(0)

const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const product = await installProduct(bed)
const tokens = await watchTokens(bed)
const { joinery, show, reaches } = product
const desk = doorDesk(product)
await desk.bind('joinery-approver', 'alice')
const alice = await typist(bed, desk, 'alice')

const [first, second] = [bed.machine('worker-1', 1), bed.machine('worker-2', 2)]
const userData = (name: string, ...more: string[]) => joinery('code', 'create', '--name', name, ...more, '--cloud-init')
const firstUserData = await userData('worker-1')
// the other is invited from a laptop: by the objects of the cluster, and the pin that its operator named
const lara = await userKubeconfig(bed, 'lara', 'joinery-admin')
const statement = () => bed.kubectl('get', 'installations', '-o', 'jsonpath={.items[*].status.statement}')
await waitFor('the cluster to show what the server signed', statement, Boolean, minutes)
const named = ['--kubeconfig', lara, '--pin', product.pin]
const secondUserData = await joinery(
  ...named,
  ...['code', 'create', '--name', 'worker-2', '--ready-when', 'condition:example.org/Storage', '--cloud-init']
)
await first.boot(firstUserData)
await second.boot(secondUserData)
/** The code in user-data. */
const codeIn = (text: string): string => /jny_\w{28}/.exec(text)?.[0] ?? 'no code'

t.test('a power cut while the agent is installed: the next boot installs it', async (t) => {
  await second.waitFor('to unpack the package', 'test -d /usr/lib/joinery-agent', 15 * minutes)
  t.notOk(
    (await product.list()).some(({ name }) => name === 'worker-2'),
    'it has not enrolled yet'
  )
  await second.powerCut()
  await second.boot()
})

t.test('cloud-init installs the agent, and the machine waits with its evidence', async (t) => {
  await reaches('worker-1', 'pending', 20 * minutes)
  // a check that a busy moment fails is made again; what is not mended fails for good
  const isFit = ({ preflight }: EnrolmentDetail) => passes(preflight)
  const pending = await waitFor('what the agent may mend to be mended', () => show('worker-1'), isFit, 5 * minutes)
  t.match(pending, { state: 'pending' })
  t.match(pending.facts, { hostname: 'worker-1', machineId: /^[0-9a-f]{32}$/, cpus: 1, kubelet: bed.kubernetes })
  t.equal(pending.address, '172.30.0.11')
  const mended = await first.ssh('cat /etc/modules-load.d/joinery.conf /etc/sysctl.d/99-zz-joinery.conf')
  t.match(mended.stdout, /br_netfilter[\s\S]*net\.ipv4\.ip_forward/, 'for the next boot too')
  t.same(await tokens.made(), [], 'no token before the approval')
})

t.test('a machine that a Kubernetes user approves joins with one token, also if its agent is restarted', async (t) => {
  const { id } = await show('worker-1')
  t.match(await alice.type(alice.block('generateName', id)), /decision.joinery.dev\/approve-\w+ created/)
  await alice.type(alice.block('kubectl wait', id, { of: 'condition=Ready', to: "jsonpath='{.status.state}'=joining" }))
  t.equal((await first.ssh('systemctl restart joinery-agent')).code, 0)
  const joined = await reaches('worker-1', 'joined', 10 * minutes)
  t.match(joined, { message: 'joined, waiting for the network plugin', node: { condition: 'NotReady' } })
  t.equal(joined.attempts.length, 1, 'kubeadm outlived the agent')
  t.match(await bed.kubectl('get', 'node', 'worker-1'), /NotReady/)
  t.equal((await tokens.made()).length, 1, 'exactly one token was ever made')
  await waitFor('the token to go', tokens.left, (left) => left.length === 0, minutes)
})

t.test('with the network plugin the machine is Ready, and the enrolment has the proof', async (t) => {
  await placeNetworkPlugin(first, 1)
  const { id } = await show('worker-1')
  await alice.type(alice.block('kubectl wait', id, { of: '=10m', to: '=15m' }))
  const ready = await reaches('worker-1', 'ready', minutes)
  t.match(ready, { confirmed: true, agentReady: /^2/, ready: /^2/, node: { condition: 'Ready', ready: /^2/ } })
  const pem = (await first.ssh('cat /var/lib/kubelet/pki/kubelet-client-current.pem')).stdout
  const certificate = new X509Certificate(pem)
  t.equal(ready.attempts[0]?.certificateSerial, certificate.serialNumber)
  const issued = ready.timeline.find(({ event }) => event === 'certificate-issued')?.detail
  t.match(issued, fingerprint(certificate.publicKey))
})

t.test('every Node is listed with its trace, and nothing alerts', async (t) => {
  const { items } = JSON.parse(await joinery('nodes', '-o', 'json')) as { items: TracedNode[] }
  for (const { name, trace, before, enrolment } of items) {
    if (name === 'worker-1') t.match({ trace, enrolment }, { trace: 'enrolled', enrolment: { state: 'ready' } }, name)
    else t.same({ trace, before }, { trace: 'outside', before: true }, name)
  }
  t.equal(items.length, 2, 'it and the control plane')
  const status = JSON.parse((await product.tryJoinery('status', '-o', 'json')).stdout) as Status
  t.same(status.alerts, { count: 0, last: [] })
})

t.test('the agent is gone, with every secret', async (t) => {
  await first.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)
  // its timer looks some minutes after the boot whether the node needs the way back
  t.equal((await first.ssh('systemctl stop joinery-recover.timer joinery-recover.service')).code, 0)
  t.equal((await first.ssh('pgrep -f joinery-agent')).stdout, '', 'no process')
  t.equal((await first.ssh('systemctl is-failed joinery-agent joinery-join')).stdout, 'inactive\nactive\n')
  const files =
    '/etc/kubernetes/bootstrap-kubelet.conf /run/joinery-agent/discovery.conf /run/joinery-agent/join.yaml /etc/joinery/code'
  t.equal((await first.ssh(`ls ${files} 2>/dev/null`)).stdout, '', 'no file with a secret')

  const [token] = await tokens.made()
  const code = codeIn(firstUserData)
  t.match(token?.secret, /^[a-z0-9]{16}$/)
  t.match(code, /^jny_/)
  const secrets = [token?.secret ?? '', code]
  const found = await first.ssh(search(secrets))
  t.equal(found.stdout, '', 'no token and no code on the machine')
  const database = await readFile(bed.hostPath('/var/lib/joinery-server/joinery.db'), 'latin1')
  const log = await readFile(join(bed.logs, 'joinery-server.log'), 'latin1')
  const shown = JSON.stringify(await show('worker-1'))
  for (const secret of secrets)
    t.notOk(
      [database, log, shown].some((text) => text.includes(secret)),
      'nor on the server'
    )
  // the other one needs the processor
  await first.powerCut()
})

t.test(
  'the machine that was cut while it installed enrols once, and keeps no copy of its code on its disk',
  async (t) => {
    await reaches('worker-2', 'pending', 20 * minutes)
    await second.waitFor('it to wait', 'systemctl status joinery-agent | grep "waiting for approval"', 15 * minutes)
    t.equal((await second.ssh(search([codeIn(secondUserData)]))).stdout, '')
    t.equal((await product.list()).filter(({ name }) => name === 'worker-2').length, 1)
  }
)

t.test('a second key that presents the used code gets no reason, and freezes the enrolment', async (t) => {
  const pending = await show('worker-2')
  const thief = paperMachine(product, 'thief')
  const used = await thief.enrol(codeIn(secondUserData))
  const unknown = await thief.enrol('jny_00000000000000000000000000AX')
  t.equal(used.refused, 'code-not-accepted')
  t.same(used, unknown, 'answered like an unknown one')
  const frozen = await show('worker-2')
  t.match(frozen, { state: 'frozen', key: pending.key, conflicts: [{ key: used.key, address: '172.30.0.1' }] })
  t.equal((await product.tryJoinery('approve', 'worker-2', '--yes')).code, 6, 'nobody can approve it by accident')
  t.equal((await tokens.made()).length, 1, 'no token was made for it')
  await joinery('release', 'worker-2', '--key', pending.key)
  t.equal((await show('worker-2')).state, 'pending')
})

/** Who has requested a certificate with a bootstrap token, by whether anybody has judged it. */
const requests = async (): Promise<{ username: string; judged: boolean }[]> => {
  const columns = '{range .items[*]}{.spec.username} {.status}{"\\n"}{end}'
  const lines = (await bed.kubectl('get', 'csr', '-o', `jsonpath=${columns}`)).split('\n')
  return lines.flatMap((line) => {
    const [, username, status = '{}'] = /^(system:bootstrap:\w{6}) (\{.*)?$/.exec(line) ?? []
    return username === undefined ? [] : { username, judged: status !== '{}' }
  })
}
const unjudged = async (): Promise<string[]> =>
  (await requests()).filter(({ judged }) => !judged).map(({ username }) => username)
const asked = (token: string, look: () => Promise<string[]>) =>
  waitFor(
    'the kubelet to ask for its certificate',
    look,
    (seen) => seen.includes(`system:bootstrap:${token}`),
    10 * minutes
  )
/** Waits until kubeadm runs: the attempt is on record before its token is answered, and nobody asks without the answer. */
const kubeadmBegins = () => second.waitFor('kubeadm to begin', 'test -e /run/joinery-agent/join.log', 5 * minutes)

t.test('a power cut in the middle of a join ends the attempt and its credential', async (t) => {
  await joinery('approve', 'worker-2', '--yes')
  const { attempts } = await reaches('worker-2', 'joining', 15 * minutes)
  await kubeadmBegins()
  await product.kill()
  await asked(attempts[0]?.tokenId ?? '', unjudged)
  await second.powerCut()
  await second.boot()
  await second.waitFor('the agent to run again', 'systemctl is-active --quiet joinery-agent', 15 * minutes)
  t.equal((await second.ssh('ls /etc/kubernetes/bootstrap-kubelet.conf')).stdout, '')
  const boot = await second.ssh('journalctl --boot --no-pager --unit joinery-agent-boot --unit kubelet --output cat')
  t.match(boot.stdout, /^closed attempt 1: it was interrupted$/m)
  t.notMatch(boot.stdout, /^Started kubelet/m, 'before the kubelet, which is not started by a boot')
  t.equal((await unjudged()).length, 1, 'nobody has asked again')
  await product.start()
})

t.test('a server that is killed between claim and join, or request and approval, holds nobody up', async (t) => {
  const again = ({ state, attempts }: EnrolmentDetail) => state === 'joining' && attempts.length === 2
  const { attempts } = await waitFor('a second attempt', () => show('worker-2'), again, 15 * minutes)
  t.match(attempts[0]?.failure, /power cut/)
  await kubeadmBegins()
  await product.kill()
  await product.start()
  await product.kill()
  // the server that ran in between may have approved it
  await asked(attempts[1]?.tokenId ?? '', async () => (await requests()).map(({ username }) => username))
  await product.start()
  await reaches('worker-2', 'joined', 15 * minutes)
  await placeNetworkPlugin(second, 2)
  t.match(await reaches('worker-2', 'ready', 15 * minutes), {
    confirmed: true,
    attempts: [{ number: 1 }, { number: 2 }]
  })
  t.same(await tokens.left(), [])
})

/** Taints of worker-2 but for those that the control plane puts there by its conditions. */
const ownTaints = async (): Promise<string[]> => {
  const columns = '{range .spec.taints[*]}{.key}:{.effect}{"\\n"}{end}'
  const lines = (await bed.kubectl('get', 'node', 'worker-2', '-o', `jsonpath=${columns}`)).split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('node.kubernetes.io/'))
}
const startup = 'joinery.dev/not-in-service:NoSchedule'

t.test('a machine whose code has a gate is ready, and in service only when the gate holds', async (t) => {
  const flags = (await second.ssh('cat /var/lib/kubelet/kubeadm-flags.env')).stdout
  t.match(flags, `--register-with-taints=${startup}`, 'the kubelet registered its Node with the taint')
  const sentence = 'condition example.org/Storage of the Node is not True'
  const waiting = ({ notYet }: EnrolmentDetail) => notYet?.includes(sentence) === true
  const waits = await waitFor('it to wait for its gate', () => show('worker-2'), waiting, minutes)
  t.match(waits, { state: 'ready', message: `ready; not yet in service: ${sentence}` })
  t.same(await ownTaints(), [startup])
  // what an agent of the storage does on the node
  const conditions = [{ type: 'example.org/Storage', status: 'True' }]
  await bed.kubectl(
    'patch',
    'node',
    'worker-2',
    '--subresource=status',
    '-p',
    JSON.stringify({ status: { conditions } })
  )
  const open = await waitFor(
    'it to come into service',
    () => show('worker-2'),
    ({ inService }) => inService !== undefined,
    2 * minutes
  )
  t.match(open, { state: 'ready', message: 'ready; in service' })
  t.same(await ownTaints(), [], 'a real admission policy lets this one taint go')
})

t.test('a machine that was removed stays out, also after another boot', async (t) => {
  t.match(await joinery('remove', 'worker-2', '--yes'), /removed/)
  t.equal(await bed.kubectl('get', 'node', 'worker-2', '--ignore-not-found', '-o', 'name'), '')
  await second.powerCut()
  await second.boot()
  const refused = 'journalctl --boot --no-pager --unit kubelet | grep "joinery-ban"'
  t.match(await second.waitFor('its kubelet to be refused', refused, 15 * minutes), /removed by Joinery/)
  t.equal(await bed.kubectl('get', 'node', 'worker-2', '--ignore-not-found', '-o', 'name'), '')
  t.equal((await show('worker-2')).state, 'removed')
  await second.powerCut()
})

t.test('the token of one machine works for no other name, and for one certificate', async (t) => {
  const machine = paperMachine(product, 'paper')
  const enrol = async (name: string) => {
    const enrolment = await machine.enrol((await product.code(name)).code)
    await joinery('approve', name, '--yes')
    t.equal(enrolment.state, 'pending')
    return machine.claimToken()
  }
  const approved = async (csr: string) =>
    (await bed.kubectl('get', 'csr', csr, '-o', 'jsonpath={.status.conditions[*].type}')).includes('Approved')
  const isApproved = (csr: string) => waitFor(`${csr} to be approved`, () => approved(csr), Boolean, minutes)

  const token = await enrol('paper-1')
  const own = await machine.askForCertificate(token, 'paper-1')
  await isApproved(own)
  const again = await machine.askForCertificate(token, 'paper-1')
  const noticed = await waitFor(
    'the second request to be noticed',
    () => show('paper-1'),
    ({ timeline }) => timeline.some(({ event, detail }) => event === 'csr-left' && detail.includes(again)),
    minutes
  )
  t.equal(noticed.state, 'joining')
  t.notOk(await approved(again), 'a second request for the same name stays pending')

  const foreign = await machine.askForCertificate(token, 'paper-2')
  const frozen = await reaches('paper-1', 'frozen', minutes)
  t.notOk(await approved(foreign), 'another name is never approved')
  t.ok(frozen.timeline.some(({ event, alert, detail }) => event === 'conflict' && alert && detail.includes(foreign)))
  await waitFor('its token to go', tokens.left, (left) => left.length === 0, minutes)
  t.notOk(await approved(foreign))
})

t.test('the watch saw four tokens, one for each attempt', async (t) => {
  tokens.end()
  const made = await tokens.made()
  t.equal(made.length, 4)
  t.equal(new Set(made.map(({ id }) => id)).size, 4)
})

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EnrolmentDetail, fingerprint, passes, type Status, type TracedNode } from '@joinery/protocol'
import t from 'tap'
import { suiteOf } from '../../packaging/release/version.ts'
import { readmeCommands } from '../readme-commands.ts'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { addRepository, bootControlPlaneHost } from './control-plane-host.ts'
import { doorDesk } from './door-desk.ts'
import { typist } from './kubectl-page.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { paperMachine } from './paper-machine.ts'
import { minutes, type Operator, packageOf, root, version } from './product.ts'
import { search } from './search.ts'
import { watchTokens } from './token-watch.ts'

t.setTimeout(0)

/** The README's way from a repository to a Ready node, word for word, and what that node has and has not afterwards. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const tokens = await watchTokens(bed)
const host = await bootControlPlaneHost(bed, 1)
const worker = bed.machine('worker-1', 2)
const { type: onHost } = host
let [operator, pin, userData]: [Operator | undefined, string, string] = [undefined, '', '']
/** The operator, once there is a server. */
const operated = (): Operator => {
  if (operator === undefined) throw new Error('there is no server yet')
  return operator
}
const show = () => operated().show('worker-1')

const readme = await readFile(join(root, 'README.md'), 'utf8')
const commands = readmeCommands(readme, 'install')
const approve = commands.pop() ?? ''

t.test('its apt knows the signed repository alone', async (t) => {
  t.equal((await host.machine.ssh('ls /var/lib/apt/lists | grep Packages')).stdout, '', 'it knows no mirror')
  const suite = suiteOf(version)
  await addRepository(t, host, { [suite]: ['joinery-server', 'joinery'].map(packageOf) }, suite)
  t.match(await onHost('apt-cache policy joinery-server'), 'file:/srv/joinery')
})

t.test('each command works, and names the next one', async (t) => {
  t.equal(commands.length, 5)
  const printed: string[] = []
  for (const command of commands) {
    const started = performance.now()
    printed.push(await onHost(command))
    t.pass(`${command} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  }
  userData = await onHost('cat user-data')
  await worker.boot(userData)
  operator = await host.operate()
  for (const [index, text] of printed.slice(0, 3).entries())
    t.match(text.trimEnd().split('\n').at(-1), `Next: ${commands[index + 1]}`, `${index}`)
  pin = /^pin: (\S+)$/m.exec(printed[1] ?? '')?.[1] ?? 'no pin'
})

t.test('the server has no rights on its host, and only root operates it', async (t) => {
  t.equal(await onHost('ps -o user= -p $(systemctl show -P MainPID joinery-server)'), 'joinery\n')
  t.equal(await onHost('stat -c "%U %a" /var/lib/joinery-server'), 'joinery 700\n')
  // it writes there meanwhile: a draft becomes a file
  const ofOthers = 'find /var/lib/joinery-server -ignore_readdir_race ! -user joinery -printf "%p %u:%g %m\\n"'
  t.equal(
    await onHost(ofOthers),
    '/var/lib/joinery-server/ca.key root:root 600\n',
    'the key of its CA is none of its own'
  )
  t.equal(await onHost('stat -c "%a" /run/joinery/operator.sock'), '600\n')
  const nobody = await host.machine.ssh('setpriv --reuid nobody --clear-groups joinery list')
  t.match(nobody, { code: 4, stderr: /run it as root/ })
  t.not(await onHost('systemctl show -P WatchdogTimestampMonotonic joinery-server'), '0\n')
  for (const file of ['/etc/kubernetes/admin.conf', '/var/lib/joinery-server/ca.key'])
    t.equal((await host.machine.ssh(`setpriv --reuid joinery --clear-groups cat ${file}`)).code, 1, file)
})

const desk = doorDesk({ bed, show: (reference) => operated().show(reference) })
await desk.bind('joinery-approver', 'alice')
const alice = await typist(bed, desk, 'alice')

t.test('a Kubernetes user approves a machine by the commands of the page', async (t) => {
  const { code } = await operated().code('paper')
  const { id } = await paperMachine({ bed, pin, address: host.machine.address }, 'paper').enrol(code)
  const waits = alice.block('kubectl wait', id, { of: 'condition=Ready', to: 'condition=Approved' })
  await waitFor('its view', () => bed.kubectl('get', 'enrolment', id, '--ignore-not-found'), Boolean, minutes)
  t.match(await alice.type(alice.block('generateName', id)), /decision.joinery.dev\/approve-\w+ created/)
  t.match(await alice.type(waits), /condition met/)
})

t.test('a machine that boots with the user-data waits with its evidence', async (t) => {
  await operated().reaches('worker-1', 'pending', 20 * minutes)
  await operated().surveyed('worker-1')
  // a check that a busy moment fails is made again; what is not mended fails for good
  const isFit = ({ preflight }: EnrolmentDetail) => passes(preflight)
  const pending = await waitFor('what the agent may mend to be mended', show, isFit, 5 * minutes, 1000)
  t.match(pending, { state: 'pending', address: worker.address })
  t.match(pending.facts, { hostname: 'worker-1', machineId: /^[0-9a-f]{32}$/, cpus: 1, kubelet: bed.kubernetes })
  const mended = await worker.ssh('cat /etc/modules-load.d/joinery.conf /etc/sysctl.d/99-zz-joinery.conf')
  t.match(mended.stdout, /br_netfilter[\s\S]*net\.ipv4\.ip_forward/, 'for the next boot too')
  const unit = 'systemctl show -p ActiveState -p WatchdogTimestampMonotonic -p NRestarts joinery-agent'
  const { stdout } = await worker.ssh(`${unit}; systemctl show -p Result joinery-mend; sysctl net.ipv4.ip_forward`)
  for (const line of [
    /^ActiveState=active$/m,
    /^WatchdogTimestampMonotonic=[1-9]/m,
    /^NRestarts=0$/m,
    /^Result=success$/m,
    /^net.ipv4.ip_forward = 1$/m
  ])
    t.match(stdout, line, 'it has started, and says that it is alive; what it may not do in its sandbox a unit did')
  t.match((await worker.ssh('journalctl --boot --no-pager | grep -i "ordering cycle"')).stdout, '')
  t.same(await tokens.made(), [], 'no token before it is approved')
})

t.test('a machine that is approved on a terminal joins with one token, also if its agent is restarted', async (t) => {
  // it shows the evidence and asks
  const typed = await onHost(`echo y | script --quiet --return --command '${approve}' /dev/null`)
  t.match(typed, /Approve worker-1\? \[y\/N\]/)
  await waitFor('a token', tokens.made, ({ length }) => length > 0, minutes)
  t.equal((await worker.ssh('systemctl restart joinery-agent')).code, 0)
  const joined = await operated().reaches('worker-1', 'joined', 10 * minutes)
  t.match(joined, { message: 'joined, waiting for the network plugin', node: { condition: 'NotReady' } })
  t.equal(joined.attempts.length, 1, 'kubeadm outlived the agent')
  t.match(await bed.kubectl('get', 'node', 'worker-1'), /NotReady/)
  t.equal((await tokens.made()).length, 1, 'exactly one token was ever made')
  await waitFor('the token to go', tokens.left, (left) => left.length === 0, minutes)
})

t.test('with the network plugin the machine is Ready, and the enrolment has the proof', async (t) => {
  await placeNetworkPlugin(worker, 2)
  const { id } = await show()
  await alice.type(alice.block('kubectl wait', id, { of: '=10m', to: '=15m' }))
  const ready = await operated().reaches('worker-1', 'ready', minutes)
  t.match(ready, { confirmed: true, agentReady: /^2/, ready: /^2/, node: { condition: 'Ready', ready: /^2/ } })
  const pem = (await worker.ssh('cat /var/lib/kubelet/pki/kubelet-client-current.pem')).stdout
  const certificate = new X509Certificate(pem)
  t.equal(ready.attempts[0]?.certificateSerial, certificate.serialNumber)
  const issued = ready.timeline.find(({ event }) => event === 'certificate-issued')?.detail
  t.match(issued, fingerprint(certificate.publicKey))
})

t.test('every Node is listed with its trace, and nothing alerts', async (t) => {
  const { items } = JSON.parse(await operated().joinery('nodes', '-o', 'json')) as { items: TracedNode[] }
  for (const { name, trace, before, enrolment } of items) {
    if (name === 'worker-1') t.match({ trace, enrolment }, { trace: 'enrolled', enrolment: { state: 'ready' } }, name)
    else t.same({ trace, before }, { trace: 'outside', before: true }, name)
  }
  t.equal(items.length, 2, 'it and the control plane')
  const status = JSON.parse((await operated().tryJoinery('status', '-o', 'json')).stdout) as Status
  t.same(status.alerts, { count: 0, last: [] })
})

t.test('the agent is gone, with every secret', async (t) => {
  await worker.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)
  // its timer looks some minutes after the boot whether the node needs the way back
  t.equal((await worker.ssh('systemctl stop joinery-recover.timer joinery-recover.service')).code, 0)
  t.equal((await worker.ssh('pgrep -f joinery-agent')).stdout, '', 'no process')
  t.equal((await worker.ssh('systemctl is-failed joinery-agent joinery-join')).stdout, 'inactive\nactive\n')
  const files =
    '/etc/kubernetes/bootstrap-kubelet.conf /run/joinery-agent/discovery.conf /run/joinery-agent/join.yaml /etc/joinery/code'
  t.equal((await worker.ssh(`ls ${files} 2>/dev/null`)).stdout, '', 'no file with a secret')

  const [token] = await tokens.made()
  const code = /jny_\w{28}/.exec(userData)?.[0] ?? 'no code'
  t.match(token?.secret, /^[a-z0-9]{16}$/)
  t.match(code, /^jny_/)
  const secrets = [token?.secret ?? '', code]
  // the host has the code where the operator has put it, and nowhere else
  await onHost('rm user-data')
  for (const machine of [worker, host.machine]) t.equal((await machine.ssh(search(secrets))).stdout, '', machine.name)
  const shown = JSON.stringify(await show())
  for (const secret of secrets) t.notOk(shown.includes(secret), 'nor does the server tell it')
  t.equal((await tokens.made()).length, 1)
  tokens.end()
  // the host needs the processor
  await worker.powerCut()
})

/** When the server's own token was issued, in seconds; its signature stays on the host. */
const tokenIssued = async (): Promise<number> => {
  const claims = await onHost("sed -n 's/^ *token: [^.]*\\.\\([^.]*\\)\\..*/\\1/p' /var/lib/joinery-server/kubeconfig")
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).iat
}

t.test('a server that was removed goes on where it is installed again, and a purge leaves nothing', async (t) => {
  const apt = (words: string) => onHost(`DEBIAN_FRONTEND=noninteractive apt-get --assume-yes ${words}`)
  const configuration = () => onHost('cat /etc/joinery/server.yaml')
  await onHost('echo "# an administrator was here" >> /etc/joinery/server.yaml')
  const [edited, issued] = [await configuration(), await tokenIssued()]

  await apt('remove joinery-server')
  t.equal((await host.machine.ssh('systemctl is-active joinery-server')).stdout, 'inactive\n')
  t.match(await onHost('ls /etc/joinery /var/lib/joinery-server'), /^server.yaml$[\s\S]*^ca.key$[\s\S]*^joinery.db$/m)
  t.equal(await configuration(), edited)

  await apt('install joinery-server')
  await operated().reaches('worker-1', 'ready', 2 * minutes)
  t.equal(await configuration(), edited)
  // where the emulated server was too slow for its first try, the look of the next minute makes it good; each of ours takes processor
  const renewed = (at: number) => at > issued
  await waitFor('the server to renew its own token', tokenIssued, renewed, 4 * minutes, 2000)

  await apt('purge joinery-server')
  t.equal((await host.machine.ssh('ls -d /etc/joinery /var/lib/joinery-server /run/joinery')).stdout, '')
})

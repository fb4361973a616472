import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { State } from '@joinery/protocol'
import t from 'tap'
import { suiteOf } from '../../packaging/release/version.ts'
import { readmeCommands } from '../readme-commands.ts'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { addRepository, bootControlPlaneHost } from './control-plane-host.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, minutes, packageOf, root, version } from './product.ts'

t.setTimeout(0)

/** The README's way from a repository to a Ready node, word for word. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const host = await bootControlPlaneHost(bed, 1)
const worker = bed.machine('worker-1', 2)
const { type: onHost } = host
const reaches = (state: State, timeout: number) => host.reaches('worker-1', state, timeout)
/** When the server's own token was issued, in seconds; its signature stays on the host. */
const tokenIssued = async (): Promise<number> => {
  const claims = await onHost("sed -n 's/^ *token: [^.]*\\.\\([^.]*\\)\\..*/\\1/p' /var/lib/joinery-server/kubeconfig")
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).iat
}

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
  const printed = new Map<string, string>()
  for (const command of commands) {
    const started = performance.now()
    printed.set(command, await onHost(command))
    t.pass(`${command} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  }
  for (const [index, command] of commands.slice(0, 3).entries())
    t.match(printed.get(command)?.trimEnd().split('\n').at(-1), `Next: ${commands[index + 1]}`, `${index}`)
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
  t.not(await onHost('systemctl show -P WatchdogTimestampMonotonic joinery-server'), '0\n')
  const nobody = await host.machine.ssh('setpriv --reuid nobody --clear-groups joinery list')
  t.match(nobody, { code: 4, stderr: /run it as root/ })
  for (const file of ['/etc/kubernetes/admin.conf', '/var/lib/joinery-server/ca.key'])
    t.equal((await host.machine.ssh(`setpriv --reuid joinery --clear-groups cat ${file}`)).code, 1, file)
})

t.test('a machine that boots with the user-data waits, and joins after the approval', async (t) => {
  await worker.boot(await onHost('cat user-data'))
  const pending = await reaches('pending', 20 * minutes)
  t.equal(pending.address, worker.address)
  t.match(await onHost('kubectl joinery list'), /^worker-1 +pending /m)
  const shown = async (unit: string, property: string) =>
    (await worker.ssh(`systemctl show -P ${property} ${unit}`)).stdout.trim()
  t.equal(await shown('joinery-agent', 'ActiveState'), 'active', 'it has started, however long it waits')
  t.not(await shown('joinery-agent', 'WatchdogTimestampMonotonic'), '0', 'and says that it is alive')
  t.equal(await shown('joinery-agent', 'NRestarts'), '0')
  t.equal(await shown('joinery-mend', 'Result'), 'success', 'what it may not do in its sandbox a unit did')
  t.equal((await worker.ssh('cat /proc/sys/net/ipv4/ip_forward /etc/modules-load.d/joinery.conf')).code, 0)
  t.match((await worker.ssh('journalctl --boot --no-pager | grep -i "ordering cycle"')).stdout, '')

  const { code, stderr } = await worker.ssh('cat > agent.deb && dpkg --install agent.deb', await readFile(agentPackage))
  t.equal(code, 0, stderr)
  await worker.waitFor('to wait again', 'systemctl status joinery-agent | grep "waiting for approval"', 15 * minutes)
  const { id, key } = pending
  t.match(await reaches('pending', minutes), { id, key }, 'an upgrade of an agent that waits keeps key and enrolment')

  // on a terminal, where it shows the evidence and asks
  t.match(
    await onHost(`echo y | script --quiet --return --command '${approve}' /dev/null`),
    /Approve worker-1\? \[y\/N\]/
  )
  await reaches('joined', 10 * minutes)
  await placeNetworkPlugin(worker, 2)
  t.match(await reaches('ready', 15 * minutes), { confirmed: true, node: { condition: 'Ready' } })
  // the host needs the processor
  await worker.powerCut()
})

t.test('an upgrade restarts the server, a reinstall goes on, and a purge leaves nothing', async (t) => {
  const pid = () => onHost('systemctl show -P MainPID joinery-server')
  const apt = (words: string) => onHost(`DEBIAN_FRONTEND=noninteractive apt-get --assume-yes ${words}`)
  const configuration = () => onHost('cat /etc/joinery/server.yaml')
  await onHost('echo "# an administrator was here" >> /etc/joinery/server.yaml')
  const edited = await configuration()

  const [before, issued] = [await pid(), await tokenIssued()]
  await apt('install --reinstall joinery-server joinery')
  t.not(await pid(), before)
  // where the emulated server was too slow for its first try, the look of the next minute makes it good; each of ours takes processor
  const renewed = (at: number) => at > issued
  await waitFor('the server to renew its own token', tokenIssued, renewed, 4 * minutes, 2000)
  t.match(await onHost('joinery list'), /^worker-1 .* ready /m)
  t.equal(await configuration(), edited)

  await apt('remove joinery-server')
  t.equal(await onHost('joinery --version'), `${version}\n`, 'the command is a package of its own')
  t.equal((await host.machine.ssh('systemctl is-active joinery-server')).stdout, 'inactive\n')
  t.match(await onHost('ls /etc/joinery /var/lib/joinery-server'), /^server.yaml$[\s\S]*^ca.key$[\s\S]*^joinery.db$/m)
  t.equal(await configuration(), edited)

  await apt('install joinery-server')
  t.match(await onHost('joinery list'), /^worker-1 .* ready /m)
  t.equal(await configuration(), edited)

  await apt('purge joinery-server')
  t.equal((await host.machine.ssh('ls -d /etc/joinery /var/lib/joinery-server /run/joinery')).stdout, '')
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { suiteOf } from '../../packaging/release/version.ts'
import { beforeReleases as commit, isHere } from '../compat/earlier.ts'
import { readmeCommands } from '../readme-commands.ts'
import { openBed } from './bed/bed.ts'
import { addRepository, bootControlPlaneHost } from './control-plane-host.ts'
import { earlierPackages } from './earlier-packages.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, minutes, packageOf, root, version } from './product.ts'

t.setTimeout(0)

const earlierVersion = '0.0.9'

if (!(await isHere(commit))) throw new Error(`this clone does not have ${commit}: git fetch --unshallow`)
/**
 * An upgrade by its page, from the packages of the last commit before releases: the host of the server, with the command, while a machine
 * waits, and that machine's agent in the middle of its join. Then back, and forth again.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const earlier = await earlierPackages(bed.settings.cache, `${bed.logs}/earlier.log`, commit, earlierVersion)
const host = await bootControlPlaneHost(bed, 1)
const worker = bed.machine('worker-1', 2)

const page = await readFile(join(root, 'docs/how-to/upgrade.md'), 'utf8')
// the command of before knows no `version`
const [, backup, suite, upgrade, setup, ...look] = readmeCommands(page, 'server')
const type = async (command: string | undefined): Promise<string> => {
  if (command === undefined) throw new Error('the page has fewer commands than the suite expects')
  return host.type(command)
}
/** What the status says. It ends with 1 if there is something to do. */
const status = async () => (await host.machine.ssh('joinery status')).stdout
const agentVersion = async () => (await worker.ssh('joinery-agent --version')).stdout.trim()

t.test(`a machine waits at a server of ${commit}`, async (t) => {
  const suites = {
    [suiteOf(earlierVersion)]: [earlier('joinery-server')],
    [suiteOf(version)]: ['joinery-server', 'joinery'].map(packageOf)
  }
  await addRepository(t, host, suites, suiteOf(earlierVersion))
  for (const command of [
    'apt-get install joinery-server',
    'joinery-server init',
    'joinery-server setup --kubeconfig /etc/kubernetes/admin.conf',
    'systemctl enable --now joinery-server'
  ])
    await host.type(command)
  await worker.boot(await host.type('joinery code create --name worker-1 --cloud-init'))
  await host.reaches('worker-1', 'pending', 20 * minutes)
  t.equal(await agentVersion(), earlierVersion)
})

t.test(
  'the commands of the page upgrade server and command, and between them the server says what it lacks',
  async (t) => {
    await host.type('umask 077; echo an upgrade without a person > passphrase')
    t.match(await type(`${backup} --passphrase-file passphrase`), /backup/)
    await type(suite?.replace(/\d+\.\d+(?=\/)/, suiteOf(version)))
    await type(upgrade)
    t.equal(await host.type('joinery --version'), `${version}\n`, 'the command came with it, as a package of its own')
    t.match(await status(), 'joinery-server setup')
    await type(setup)
    t.match(await type(look[0]), new RegExp(`Server: +${version}`))
    t.equal(look[1], 'joinery status')
    t.notMatch(await status(), 'joinery-server setup')
    t.equal((await host.reaches('worker-1', 'pending', 5 * minutes)).attempts.length, 0, 'it waits as before')
  }
)

t.test('an agent that is upgraded while kubeadm joins its machine goes on with that attempt', async (t) => {
  await worker.ssh('cat > agent.deb', await readFile(agentPackage))
  await host.type('joinery approve worker-1 --yes')
  await worker.waitFor('kubeadm to join it', 'systemctl is-active joinery-join | grep activ', 10 * minutes)
  const { code, stderr } = await worker.ssh('dpkg --install agent.deb')
  t.equal(code, 0, stderr)
  const joined = await host.reaches('worker-1', 'joined', 10 * minutes)
  t.equal(joined.attempts.length, 1, 'kubeadm outlived the agent')
  t.equal(await agentVersion(), version)
  await placeNetworkPlugin(worker, 2)
  t.match(await host.reaches('worker-1', 'ready', 15 * minutes), { confirmed: true, node: { condition: 'Ready' } })
  t.match(
    await host.type('joinery nodes -o wide'),
    new RegExp(`^worker-1 .* ${version.replaceAll('.', '\\.')}\\b`, 'm')
  )
})

t.test('back to the earlier server, whose store has the same form, and forth again: nothing is lost', async (t) => {
  const pool = '/srv/joinery/pool'
  // it was a part of the server's package then
  await host.type('dpkg --remove joinery')
  const isThere = async (of: string) => {
    t.match(await host.type('joinery list'), /^worker-1 .* ready /m, of)
    t.equal(await host.type('joinery-server --version'), `${of}\n`)
  }
  t.match(
    await host.type(
      `dpkg --install ${pool}/${suiteOf(earlierVersion)}/joinery-server_${earlierVersion}_amd64.deb 2>&1`
    ),
    /downgrading/
  )
  await isThere(earlierVersion)
  await type(upgrade)
  await isThere(version)
})

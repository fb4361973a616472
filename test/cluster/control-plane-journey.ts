import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '@joinery/cli/testing/session'
import { type CredentialKind, type EnrolmentDetail, passes, shortFingerprint } from '@joinery/protocol'
import { sharedFiles } from '@joinery/protocol/seal'
import t from 'tap'
import { type Bed, openBed } from './bed/bed.ts'
import { serverAddress } from './bed/network.ts'
import { waitFor } from './bed/wait-for.ts'
import { etcdView } from './etcd-view.ts'
import { joinKeyFile, joinKeyOf } from './join-key.ts'
import { addToKubeadmConfig } from './kubeadm-config.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { foundInMemory } from './process-memory.ts'
import { agentPackage, installProduct, minutes, reconfigure } from './product.ts'
import { search } from './search.ts'
import { watchTokens } from './token-watch.ts'

/** `external`: kubeadm is told that the etcd of the bed is its own affair. */
interface Kind {
  credential: CredentialKind
  etcd: 'stacked' | 'external'
}

/**
 * A second control plane: it gets the keys of the cluster from root alone, its etcd becomes the second member where it has one,
 * and root takes it away again.
 */
export const controlPlaneJourney = async ({ credential, etcd: kind }: Kind): Promise<void> => {
  t.setTimeout(0)
  const bed = await openBed()
  t.teardown(() => bed.close())
  t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
  if (kind === 'external') await declareExternalEtcd(bed)
  const product = await installProduct(bed)
  if (credential === 'certificate') await reconfigure(product, 'credential: certificate')
  const tokens = await watchTokens(bed)
  const etcd = etcdView(bed)
  const { joinery, show, reaches } = product

  // how the package is installed is the part of other suites
  const template = await bed.templateWith(agentPackage, { controlPlane: true })
  const machine = bed.machine('cp-2', 2, { controlPlane: true, template })
  t.teardown(async () => {
    if (!t.passing()) await machine.keepJournal()
  })
  const given = ['--role', 'control-plane', '--label', 'example.org/rack=r7', '--taint', 'dedicated=api:NoSchedule']
  await machine.boot(await joinery('code', 'create', '--name', 'cp-2', ...given, '--cloud-init'))

  const keyFiles = [...sharedFiles.always, ...sharedFiles[kind]].filter((file) => file.endsWith('.key'))
  /** A line of each key that control planes share, as it lies in its file, and as a Secret or a kubeconfig has it. */
  const sharedKeys = async (): Promise<string[]> => {
    const texts = await Promise.all(
      keyFiles.map((file) => readFile(bed.hostPath(`/etc/kubernetes/pki/${file}`), 'utf8'))
    )
    return texts.flatMap((text) => [text.split('\n')[1] ?? '', Buffer.from(text).toString('base64').slice(60, 120)])
  }
  const onMachine = async (path: string): Promise<string> => (await machine.ssh(`cat ${path}`)).stdout
  const learners = async (): Promise<boolean[]> => (await etcd.members()).map(({ isLearner }) => isLearner)
  /** What the machine has of its credential that is to be found nowhere afterwards. */
  let secrets: string[] = []

  t.test('the fit machine waits, and an operator sees what it would mean for etcd', async (t) => {
    await reaches('cp-2', 'pending', 20 * minutes)
    // a check that a busy moment fails is made again
    const isFit = ({ sealKey, preflight }: EnrolmentDetail) => sealKey !== undefined && passes(preflight)
    const pending = await waitFor('its seal key, and no check to fail', () => show('cp-2'), isFit, 5 * minutes)
    t.match(pending, { role: 'control-plane', credential })
    t.match(await joinery('show', 'cp-2'), kind === 'stacked' ? /tolerate no loss/ : /etcd is external/)
    if (credential === 'certificate') secrets = (await joinKeyOf(machine)).secrets
  })

  t.test('an approval without root on a control-plane host gives the machine nothing yet', async (t) => {
    const operator = connect(bed.hostPath('/run/joinery/operator.sock'))
    t.teardown(() => operator.close())
    const { id, revision, key } = await show('cp-2')
    t.match(await operator.approve(id, { revision, key }), {
      state: 'approved',
      message: /waiting for root on a control-plane host: sudo joinery grant cp-2/
    })
    const says = 'systemctl status joinery-agent | grep "joinery grant cp-2"'
    await machine.waitFor('its agent to say for what it waits', says, 5 * minutes)
    t.same((await show('cp-2')).attempts, [])
    t.equal((await machine.ssh('ls /etc/kubernetes/pki')).stdout, '', 'no key')
    t.same(await tokens.made(), [])
  })

  t.test(`the machine that root granted joins with one ${credential}`, async (t) => {
    const { key } = JSON.parse((await machine.ssh('joinery-agent status -o json')).stdout)
    await joinery('grant', 'cp-2', '--key', shortFingerprint(key))
    const joined = await reaches('cp-2', 'joined', 30 * minutes)
    t.equal(joined.attempts.length, 1)
    await placeNetworkPlugin(machine, 2)
    const ready = await reaches('cp-2', 'ready', 20 * minutes)
    t.match(ready, { confirmed: true, node: { condition: 'Ready' } })
    t.notOk(ready.timeline.some(({ alert }) => alert))
    t.same(await learners(), kind === 'stacked' ? [false, false] : [false], 'each member of etcd has a vote')
    await waitFor('the token to go', tokens.left, (left) => left.length === 0, minutes)
    const made = await tokens.made()
    t.equal(made.length, credential === 'token' ? 1 : 0)
    secrets.push(...made.map(({ secret }) => secret))
    t.equal(ready.attempts[0]?.credentialSerial !== undefined, credential === 'certificate')
  })

  t.test('the new API server serves, and its Node has the marks of kubeadm and the code', async (t) => {
    const kubeconfig = '/etc/kubernetes/admin.conf'
    const look = `kubectl --kubeconfig ${kubeconfig} --server https://172.30.0.12:6443 get --raw /readyz`
    t.equal(await machine.waitFor('its API server to be ready', look, 2 * minutes), 'ok')
    const { metadata, spec } = JSON.parse(await bed.kubectl('get', 'node', 'cp-2', '-o', 'json'))
    t.match(metadata.labels, { 'example.org/rack': 'r7', 'node-role.kubernetes.io/control-plane': '' })
    const taints = (spec.taints as { key: string }[]).map(({ key }) => key)
    t.ok(taints.includes('dedicated') && taints.includes('node-role.kubernetes.io/control-plane'), taints.join())
  })

  t.test('the keys of the cluster are on the machine, and nowhere that the server could have left them', async (t) => {
    for (const file of keyFiles) {
      const path = `/etc/kubernetes/pki/${file}`
      t.equal(await onMachine(path), await readFile(bed.hostPath(path), 'utf8'), file)
      t.equal((await machine.ssh(`stat -c '%U %a' ${path}`)).stdout, 'root 600\n', file)
    }
    const keys = await sharedKeys()
    t.ok(keys.length === 8 && keys.every(({ length }) => length >= 60))
    const pid = product.processId()
    t.same(await foundInMemory(pid, keys), [], 'in its memory')
    t.same(await foundInMemory(pid, ['joinery-server.mjs']), ['joinery-server.mjs'], 'which was read')
    const database = await readFile(bed.hostPath('/var/lib/joinery-server/joinery.db'), 'latin1')
    const log = await readFile(join(bed.logs, 'joinery-server.log'), 'latin1')
    const places = { database, log, etcd: await etcd.dump(), shown: JSON.stringify(await show('cp-2')) }
    t.match(places.etcd, /\/registry\/minions\/cp-2/, 'etcd was read')
    for (const [place, text] of Object.entries(places)) {
      t.notOk(
        keys.some((key) => text.includes(key)),
        place
      )
    }
  })

  t.test('the agent is gone, with everything that it had for the join', async (t) => {
    await machine.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)
    const files = `/var/lib/joinery-agent/seal-key.json ${joinKeyFile}
      /etc/kubernetes/bootstrap-kubelet.conf /run/joinery-agent/discovery.conf /etc/joinery/code`
    t.equal((await machine.ssh(`ls ${files.replace(/\s+/g, ' ')} 2>/dev/null`)).stdout, '')
    tokens.end()
    t.ok(secrets.length > 0)
    t.equal((await machine.ssh(search(secrets))).stdout, '')
  })

  t.test('root removes the control plane: its member and its Node go, and its name is banned', async (t) => {
    t.match(await product.tryJoinery('remove', 'cp-2', '--yes'), { code: 0 })
    t.match(await show('cp-2'), { state: 'removed' })
    t.same(await learners(), [false])
    t.equal(await bed.kubectl('get', 'node', 'cp-2', '--ignore-not-found', '-o', 'name'), '')
    const banned = () =>
      bed.kubectl('-n', 'joinery-system', 'get', 'configmap', 'joinery-banned', '-o', 'jsonpath={.data}')
    await waitFor('the ban', banned, (names) => names.includes('cp-2'), minutes)
    const readyz = () => bed.kubectl('get', '--raw', '/readyz')
    await waitFor('etcd and the API server of the first to go on', readyz, (said) => said === 'ok', minutes)
  })
}

/** By the ConfigMap from which a join learns how etcd is run. */
const declareExternalEtcd = (bed: Bed): Promise<void> => {
  const pki = '/etc/kubernetes/pki'
  const client = { certFile: `${pki}/apiserver-etcd-client.crt`, keyFile: `${pki}/apiserver-etcd-client.key` }
  const external = { endpoints: [`https://${serverAddress}:2379`], caFile: `${pki}/etcd/ca.crt`, ...client }
  return addToKubeadmConfig(bed, ['kubeadm-config', 'ClusterConfiguration'], { etcd: { external } })
}

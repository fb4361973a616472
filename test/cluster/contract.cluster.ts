import { existsSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { serverUsername } from '@joinery/kube/names'
import type { ClusterFinding, ClusterReport } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { mutatingPolicy } from './mutating-policy.ts'
import { installProduct, minutes, root } from './product.ts'

t.setTimeout(0)

/** The contract of the cluster on a real API server, with the least-privilege credential that `setup` made. */
const bed = await openBed()
t.teardown(() => bed.close())
const product = await installProduct(bed)
// the suite makes the cluster unsafe for a moment, and counts tokens: nobody else may be at work
await product.kill()

t.test('a second setup changes nothing in the cluster', async (t) => {
  const lines = (await product.setup()).split('\n').filter((line) => /^\w+(\.[\w.]+)?\/joinery/.test(line))
  t.ok(lines.length > 10, `${lines.length} objects`)
  for (const line of lines) t.match(line, / unchanged$/, line)
})

t.test('setup fixes uid and endpoint of the cluster on the host, and the server signs them', async (t) => {
  const { stdout: text } = await bed.exec(['cat', '/var/lib/joinery-server/kubeconfig'])
  const { stdout: uid } = await bed.exec([
    'kubectl',
    'get',
    'namespace',
    'kube-system',
    '--output',
    'jsonpath={.metadata.uid}'
  ])
  t.match(text, 'name: joinery.dev/installation')
  t.match(text, `cluster: ${uid}\n`)
  t.match(text, /apiEndpoint: \S+:6443\n/)
})

const program = resolve(import.meta.dirname, '../contract/cluster-real.ts')
const files = ['/etc/kubernetes/admin.conf', '/var/lib/joinery-server/kubeconfig']
const contract = async (t: Test, ...setting: string[]): Promise<void> => {
  const { code, stdout, stderr } = await bed.exec([process.execPath, program, ...files, ...setting])
  t.comment(stdout)
  t.same(
    stdout.split('\n').filter((line) => /^ *not ok/.test(line)),
    []
  )
  t.equal(code, 0, stderr)
}
t.test('the contract of the cluster holds on a real API server', (t) => contract(t))

const admin = '/etc/kubernetes/admin.conf'
const commandsOf = async (file: string, name: string): Promise<string[][]> =>
  readmeCommands(await readFile(join(root, file), 'utf8'), name).map((command) => command.split(' ').slice(1))
const kubectl = async (...words: string[]): Promise<void> => {
  const { code, stderr } = await bed.exec(['kubectl', ...words])
  if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: exit status ${code}\n${stderr}`)
}
const diagnose = async (): Promise<ClusterReport & { code: number | null }> => {
  const { code, stdout, stderr } = await product.tryJoinery('cluster', 'doctor', '--kubeconfig', admin, '-o', 'json')
  if (stdout === '') throw new Error(stderr)
  return { code, ...(JSON.parse(stdout) as ClusterReport) }
}
const named = ({ checks }: ClusterReport, name: string): ClusterFinding | undefined =>
  checks.find((check) => check.name === name)
/** The authorizer's caches follow a change, they do not lead it. */
const diagnosed = (what: string, accept: (report: ClusterReport) => boolean) =>
  waitFor(`the doctor to find ${what}`, diagnose, accept, minutes)

/** The bed's cluster is not all that it could be: this is about the server's credential alone. */
const isOfTheServer = (sentence: string): boolean => /does not accept the credential|within its bounds/.test(sentence)

// while the cluster is as kubeadm made it
t.test('the contract holds with serving certificates and diagnosis, and without them their rights go', async (t) => {
  const config = bed.hostPath('/etc/joinery/server.yaml')
  const before = await readFile(config, 'utf8')
  await writeFile(config, `${before}servingCertificates: approve\ndiagnosis: on\n`)
  const rights = ['joinery-serving-certificates', 'joinery-diagnosis'].map(
    (name) => `clusterrole.rbac.authorization.k8s.io/${name}`
  )
  const made = await product.setup()
  for (const right of rights) t.match(made, `${right} created\n`)
  await contract(t, 'more')
  t.match(named(await diagnose(), 'joinery-objects'), {
    verdict: 'pass',
    finding: /servingCertificates: approve, diagnosis: on$/
  })
  await writeFile(config, before)
  const taken = await product.setup()
  for (const right of rights) t.match(taken, `${right} deleted\n`)
  t.match(named(await diagnose(), 'joinery-objects'), { verdict: 'pass', finding: /credential: token$/ })
})

t.test('with store: cluster the credential has the rights to its log, and without it they go', async (t) => {
  const config = bed.hostPath('/etc/joinery/server.yaml')
  const before = await readFile(config, 'utf8')
  await writeFile(config, `${before.replace(/^store:.*\n/m, '')}store: cluster\n`)
  const right = `role.rbac.authorization.k8s.io/joinery-log`
  t.match(await product.setup(), `${right} created\n`)
  await contract(t, 'log')
  await writeFile(config, before)
  t.match(await product.setup(), `${right} deleted\n`)
})

t.test('in a fresh cluster the doctor finds what kubeadm leaves open, and no fault of Joinery', async (t) => {
  const report = await diagnose()
  t.match(report, { code: 7, result: 'fail', cluster: { server: /^https:/, version: /^v1/ } })
  t.match(named(report, 'auto-approval'), {
    verdict: 'fail',
    finding: /kubeadm:node-autoapprove-bootstrap/,
    remedy: [`kubectl --kubeconfig ${admin} delete clusterrolebinding kubeadm:node-autoapprove-bootstrap`],
    hardens: true
  })
  t.match(named(report, 'cluster-info'), { verdict: 'warn', finding: /kubeadm:bootstrap-signer-clusterinfo/ })
  const well = [
    'api-versions',
    'bootstrap-tokens',
    'kubeadm-certs',
    'anonymous-auth',
    'joinery-objects',
    'joinery-rights'
  ]
  for (const name of well) t.match(named(report, name), { verdict: 'pass' }, name, { found: named(report, name) })
  // the bed's control plane is processes
  t.match(named(report, 'node-restriction'), { verdict: 'skipped' })
})

t.test('harden without a terminal needs --yes, and changes nothing without it', async (t) => {
  t.match(await product.tryJoinery('cluster', 'harden', '--kubeconfig', admin), { code: 2, stderr: /--yes/ })
  t.match(named(await diagnose(), 'auto-approval'), { verdict: 'fail' })
})

t.test('the commands of the pages harden the cluster', async (t) => {
  const pages = [
    ...(await commandsOf('docs/how-to/harden.md', 'harden')),
    ...(await commandsOf('README.md', 'cluster'))
  ]
  const codes: (number | null)[] = []
  for (const words of pages) {
    const hardens = words.includes('harden')
    codes.push((await product.tryJoinery(...words, ...(hardens ? ['--yes'] : []))).code)
    if (hardens) await diagnosed('nothing', ({ result }) => result === 'pass')
  }
  t.same(codes, [7, 0, 0, 0, 0])
})

t.test('the doctor finds what somebody opens, widens or deletes, and harden fixes it', async (t) => {
  const { code, stderr } = await bed.exec(['kubeadm', 'token', 'create', '--ttl', '0'])
  t.equal(code, 0, stderr)
  await kubectl('--namespace', 'kube-system', 'create', 'secret', 'generic', 'kubeadm-certs')
  await kubectl(
    'create',
    'clusterrolebinding',
    'more',
    '--clusterrole=view',
    '--serviceaccount=joinery-system:joinery-server'
  )
  await kubectl('--namespace', 'kube-system', 'delete', 'rolebinding', 'joinery-kubelet-config')
  // a binding's role cannot be changed: it is another object of the same name
  await kubectl('delete', 'clusterrolebinding', 'joinery-get-nodes')
  await kubectl(
    'create',
    'clusterrolebinding',
    'joinery-get-nodes',
    '--clusterrole=view',
    '--group=system:bootstrappers:joinery:node'
  )
  // what is added an apply leaves
  const never = JSON.stringify([
    { op: 'add', path: '/spec/matchConditions/-', value: { name: 'never', expression: 'false' } }
  ])
  await kubectl('patch', 'validatingadmissionpolicy', 'joinery-bootstrap-tokens', '--type=json', `--patch=${never}`)
  // only the server writes it
  await kubectl(
    ...['--as', serverUsername, '--namespace', 'joinery-system', 'patch', 'configmap', 'joinery-banned'],
    '--patch={"data":{"kept":"banned"}}'
  )

  const open = await diagnose()
  t.match(named(open, 'bootstrap-tokens'), {
    verdict: 'fail',
    finding: /never expires: anybody who has it signs in as .*default-node-token/
  })
  t.match(named(open, 'kubeadm-certs'), { verdict: 'fail', finding: /nothing deletes it/ })
  t.match(named(open, 'joinery-objects'), {
    verdict: 'fail',
    finding: /joinery-bootstrap-tokens changed: spec.matchConditions/
  })
  t.match(named(open, 'joinery-objects')?.finding, /joinery-kubelet-config missing/)
  t.match(named(open, 'joinery-objects')?.finding, /joinery-get-nodes changed: roleRef/)

  t.match(await product.tryJoinery('cluster', 'harden', '--kubeconfig', admin, '--yes'), { code: 0 })
  const left = await diagnosed(
    'one thing for a person',
    ({ checks }) => checks.filter(({ verdict }) => verdict === 'fail').length === 1
  )
  const { remedy = [] } = named(left, 'joinery-rights') ?? {}
  t.same(remedy, [`kubectl --kubeconfig ${admin} delete clusterrolebinding more`])
  for (const command of remedy) t.match(await bed.exec(['sh', '-c', command]), { code: 0 }, command)
  await diagnosed('nothing', ({ result }) => result === 'pass')
  const bans = await bed.exec([
    'kubectl',
    '--namespace',
    'joinery-system',
    'get',
    'configmap',
    'joinery-banned',
    '-o',
    'jsonpath={.data}'
  ])
  t.equal(bans.stdout, '{"kept":"banned"}', "the ban list is the server's")
  const again = await product.tryJoinery('cluster', 'harden', '--kubeconfig', admin)
  t.match(again, { code: 0, stdout: 'Nothing to change.\n' })
})

t.test(
  'O1, O2: what manifests prints is what setup applies, to kubectl and to a tool that holds a cluster to Git',
  async (t) => {
    const { stdout: manifests } = await product.tryJoinery('cluster', 'manifests', '--no-kube-proxy')
    const apply = async (...options: string[]): Promise<string> => {
      const { code, stdout, stderr } = await bed.exec(['kubectl', 'apply', ...options, '--filename=-'], {
        input: manifests
      })
      t.equal(code, 0, stderr)
      return stdout
    }
    await apply('--server-side', '--field-manager=git')
    await apply()
    t.match(named(await diagnose(), 'joinery-objects'), { verdict: 'pass' })
    const again = (await apply()).trim().split('\n')
    t.ok(again.length > 60, `${again.length} objects`)
    t.same(
      again.filter((line) => !line.endsWith(' unchanged')),
      []
    )
  }
)

t.test('C5: the doctor finds a policy that may change what an operator decides', async (t) => {
  t.match(named(await diagnose(), 'mutating-policies'), { verdict: 'pass' })
  const folder = '/var/lib/joinery-server'
  await writeFile(bed.hostPath(`${folder}/evil.yaml`), mutatingPolicy('evil', 'replace', '/spec/role', 'control-plane'))
  await kubectl('create', '-f', `${folder}/evil.yaml`)
  t.match(named(await diagnose(), 'mutating-policies'), {
    verdict: 'warn',
    finding: /^MutatingAdmissionPolicy evil may change the objects of joinery.dev, by its binding evil$/
  })
  await kubectl('delete', '-f', `${folder}/evil.yaml`)
})

t.test('setup --renew ends a stolen token, and all tokens that were made by it', async (t) => {
  const earlier = '/var/lib/joinery-server/earlier'
  const kept = bed.hostPath('/var/lib/joinery-server/kubeconfig')
  await copyFile(kept, bed.hostPath(earlier))
  const tokenThief = resolve(import.meta.dirname, 'inside/token-thief.ts')
  const stolen = '/var/lib/joinery-server/stolen'
  const thief = bed.exec([process.execPath, tokenThief, earlier, stolen])
  // the chain is there before it is ended
  await waitFor('the thief to have a token', async () => existsSync(bed.hostPath(stolen)), Boolean, minutes)
  const printed = await product.setup('--renew')
  t.match(printed, /serviceaccount\/joinery-server made again: the API server refuses every token that it had\n/)
  const { code, stdout, stderr } = await thief
  t.equal(code, 0, stderr)
  t.match(stdout, /^\{"stolen":[1-9]/)
  await product.start()
  // it ends with 1: the cluster needs a person for other things
  const status = JSON.parse((await product.tryJoinery('status', '-o', 'json')).stdout)
  t.same(status.remedies.filter(isOfTheServer), [])
  await product.kill()
})

t.test('the cluster takes what manifests prints, for each credential and for serving certificates', async (t) => {
  for (const parts of [
    ['--credential', 'token'],
    ['--credential', 'certificate'],
    ['--serving-certificates', '--diagnosis']
  ]) {
    const words = ['cluster', 'manifests', '--no-kube-proxy', ...parts]
    const { stdout } = await product.tryJoinery(...words)
    // another configuration than the one that was applied
    const options = ['--server-side', '--field-manager=joinery', '--force-conflicts', '--dry-run=server']
    const apply = ['kubectl', 'apply', ...options, '--filename=-']
    const { code, stderr } = await bed.exec(apply, { input: stdout })
    t.equal(code, 0, stderr)
  }
})

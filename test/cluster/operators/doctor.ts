import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverUsername } from '@joinery/kube/names'
import type { ClusterFinding, ClusterReport } from '@joinery/protocol'
import type { Test } from 'tap'
import { readmeCommands } from '../../readme-commands.ts'
import { waitFor } from '../bed/wait-for.ts'
import { mutatingPolicy } from '../mutating-policy.ts'
import { minutes, type Product, root } from '../product.ts'

/** What `joinery cluster doctor` finds in a cluster that kubeadm made, and what `harden` and `manifests` do about it. */
export const doctorsCluster = async (t: Test, product: Product): Promise<void> => {
  const { bed } = product
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
    await writeFile(
      bed.hostPath(`${folder}/evil.yaml`),
      mutatingPolicy('evil', 'replace', '/spec/role', 'control-plane')
    )
    await kubectl('create', '-f', `${folder}/evil.yaml`)
    t.match(named(await diagnose(), 'mutating-policies'), {
      verdict: 'warn',
      finding: /^MutatingAdmissionPolicy evil may change the objects of joinery.dev, by its binding evil$/
    })
    await kubectl('delete', '-f', `${folder}/evil.yaml`)
  })

  t.test('the doctor knows the rights that serving certificates and diagnosis bring', async (t) => {
    const config = bed.hostPath('/etc/joinery/server.yaml')
    const before = await readFile(config, 'utf8')
    await writeFile(config, `${before}servingCertificates: approve\ndiagnosis: on\n`)
    await product.setup()
    t.match(named(await diagnose(), 'joinery-objects'), {
      verdict: 'pass',
      finding: /servingCertificates: approve, diagnosis: on$/
    })
    await writeFile(config, before)
    await product.setup()
    t.match(named(await diagnose(), 'joinery-objects'), { verdict: 'pass', finding: /credential: token$/ })
  })
}

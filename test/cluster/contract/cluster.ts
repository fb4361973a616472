import { readFile, writeFile } from 'node:fs/promises'
import type { Test } from 'tap'
import { playContract } from './play-contract.ts'
import type { ContractSite } from './site.ts'

/** The contract of the cluster, with the least-privilege credential that `setup` made, and what `setup` makes. */
export const clusterContracts = async (t: Test, site: ContractSite): Promise<void> => {
  const { bed, product } = site

  await t.test('a second setup changes nothing in the cluster', async (t) => {
    const lines = (await product.setup()).split('\n').filter((line) => /^\w+(\.[\w.]+)?\/joinery/.test(line))
    t.ok(lines.length > 10, `${lines.length} objects`)
    t.same(
      lines.filter((line) => !line.endsWith(' unchanged')),
      []
    )
  })

  await t.test('setup fixes uid and endpoint of the cluster on the host, and the server signs them', async (t) => {
    const text = await readFile(bed.hostPath('/var/lib/joinery-server/kubeconfig'), 'utf8')
    const uid = await bed.kubectl('get', 'namespace', 'kube-system', '--output', 'jsonpath={.metadata.uid}')
    t.match(text, 'name: joinery.dev/installation')
    t.match(text, `cluster: ${uid}\n`)
    t.match(text, /apiEndpoint: \S+:6443\n/)
  })

  await t.test('the contract of the cluster holds on a real API server', (t) => playContract(t, site))

  await t.test('it holds with serving certificates and diagnosis, and without them their rights go', async (t) => {
    const config = bed.hostPath('/etc/joinery/server.yaml')
    const before = await readFile(config, 'utf8')
    await writeFile(config, `${before}servingCertificates: approve\ndiagnosis: on\n`)
    const rights = ['joinery-serving-certificates', 'joinery-diagnosis'].map(
      (name) => `clusterrole.rbac.authorization.k8s.io/${name}`
    )
    const made = await product.setup()
    for (const right of rights) t.match(made, `${right} created\n`)
    await playContract(t, site, 'more')
    await writeFile(config, before)
    const taken = await product.setup()
    for (const right of rights) t.match(taken, `${right} deleted\n`)
  })

  await t.test('the cluster takes what manifests prints, for each credential and each setting', async (t) => {
    for (const parts of [
      ['--credential', 'certificate'],
      ['--credential', 'token', '--serving-certificates', '--diagnosis']
    ]) {
      const { stdout } = await product.tryJoinery('cluster', 'manifests', '--no-kube-proxy', ...parts)
      // another configuration than the one that was applied
      const options = ['--server-side', '--field-manager=joinery', '--force-conflicts', '--dry-run=server']
      const { code, stderr } = await bed.exec(['kubectl', 'apply', ...options, '--filename=-'], { input: stdout })
      t.equal(code, 0, stderr)
    }
  })
}

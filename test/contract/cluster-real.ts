import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubernetesCluster } from '@joinery/server/cluster/kubernetes/kubernetes-cluster.ts'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { apiOutage } from './api-outage.ts'
import { clusterContract } from './cluster-contract.ts'
import { realClusterWorld } from './real-cluster-world.ts'

/**
 * The contract of the port on a real cluster: `node cluster-real.ts ADMIN-KUBECONFIG SERVER-KUBECONFIG [serving]`, where
 * the address of its API server is this machine's. The second is what `joinery-server setup` made: its rights are part of
 * the contract. `serving`: it was made for `servingCertificates: approve`.
 */
const [adminFile = '', serverFile = '', setting] = process.argv.slice(2)

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
}

const readKubeconfig = async (file: string): Promise<Kubeconfig> => parse(await readFile(file, 'utf8'))
const pem = (data: string): string => Buffer.from(data, 'base64').toString()

// two tests wait until the API server forgets a token that it let in
t.setTimeout(300_000)

clusterContract(t, 'the real cluster', async () => {
  const [admin, server] = [await readKubeconfig(adminFile), await readKubeconfig(serverFile)]
  const { cluster } = admin.clusters[0]
  const { user } = admin.users[0]
  const outage = await apiOutage(cluster.server)
  const world = realClusterWorld(
    { server: cluster.server, certificateAuthority: pem(cluster['certificate-authority-data']) },
    { certificate: pem(user['client-certificate-data']), key: pem(user['client-key-data']) },
    outage
  )
  const folder = await mkdtemp(join(tmpdir(), 'joinery-contract-'))
  const kubeconfig = join(folder, 'kubeconfig')
  server.clusters[0].cluster.server = outage.server
  await writeFile(kubeconfig, stringify(server), { mode: 0o600 })
  return {
    cluster: kubernetesCluster(kubeconfig),
    world,
    serving: setting === 'serving',
    close: async () => {
      await outage.goDown()
      await world.close()
      await rm(folder, { recursive: true })
    }
  }
})

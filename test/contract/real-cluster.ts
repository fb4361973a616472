import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectionTo } from '@joinery/kube'
import { kubernetesCluster, kubernetesViews } from '@joinery/server/testing/kubernetes'
import type { Views } from '@joinery/server/testing/kubernetes-door'
import type { OpenCluster } from '@joinery/testing/cluster/cluster-fixture'
import type { ApiAccess, ApiIdentity } from '@joinery/testing/cluster/world/api-client'
import { clusterByApi } from '@joinery/testing/cluster/world/cluster-by-api'
import { parse, stringify } from 'yaml'
import { apiOutage } from './api-outage.ts'
import { readKubeconfig } from './kubeconfig.ts'

/** A cluster, and what each side of it speaks to it by. */
export interface OpenSides extends OpenCluster {
  access: ApiAccess
  administrator: ApiIdentity
  /** The pairing server, by the credential that `joinery-server setup` made. */
  server: ApiIdentity
}

export interface RealCluster extends OpenSides {
  views: Views
}

/** The address of its API server is this machine's. `more`: the server approves serving certificates, and has rights to diagnose. */
export const openRealCluster = async (adminFile: string, serverFile: string, more: boolean): Promise<RealCluster> => {
  const [{ access, identity }, server] = [await readKubeconfig(adminFile), await readKubeconfig(serverFile)]
  const outage = await apiOutage(access.server)
  const world = clusterByApi(access, identity, outage)
  const folder = await mkdtemp(join(tmpdir(), 'joinery-contract-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const relayed = parse(await readFile(serverFile, 'utf8'))
  relayed.clusters[0].cluster.server = outage.server
  // without what setup fixed, the endpoint is what the cluster says
  delete relayed.clusters[0].cluster.extensions
  await writeFile(kubeconfig, stringify(relayed), { mode: 0o600 })
  return {
    cluster: kubernetesCluster(kubeconfig),
    views: kubernetesViews(connectionTo(kubeconfig)),
    world,
    serving: more,
    diagnosis: more,
    access,
    administrator: identity,
    server: server.identity,
    close: async () => {
      await outage.goDown()
      await world.close()
      await rm(folder, { recursive: true })
    }
  }
}

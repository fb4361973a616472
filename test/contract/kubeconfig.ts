import { readFile } from 'node:fs/promises'
import type { ApiAccess, ApiIdentity } from '@joinery/testing/cluster/world/api-client'
import { parse } from 'yaml'

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } | { token: string } }]
}

/** Where the API server is and who calls, of a kubeconfig that kubeadm or `joinery-server setup` wrote. */
export const readKubeconfig = async (
  file: string
): Promise<{ access: ApiAccess; identity: NonNullable<ApiIdentity> }> => {
  const { clusters, users } = parse(await readFile(file, 'utf8')) as Kubeconfig
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster
  const { user } = users[0]
  return {
    access: { server, certificateAuthority: pem(ca) },
    identity:
      'token' in user
        ? { token: user.token }
        : { certificate: pem(user['client-certificate-data']), key: pem(user['client-key-data']) }
  }
}

const pem = (data: string): string => Buffer.from(data, 'base64').toString()

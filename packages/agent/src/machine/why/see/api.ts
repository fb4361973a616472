import { isIP } from 'node:net'
import { connectionProblem, errorCode } from '@joinery/host/connection-problem'
import type { Files } from '@joinery/host/files'
import { given } from '@joinery/protocol/given'
import { request } from 'undici'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { type ClientConfig, readKubeconfig } from '../../kubeadm/kubeconfig.ts'
import { dateIn, nodeUrl, withConnection } from '../../kubeadm/with-connection.ts'
import type { ApiSeen } from '../seen.ts'

/**
 * Asks the API server for the Node with the kubelet's own identity: server, CA and certificate of kubelet.conf. Rejects if the machine
 * has no such file, or no certificate. `resolve`: the resolver of this machine.
 */
export const seeApi = async (files: Pick<Files, 'read'>, resolve: Host['resolve'], name: string): Promise<ApiSeen> => {
  const config = await readKubeconfig(files, paths.kubeletConf)
  const { server } = config
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '')
  try {
    return { server, host, ...(await ask(config, name)) }
  } catch (error) {
    if (isIP(host) === 0 && (await resolve(host).catch(() => [])).length === 0) {
      return { server, host, code: 'ENOTFOUND', problem: 'has a name that is not resolved' }
    }
    const code = errorCode(error)
    // to compare the clocks is all that this answer is good for: nobody vouches for it, and nothing of ours is sent
    const date = validityCodes.includes(code) ? await unverifiedDate(server).catch(() => undefined) : undefined
    return { server, host, code, problem: connectionProblem(error), ...given({ date }) }
  }
}

const validityCodes = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']

const ask = ({ server, ...trust }: ClientConfig, name: string) =>
  withConnection(trust, async (dispatcher): Promise<{ status: number; date?: number; anonymous?: true }> => {
    const { statusCode: status, headers, body } = await request(nodeUrl(server, name), { dispatcher })
    const refused = status === 403 ? (await body.text()).slice(0, 4096) : void (await body.dump())
    const isAnonymous = refused?.includes('system:anonymous')
    return { status, ...given({ date: dateIn(headers) }), ...(isAnonymous && { anonymous: true }) }
  })

const unverifiedDate = (server: string): Promise<number | undefined> =>
  withConnection({ rejectUnauthorized: false }, async (dispatcher) => {
    const { headers, body } = await request(`${server}/livez`, { dispatcher })
    await body.dump()
    return dateIn(headers)
  })

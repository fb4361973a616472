import { isIP } from 'node:net'
import { connectionProblem, errorCode } from '@joinery/host/connection-problem'
import type { Files } from '@joinery/host/files'
import { given } from '@joinery/protocol/given'
import { Agent, request } from 'undici'
import type { Host } from '../../host/host.ts'
import { paths } from '../../host/paths.ts'
import { type ClientConfig, readKubeconfig } from '../../kubeadm/kubeconfig.ts'
import type { ApiSeen } from '../seen.ts'

const timeout = 5_000

/**
 * Asks the API server for the Node with the kubelet's own identity: server, CA and certificate of kubelet.conf. Rejects if the machine
 * has no such file, or no certificate. `resolve`: the resolver of this machine.
 */
export const seeApi = async (files: Pick<Files, 'read'>, resolve: Host['resolve'], name: string): Promise<ApiSeen> => {
  const config = await readKubeconfig(files, paths.kubeletConf)
  const { server } = config
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '')
  try {
    return { server, host, ...(await ask(config, `/api/v1/nodes/${encodeURIComponent(name)}`)) }
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

const ask = async (
  { server, ca, cert, key }: ClientConfig,
  path: string
): Promise<{ status: number; date?: number; anonymous?: true }> => {
  const dispatcher = new Agent({ connect: { ca, cert, key, timeout }, headersTimeout: timeout, bodyTimeout: timeout })
  try {
    const { statusCode: status, headers, body } = await request(`${server}${path}`, { dispatcher })
    const refused = status === 403 ? (await body.text()).slice(0, 4096) : void (await body.dump())
    return { status, ...dateIn(headers.date), ...(refused?.includes('system:anonymous') && { anonymous: true }) }
  } finally {
    await dispatcher.destroy()
  }
}

const unverifiedDate = async (server: string): Promise<number | undefined> => {
  const connect = { rejectUnauthorized: false, timeout }
  const dispatcher = new Agent({ connect, headersTimeout: timeout, bodyTimeout: timeout })
  try {
    const { headers, body } = await request(`${server}/livez`, { dispatcher })
    await body.dump()
    return dateIn(headers.date).date
  } finally {
    await dispatcher.destroy()
  }
}

const dateIn = (header: string | string[] | undefined): { date?: number } => {
  const date = Date.parse(String(header))
  return Number.isNaN(date) ? {} : { date }
}

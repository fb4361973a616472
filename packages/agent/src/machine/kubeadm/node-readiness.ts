import { connectionProblem } from '@joinery/host/connection-problem'
import type { Files } from '@joinery/host/files'
import { request } from 'undici'
import { paths } from '../../host/paths.ts'
import type { NodeReadiness } from '../port/looking.ts'
import { type ClientConfig, readKubeconfig } from './kubeconfig.ts'
import { nodeUrl, withConnection } from './with-connection.ts'

export interface Node {
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] }
}

/**
 * The readiness of this machine's Node, asked with the kubelet's credential. It is a GET of the one name: from
 * Kubernetes 1.34 on a kubelet may not list. An error on the way is an answer too: not ready, because of it.
 */
export const nodeReadiness = async (files: Pick<Files, 'read'>, name: string): Promise<NodeReadiness> => {
  let config: ClientConfig
  try {
    config = await readKubeconfig(files, paths.kubeletConf)
  } catch {
    return noCertificate
  }
  try {
    return await ask(config, name)
  } catch (error) {
    return unknown(`${config.server} ${connectionProblem(error)}`)
  }
}

const ask = ({ server, ...trust }: ClientConfig, name: string): Promise<NodeReadiness> =>
  withConnection(trust, async (dispatcher) => {
    const { statusCode, body } = await request(nodeUrl(server, name), { dispatcher })
    if (statusCode === 200) return judgeNode((await body.json()) as Node)
    await body.dump()
    if (statusCode === 404) return noNode
    // a certificate that is not accepted is no identity any more
    if (statusCode === 401) return notReady('the API server does not accept the certificate of the kubelet')
    if (statusCode === 403) return unknown('the API server does not let the kubelet read this Node')
    return unknown(`${server} answers with HTTP status ${statusCode}`)
  })

/** The readiness of a Node by its condition Ready. */
export const judgeNode = (node: Node): NodeReadiness => {
  const condition = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (condition === undefined) return notReady('the kubelet has not reported its condition yet')
  const { status, reason, message } = condition
  return { ready: status === 'True', message: [reason, message].filter(Boolean).join(': ') }
}

const notReady = (message: string): NodeReadiness => ({ ready: false, message })

/** The answer if the API server did not say whether the Node is Ready. */
export const unknown = (message: string): NodeReadiness => ({ ready: false, message, unknown: true })

export const noCertificate = notReady('the kubelet has no certificate yet')
export const noNode = notReady('the cluster has no Node of this name yet')

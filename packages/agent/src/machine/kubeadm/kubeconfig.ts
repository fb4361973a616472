import type { Files } from '@joinery/host/files'
import { parse } from 'yaml'

/** The way to an API server as a client: PEM texts and a URL. */
export interface ClientConfig {
  server: string
  ca: string
  cert: string
  key: string
}

/** The server and the CA (PEM) of a kubeconfig of one cluster. Undefined if the text is none, or names no CA. */
export const clusterOf = async (
  files: Pick<Files, 'read'>,
  text: string
): Promise<Pick<ClientConfig, 'server' | 'ca'> | undefined> => {
  if (!isKubeconfig(text)) return undefined
  try {
    const { clusters }: Kubeconfig = parse(text)
    const { cluster } = clusters[0]
    const { 'certificate-authority-data': data, 'certificate-authority': path } = cluster
    const ca = data === undefined ? path && (await files.read(path)) : fromBase64(data)
    return ca && typeof cluster.server === 'string' ? { server: cluster.server, ca } : undefined
  } catch {
    return undefined
  }
}

/** A kubeconfig as kubeadm and the kubelet write one. */
interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data'?: string; 'certificate-authority'?: string } }]
  users: [{ user: Record<string, string> }]
}

/** True if the text is a kubeconfig. What a power cut left of one, nothing or zeros, is none. */
export const isKubeconfig = (text: string | undefined): text is string =>
  text !== undefined && /^clusters:/m.test(text) && /^users:/m.test(text)

/**
 * Reads a kubeconfig of one cluster and one user with a client certificate, in the file or beside it. Throws if the
 * file is none.
 */
export const readKubeconfig = async (files: Pick<Files, 'read'>, path: string): Promise<ClientConfig> => {
  const required = async (file: string): Promise<string> => {
    const text = await files.read(file)
    if (text === undefined) throw new Error(`there is no ${file}`)
    return text
  }
  const { clusters, users }: Kubeconfig = parse(await required(path))
  const { cluster } = clusters[0]
  const { user } = users[0]
  const pem = async (name: string): Promise<string> => {
    const inline = user[`${name}-data`]
    return inline === undefined ? required(user[name] ?? name) : fromBase64(inline)
  }
  return {
    server: cluster.server,
    ca: fromBase64(cluster['certificate-authority-data'] ?? ''),
    cert: await pem('client-certificate'),
    key: await pem('client-key')
  }
}

const fromBase64 = (data: string): string => Buffer.from(data, 'base64').toString()

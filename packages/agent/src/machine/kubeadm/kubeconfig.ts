import type { Files } from '@joinery/host/files'
import { parse } from 'yaml'

/** The way to an API server as a client: PEM texts and a URL. */
export interface ClientConfig {
  server: string
  ca: string
  cert: string
  key: string
}

/** A kubeconfig as kubeadm and the kubelet write one. */
interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: Record<string, string> }]
}

/** True if the text is a kubeconfig. What a power cut left of one, nothing or zeros, is none. */
export const isKubeconfig = (text: string | undefined): boolean =>
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
    ca: fromBase64(cluster['certificate-authority-data']),
    cert: await pem('client-certificate'),
    key: await pem('client-key')
  }
}

const fromBase64 = (data: string): string => Buffer.from(data, 'base64').toString()

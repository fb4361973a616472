import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Bed } from './bed/bed.ts'
import { serverAddress } from './bed/network.ts'
import { waitFor } from './bed/wait-for.ts'

const program = resolve(import.meta.dirname, 'inside/api-proxy.ts')
const [orderFile, kubeconfig] = ['/run/joinery/proxy.json', '/var/lib/joinery-server/kubeconfig']
const [apiServer, own] = [`https://${serverAddress}:6443`, `https://${serverAddress}:6480`]
const keys = '/etc/kubernetes/pki'

/** Calls that the proxy answers itself. */
export interface ProxyOrder {
  answers: { method: string; url: string; status: number }[]
  /** Milliseconds by which the clock of the API server seems to be ahead. */
  ahead: number
}

/** A proxy between the pairing server and the API server, which does as it is told. */
export interface ApiProxy {
  /** From now on the proxy does as this order says. */
  obey(order: Partial<ProxyOrder>): Promise<void>
  /** Waits until the proxy has answered such a call itself: `429 GET /apis/...`. */
  answered(call: RegExp, timeout: number): Promise<string>
  /** Has the pairing server ask the API server itself again. */
  end(): Promise<void>
}

/** Starts a proxy. The pairing server, which reads its kubeconfig again if that has changed, asks the proxy from then on. */
export const startApiProxy = async (bed: Bed): Promise<ApiProxy> => {
  const obey = async ({ answers = [], ahead = 0 }: Partial<ProxyOrder>): Promise<void> => {
    const file = bed.hostPath(orderFile)
    await writeFile(`${file}.new`, JSON.stringify({ answers, ahead } satisfies ProxyOrder))
    await rename(`${file}.new`, file)
  }
  await obey({})
  const argv = [process.execPath, program, own, apiServer, keys, orderFile]
  const proxy = await bed.spawn('api-proxy', argv)
  const healthy = () => bed.exec(['curl', '--silent', '--fail', '--cacert', `${keys}/ca.crt`, `${own}/livez`])
  await waitFor('the proxy to serve', healthy, ({ code }) => code === 0, 10_000)
  const pointTo = async (from: string, to: string): Promise<void> => {
    const file = bed.hostPath(kubeconfig)
    const text = await readFile(file, 'utf8')
    if (!text.includes(from)) throw new Error(`${kubeconfig} does not name ${from}`)
    await writeFile(file, text.replace(from, to))
  }
  await pointTo(apiServer, own)
  const log = () => readFile(join(bed.logs, 'api-proxy.log'), 'utf8')
  return {
    obey,
    answered: (call, timeout) => waitFor(`the proxy to answer ${call}`, log, (text) => call.test(text), timeout),
    end: async () => {
      await pointTo(own, apiServer)
      proxy.kill()
    }
  }
}

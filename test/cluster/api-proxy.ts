import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Bed } from './bed/bed.ts'
import { serverAddress } from './bed/network.ts'
import { waitFor } from './bed/wait-for.ts'

const program = resolve(import.meta.dirname, 'inside/api-proxy.ts')
const orderFile = '/run/joinery/proxy.json'
/** That of the one pairing server of a bed, unless there are several. */
const usual = ['/var/lib/joinery-server/kubeconfig']
const [apiServer, own] = [`https://${serverAddress}:6443`, `https://${serverAddress}:6480`]
const keys = '/etc/kubernetes/pki'

/** What becomes of a call, instead of being handed on and answered at once. */
export const fates = {
  /** It is handed on late, so that others overtake it. */
  slow: 'handed on late',
  /** It is carried out at once, and answered late. */
  late: 'answered late',
  /** It is carried out, and the connection ends before the answer. */
  unanswered: 'carried out, and the answer is lost',
  /** It is carried out, and there is never an answer. */
  silent: 'carried out, and never answered',
  /** It is carried out, and the connection ends within the answer. */
  cut: 'cut within the answer',
  /** It is not carried out, and the connection ends. */
  lost: 'lost on its way',
  /** The connection ends, and it is carried out afterwards. */
  afterwards: 'carried out after its caller was told that nobody answers',
  /** It is carried out twice. The second answer is given. */
  twice: 'carried out twice',
  tooMany: 'answered 429',
  failing: 'answered 500, and not carried out',
  unserved: 'answered 503, and not carried out'
} as const
export type Fate = keyof typeof fates

/** Calls of which some have a fate by chance. A watch has none. */
export interface Chance {
  /** Regular expressions of the whole method and of a part of the URL. */
  method: string
  url: string
  /** Share of the calls that have one, between 0 and 1. */
  share: number
  /** They come in turn, in an order that follows from the seed, so that each of them comes. */
  fates: readonly Fate[]
  /** The longest delay of a call that has one, in milliseconds. */
  most: number
}

/** Calls that the proxy answers itself, or does not just hand on. */
export interface ProxyOrder {
  answers: { method: string; url: string; status: number }[]
  /** Milliseconds by which the clock of the API server seems to be ahead. */
  ahead: number
  chances: readonly Chance[]
  seed: number
}

/** A proxy between the pairing server and the API server, which does as it is told. */
export interface ApiProxy {
  /** From now on the proxy does as this order says. */
  obey(order: Partial<ProxyOrder>): Promise<void>
  /** Waits until the proxy has answered such a call itself: `429 GET /apis/...`. */
  answered(call: RegExp, timeout: number): Promise<string>
  /** Number of calls that have had each fate. */
  fates(): Promise<ReadonlyMap<string, number>>
  /** Has the pairing server ask the API server itself again. */
  end(): Promise<void>
}

/**
 * Starts a proxy. A pairing server reads its kubeconfig again if that has changed, so those of these `kubeconfigs` ask the proxy from
 * then on.
 */
export const startApiProxy = async (bed: Bed, kubeconfigs: readonly string[] = usual): Promise<ApiProxy> => {
  const obey = async (order: Partial<ProxyOrder>): Promise<void> => {
    const file = bed.hostPath(orderFile)
    const whole: ProxyOrder = { answers: [], ahead: 0, chances: [], seed: 0, ...order }
    await writeFile(`${file}.new`, JSON.stringify(whole))
    await rename(`${file}.new`, file)
  }
  await obey({})
  const argv = [process.execPath, program, own, apiServer, keys, orderFile]
  const proxy = await bed.spawn('api-proxy', argv)
  // whoever has no credential may be answered 401
  const healthy = () => bed.exec(['curl', '--silent', '--cacert', `${keys}/ca.crt`, `${own}/livez`])
  await waitFor('the proxy to serve', healthy, ({ code }) => code === 0, 10_000)
  const pointTo = async (from: string, to: string): Promise<void> => {
    for (const kubeconfig of kubeconfigs) {
      const file = bed.hostPath(kubeconfig)
      const text = await readFile(file, 'utf8')
      if (!text.includes(from)) throw new Error(`${kubeconfig} does not name ${from}`)
      await writeFile(file, text.replace(from, to))
    }
  }
  await pointTo(apiServer, own)
  const log = () => readFile(join(bed.logs, 'api-proxy.log'), 'utf8')
  return {
    obey,
    answered: (call, timeout) => waitFor(`the proxy to answer ${call}`, log, (text) => call.test(text), timeout),
    fates: async () => {
      const lines = (await log()).split('\n').map((line) => line.split(' ')[0] ?? '')
      return new Map(Object.keys(fates).map((fate) => [fate, lines.filter((word) => word === fate).length]))
    },
    end: async () => {
      await pointTo(own, apiServer)
      proxy.kill()
    }
  }
}

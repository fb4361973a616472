import { Agent, request } from 'undici'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import { offer } from './offer.ts'

/** Between the beginnings of two requests, in milliseconds. */
const pace = 50

/** One request: milliseconds that it took, and its status. The status is 0 if there was no answer. */
export interface Probed {
  took: number
  status: number
}

const paths = ['/readyz', '/api/v1/namespaces/kube-system/configmaps/kubeadm-config']

let probed: Probed[] = []
let timer: NodeJS.Timeout | undefined

/** Somebody who asks the API server small things at a fixed pace, whether it has answered or not. */
const calls = {
  /** `kubeconfig`: of an administrator. */
  start: async (kubeconfig: string): Promise<void> => {
    const { access, identity } = await readKubeconfig(kubeconfig)
    if ('token' in identity) throw new Error(`${kubeconfig} has no certificate`)
    const connect = { ca: access.certificateAuthority, cert: identity.certificate, key: identity.key }
    const dispatcher = new Agent({ connect })
    const ask = async (path: string): Promise<Probed> => {
      const begun = performance.now()
      const status = await request(new URL(path, access.server), { dispatcher }).then(
        async ({ statusCode, body }) => {
          await body.dump()
          return statusCode
        },
        () => 0
      )
      return { took: performance.now() - begun, status }
    }
    // the connection is made before
    for (const path of paths) await ask(path)
    let count = 0
    probed = []
    timer = setInterval(() => {
      count += 1
      void ask(paths[count % paths.length] as string).then((one) => probed.push(one))
    }, pace)
  },

  /** Ends it. Gives all requests that were answered, or given up, by now. */
  stop: (): Probed[] => {
    clearInterval(timer)
    return probed
  }
}
export type ApiProbeCalls = typeof calls

offer(calls)

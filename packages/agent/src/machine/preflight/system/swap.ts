import type { ClusterFacts } from '@joinery/protocol'
import { paths } from '../../../host/paths.ts'
import { byHand, type Finding, fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import { comingSwap } from './coming-swap.ts'

type Known = Pick<PreflightInput, 'surveyed' | 'named'> & { cluster?: Pick<ClusterFacts, 'kubelet'> }

/** Checks that swap is off now, and off after the next boot, but only for a cluster whose kubelets refuse swap. */
export const swap = (known: Known): PreflightCheck => ({
  name: 'swap',
  why: 'the kubelet refuses to run beside swap, unless the configuration of the cluster says failSwapOn: false',
  mends: 'safe',
  async run(host) {
    const [, ...lines] = ((await host.read(paths.swaps)) ?? '').trim().split('\n')
    const active = lines.map((line) => line.split(/\s/)[0] as string)
    return judgeSwap({ active, coming: await comingSwap(host) }, kubeletsOf(known))
  }
})

/**
 * Behaviour of the cluster's kubelets with swap. `not-asked`: the pairing server was not asked yet, which turns no
 * swap off. `named`: the same, and a person asked for swap to be turned off. `not-told`: the pairing server was
 * asked, and the cluster did not answer it.
 */
export type Kubelets = 'allow' | 'refuse' | 'not-asked' | 'named' | 'not-told'

/**
 * The kubelets of a cluster. Without a word about swap a kubelet refuses it. The same holds for a pairing server that
 * does not send the kubelet's configuration.
 */
const kubeletsOf = ({ cluster, surveyed, named = [] }: Known): Kubelets => {
  if (cluster !== undefined) return cluster.kubelet?.failSwapOn === false ? 'allow' : 'refuse'
  if (named.includes('swap')) return 'named'
  return surveyed ? 'not-told' : 'not-asked'
}

interface Swap {
  /** Devices and files that are swapped to. */
  active: readonly string[]
  /** Causes that turn swap on at the next boot. */
  coming: readonly { by: string; remedy: string }[]
}

/** Judges if swap is wrong on this machine. Pure. */
export const judgeSwap = ({ active, coming }: Swap, kubelets: Kubelets): Finding => {
  const by = coming.map(({ by }) => by).join(', ')
  if (active.length === 0 && coming.length === 0) return pass('swap is off')
  const found =
    active.length > 0 ? `swap is on: ${active.join(', ')}` : `swap is off, and comes back at the next boot, by ${by}`
  const turnOff = [...(active.length > 0 ? ['swapoff -a'] : []), ...coming.map(({ remedy }) => remedy)]
  switch (kubelets) {
    case 'allow':
      return pass(`${found}; the kubelets of this cluster run beside swap (failSwapOn: false)`)
    case 'refuse':
      return active.length > 0 ? fail(found, ...turnOff) : warn(found, ...turnOff)
    case 'named':
      return warn(`${found}; ${notKnown}`, ...turnOff)
    case 'not-asked':
      return byHand(warn(`${found}; ${notKnown}`, unlessAllowed))
    case 'not-told': {
      const judge = active.length > 0 ? fail : warn
      return byHand(judge(`${found}; the cluster does not say now whether its kubelets refuse swap`, unlessAllowed))
    }
  }
}

const notKnown = 'the agent learns whether the kubelets of the cluster refuse it once the machine has enrolled'

const unlessAllowed =
  '# if the kubelets of the cluster refuse swap, as they do by default: joinery-agent preflight --fix=swap'

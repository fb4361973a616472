import { paths } from '../paths.ts'
import { fail, type PreflightCheck, pass, warn } from './check.ts'
import { comingSwap } from './coming-swap.ts'

/** Off now, and off after the next boot. Whether the cluster's kubelets bear swap is not known before the join. */
export const swap: PreflightCheck = {
  name: 'swap',
  why: 'the kubelet refuses to run with swap, as its limits of memory would not hold',
  mends: 'safe',
  async run(host) {
    const [, ...lines] = ((await host.read(paths.swaps)) ?? '').trim().split('\n')
    const active = lines.map((line) => line.split(/\s/)[0])
    const coming = await comingSwap(host)
    const keepOff = coming.map(({ remedy }) => remedy)
    if (active.length > 0) return fail(`swap is on: ${active.join(', ')}`, 'swapoff -a', ...keepOff)
    if (coming.length === 0) return pass('swap is off')
    const by = coming.map(({ by }) => by).join(', ')
    return warn(`swap is off, and comes back at the next boot, by ${by}`, ...keepOff)
  }
}

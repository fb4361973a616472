import { paths } from '../paths.ts'
import { fail, type PreflightCheck, pass, warn } from './check.ts'

const commentOut = "sed -i '/^[^#].*\\sswap\\s/s/^/#/' /etc/fstab"

/** The kubelet refuses to run with swap; a line in fstab brings it back at the next boot. */
export const swap: PreflightCheck = {
  name: 'swap',
  why: 'the kubelet refuses to run with swap, as its limits of memory would not hold',
  async run(host) {
    const [, ...lines] = ((await host.read(paths.swaps)) ?? '').trim().split('\n')
    const active = lines.map((line) => line.split(/\s/)[0])
    if (active.length > 0) {
      return fail(`swap is on: ${active.join(', ')}`, `swapoff -a && ${commentOut}`)
    }
    const planned = ((await host.read(paths.fstab)) ?? '')
      .split('\n')
      .find((line) => /^[^#\s]\S*\s+\S+\s+swap\s/.test(line))
    if (planned !== undefined) {
      return warn('swap is off, and /etc/fstab turns it on again at the next boot', commentOut)
    }
    return pass('swap is off')
  }
}

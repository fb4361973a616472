import t from 'tap'
import type { ContainerSight } from '../../../../src/core/ports/cluster/node-sight.ts'
import { judgeDaemonSets } from '../../../../src/features/diagnosis/why/judge-daemon-sets.ts'
import { aContainer, aDaemonSet, ago, aPod, aReading, kubeProxy, now, plugin } from './a-reading.ts'

/** A container that runs, after one that ended so many seconds ago. */
const restarted = (seconds: number, more: Partial<ContainerSight> = {}) =>
  aContainer({
    ready: true,
    restarts: 3,
    ended: { exitCode: 1, reason: 'Error', message: '', at: ago(seconds) },
    ...more
  })

const other = aDaemonSet('logs')

const rows: [when: string, of: typeof plugin, container: ContainerSight, is: string[]][] = [
  ['the plugin runs again after an error', plugin, restarted(5), ['plugin-failing']],
  ['kube-proxy runs again after an error', kubeProxy, restarted(5), ['kube-proxy-failing']],
  ['the plugin ran on after an error', plugin, restarted(120), []],
  [
    'the plugin was ended in good order',
    plugin,
    restarted(5, { ended: { exitCode: 0, reason: 'Completed', message: '', at: ago(5) } }),
    []
  ],
  ['an initial container of the plugin has ended', plugin, restarted(5, { restarts: 0 }), []],
  ['nobody knows when the plugin ended', plugin, restarted(5, { ended: { exitCode: 1, reason: '', message: '' } }), []],
  ['another Pod runs again after an error', other, restarted(5), []]
]

for (const [when, of, container, is] of rows) {
  t.test(`${when}: ${is.join() || 'nothing'}`, async (t) => {
    const pods = [plugin, kubeProxy, other].map((one) => aPod(one, one === of ? { containers: [container] } : {}))
    const reading = aReading({ daemonSets: [plugin, kubeProxy, other], pods: { renewed: ago(5), pods } })
    t.same(
      judgeDaemonSets(reading, now).map(({ code }) => code),
      is
    )
  })
}

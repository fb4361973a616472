import { type Cause, type CauseCode, rankCauses } from '@joinery/protocol'
import { explainLines } from './explain-lines.ts'
import { judgeApi, judgeCertificate } from './judge/api.ts'
import { causeHere, most } from './judge/cause.ts'
import { haveRoom, judgeClock, judgeDisks } from './judge/machine.ts'
import { judgeContainers, judgeNetwork } from './judge/network.ts'
import { isRunning, judgeKubelet, judgeRuntime } from './judge/units.ts'
import type { Look } from './rules/rule.ts'
import type { Seen } from './seen.ts'

/**
 * The causes for which the Node of this machine is not Ready, the likeliest first. If it is Ready: the containers of the system that end
 * again and again all the same. A cause that is seen now counts for more than a line of a journal about the same: of each code the first one
 * here stays, with the evidence of the others.
 */
export const decideCauses = (seen: Seen): Cause[] => {
  if (seen.node.ready) return rankCauses(merge(judgeContainers(seen)))
  const over = looksThatAreOver(seen)
  const found = [
    ...judgeDisks(seen.disks),
    ...judgeClock(seen),
    ...judgeCertificate(seen),
    ...judgeApi(seen),
    ...judgeNetwork(mayBeMissing(seen) ? seen.network : undefined),
    // the runtime's own words say more than that it is off; the kubelet's say less
    ...explainLines(seen.lines.runtime, over),
    ...judgeRuntime(seen.runtime),
    ...judgeContainers(seen),
    ...explainLines([seen.node.message, ...seen.lines.kubelet], over)
  ]
  const kubelet = judgeKubelet(seen.kubelet).filter(
    ({ code }) => code !== 'kubelet-failing' || !found.some(({ code }) => endsKubelet.has(code))
  )
  const causes = merge([...found, ...kubelet])
  return rankCauses(causes.length === 0 ? asTheKubeletSays(seen) : causes)
}

/** The looks that answered well, or whose old lines mean nothing now. */
const looksThatAreOver = ({ kubelet, runtime, network, api, disks }: Seen): ReadonlySet<Look> => {
  const answers = runtime?.answer === 'ready'
  const well: [Look, boolean][] = [
    ['kubelet', isRunning(kubelet)],
    ['runtime', answers],
    // a runtime that is off has no network, and the lines about it are from before
    ['network', answers ? network !== undefined && network.problem === undefined : runtime !== undefined],
    ['api', api !== undefined && 'status' in api && api.status === 200],
    ['disks', haveRoom(disks)]
  ]
  return new Set(well.filter(([, isWell]) => isWell).map(([look]) => look))
}

/** True if something of the network plugin may be missing here: the runtime says so, or cannot say it. */
const mayBeMissing = ({ runtime, network }: Seen): boolean =>
  runtime !== undefined && (runtime.answer !== 'ready' || network?.problem !== undefined)

/** Causes that end a kubelet. If one of them was found, it need not be said again that the kubelet ends. */
const endsKubelet: ReadonlySet<CauseCode> = new Set<CauseCode>([
  'disk-full',
  'memory-short',
  'runtime-off',
  'certificate-over',
  'kubelet-failing'
])

/** Codes of which several causes can be true at once, one for each Pod or image. */
const several: ReadonlySet<CauseCode> = new Set<CauseCode>(['pod-failing', 'pod-image'])

/** One cause for each code. It is the first one, with the evidence of all. */
const merge = (causes: readonly Cause[]): Cause[] => {
  const byCode = new Map<string, Cause>()
  for (const cause of causes) {
    const stamp = several.has(cause.code) ? `${cause.code} ${cause.text}` : cause.code
    const first = byCode.get(stamp)
    const evidence = [...new Set([...(first?.evidence ?? []), ...cause.evidence])].slice(0, most.evidence)
    byCode.set(stamp, { ...(first ?? cause), evidence })
  }
  return [...byCode.values()]
}

/** The words of the Node's condition, if nothing more was found. */
const asTheKubeletSays = ({ node: { message } }: Seen): Cause[] =>
  message === ''
    ? []
    : [
        causeHere('kubelet-says', `the Node is not Ready: ${message}`, {
          remedy: ['journalctl --unit kubelet --lines 50']
        })
      ]

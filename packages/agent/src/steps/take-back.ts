import { refusesTakingBack } from '../plan/own-earlier-join.ts'
import type { StepParts } from './context.ts'

type Parts = Pick<StepParts, 'looking' | 'joining' | 'etcd' | 'journal' | 'say' | 'log'>

/**
 * Takes back the earlier join of this agent, if nothing speaks against it just now. It looks again, whatever was read
 * before.
 */
export const takeBack = async ({ looking, joining, etcd, journal, say, log }: Parts): Promise<void> => {
  const written = await journal.read()
  const { joined } = written
  const join = await looking.joinState()
  const node = joined && join.certificate && (await looking.nodeReadiness(joined.nodeName))
  const refusal = refusesTakingBack(written, join, node)
  if (joined === undefined || refusal !== undefined) {
    say(`the earlier join is not taken back: ${refusal}`)
    log.warn(`the earlier join is not taken back: ${refusal}`)
    return
  }
  const { nodeName, controlPlane } = joined
  if (controlPlane?.etcdHosts !== undefined) {
    const { address, etcdHosts } = controlPlane
    const reason = await etcd.leaveEtcd({ address, nodeName }, etcdHosts)
    if (reason !== undefined) {
      say(`the earlier join is not taken back: ${reason}`)
      log.warn(`the earlier join is not taken back: ${reason}`)
      return
    }
  }
  say('taking back the earlier join')
  // a power cut may come when only the certificate is gone
  await journal.write({ joined: { ...joined, resetting: true } })
  await joining.closeJoin()
  await joining.reset()
  await journal.write({})
  log.info({ check: 'earlier-join', nodeName }, 'took back the earlier join by kubeadm reset')
}

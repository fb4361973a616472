import { awaitsApproval, type KeyAlgorithm, usualKeyAlgorithm } from '@joinery/protocol'
import { knownToPreflight } from '../plan/known-to-preflight.ts'
import { isOwnEarlierJoin, refusesTakingBack } from '../plan/own-earlier-join.ts'
import type { Situation } from '../plan/plan.ts'
import type { AgentConfig } from '../program/config.ts'
import type { Executors, StepParts } from './context.ts'

/** The steps that look at this machine, and mend what the agent may mend. */
export const look: Executors<'observe' | 'mend'> = {
  observe: async (_, { looking, joinKey, sealKey, memory, situation, say, clock, config, serverInUse }) => {
    // the look that is repeated while the agent waits is not what it waits for
    if (memory.observation === undefined) say('looking at this machine')
    const [{ fingerprint }, seal, facts, preflight] = await Promise.all([
      joinKey.load(algorithmOf(situation)),
      memory.known?.role === 'control-plane' ? sealKey.load() : undefined,
      looking.facts(),
      looking.preflight(
        knownToPreflight(
          withServer(config, serverInUse()),
          memory,
          situation.policy,
          isOwnEarlierJoin(situation.journal, situation.join)
        )
      )
    ])
    memory.observation = {
      value: { facts, preflight, joinKey: fingerprint, ...(seal && { sealKey: seal.signed }) },
      at: clock.monotonic()
    }
  },

  mend: async ({ checks, level }, context) => {
    const { mending, memory, say, clock, log, signal } = context
    if (memory.mendWaitsSince === undefined) say('mending this machine')
    const { changes, waits } = await mending.mend(checks, level)
    for (const { what, ...change } of changes) log.info(change, what)
    memory.mendedAt = clock.monotonic()
    if (waits === undefined) {
      delete memory.mendWaitsSince
      delete memory.observation
      if (checks.some(({ name }) => name === 'earlier-join')) await takeBack(context)
      return
    }
    if (memory.mendWaitsSince === undefined) log.info(`nothing is mended yet: ${waits}`)
    memory.mendWaitsSince ??= clock.monotonic()
    say(`nothing is mended yet: ${waits}`)
    await clock.sleep(1000, signal)
  }
}

/**
 * The kind of key that the join key must be of: that of the cluster's kubelets. Undefined if it stays as it is: the machine gets no
 * certificate, the cluster is not known yet, or the key was approved, and another one would have to be approved again.
 */
const algorithmOf = ({ enrolment, cluster }: Situation): KeyAlgorithm | undefined => {
  const isUndecided =
    typeof enrolment === 'object' && awaitsApproval(enrolment) && enrolment.credential === 'certificate'
  return isUndecided && cluster !== undefined
    ? (cluster.kubelet?.clientCertificateKeyAlgorithm ?? usualKeyAlgorithm)
    : undefined
}

/** The configuration with the server that answers: if that is a learned one, the machine needs no other. */
const withServer = (config: AgentConfig, inUse: string): AgentConfig => {
  const { server, servers = [] } = config
  return inUse === server || servers.includes(inUse) ? config : { ...config, servers: [...servers, inUse] }
}

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

import {
  hasEnded,
  isRecovering,
  type RecoveryCredential,
  type RecoveryRequest,
  recoveryLifetime
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { RecoveryRecord } from '../journal/recovery-record.ts'
import type { KubeletSight, WayToApi } from '../machine/port/recovering.ts'
import { Refused, Unreachable } from '../pairing/pairing-server.ts'
import type { Context, Executors } from './context.ts'
import { refusesCredential } from './judge-credential.ts'
import type { Claimed } from './plan-way-back.ts'

/**
 * Server and CA for bootstrap-kubelet.conf, which become those of kubelet.conf. The old ones, if the API server just
 * showed a certificate of the old CA: they may name a load balancer that nobody else knows. Else those that the pairing
 * server gave over its pinned connection. A control plane has its own API server, and the CA itself. `address` is that of
 * its API server, from the journal of the join.
 */
export const chooseWay = (
  { conf, api, controlPlane }: KubeletSight,
  { server, certificateAuthority }: Pick<RecoveryCredential, 'server' | 'certificateAuthority'>,
  address?: string
): WayToApi & { renewsAuthority: boolean } => {
  if (conf !== undefined && api?.answer === 'http') return { ...conf, renewsAuthority: false }
  if (controlPlane === undefined) return { server, ca: certificateAuthority, renewsAuthority: true }
  const own = address === undefined ? undefined : `https://${address.includes(':') ? `[${address}]` : address}:6443`
  const { ca = certificateAuthority } = controlPlane
  return { server: conf?.server ?? own ?? server, ca, renewsAuthority: false }
}

const longestPoll = 50
const pause = 2_000

/** The executor of each step. What must survive a power cut is on the disk before the next step begins. */
export const executors: Executors = {
  finish: async ({ why }) => ({ end: 'nothing', why, remedy: [] }),

  stop: async ({ end, why, remedy }) => ({ end, why, remedy }),

  clear: async (_, { recovering, log }) => {
    await recovering.removeBootstrap()
    log.info('removed the bootstrap-kubelet.conf that an interrupted way back left')
    return undefined
  },

  ask: async ({ reason }, context) => {
    const { server, record, recovering, key, looking, newValue, bootId, memory, situation, say, log } = context
    say('asking', 'asking the pairing server for a new certificate of the kubelet')
    const { current } = situation.record
    // on the disk before the server hears of it: after a power cut the same pair is asked with
    const next = await record.next(newValue)
    const request: RecoveryRequest = {
      reason,
      ...evidenceOf(situation.sight),
      ...given({ current }),
      next,
      joinKey: (await key.load(await recovering.keyAlgorithm())).fingerprint,
      facts: await looking.facts(),
      ...(bootId !== '' && { bootId })
    }
    const { state, ...rest } = await server.recover(request)
    if (!situation.record.asked) await record.markAsked({ ...given({ current }), next })
    memory.enrolment = { state, ...rest }
    log.info({ reason }, 'asked the pairing server for the way back')
    return undefined
  },

  wait: async ({ reason }, { server, memory, clock, signal, until, say }) => {
    say('waiting', reason)
    const known = typeof memory.enrolment === 'object' ? memory.enrolment.revision : 0
    const begun = clock.monotonic()
    const seconds = Math.max(1, Math.min(longestPoll, Math.floor((until - begun) / 1000)))
    const newer = await server.wait(known, seconds, signal)
    memory.enrolment = newer ?? memory.enrolment ?? 'none'
    // a server that answers at once all the same must not make a busy loop
    if (newer === undefined && clock.monotonic() - begun < 1000) await clock.sleep(1000, signal)
    return undefined
  },

  claim: async (_, context) => {
    const { server, key, nodeName, memory, say, log, situation } = context
    say('returning', 'claiming a certificate for the kubelet')
    const kept = await key.load()
    const { certificateRequest } = await import('../keys/certificate-request.ts')
    const request = await certificateRequest(kept, nodeName)
    const interrupted = interruptedAttempt(situation.record, context)
    const answer = await server.claimRecovery({ request, ...given({ interrupted }) })
    const refusal =
      refusesCredential(answer, { nodeName, key: kept.fingerprint }) ??
      (await take({ ...answer, key: kept.key }, context))
    if (refusal === undefined) {
      log.info({ attempt: answer.attempt }, 'claimed the certificate of the way back')
      return undefined
    }
    const cause = `the pairing server gave a credential that cannot be used: ${refusal}`.slice(0, 512)
    memory.failure = { attempt: answer.attempt, class: 'cluster', cause }
    return undefined
  },

  // the CA by which the kubelet knows its callers first: what follows makes the kubelet start with it
  place: async ({ claimed: { attempt, way, credential, renewsAuthority } }, context) => {
    const { recovering, record, situation, bootId, say, log } = context
    say('returning', 'waiting for the kubelet to take up its new credential')
    await record.markPlaced(situation.record, { attempt, bootId })
    if (renewsAuthority) await recovering.replaceAuthority(way.ca)
    await recovering.writeBootstrap(way, credential)
    log.info('wrote bootstrap-kubelet.conf')
    return undefined
  },

  'remove-certificate': async (_, { recovering, log }) => {
    await recovering.removeCertificate()
    log.info('removed the link to a certificate that kept the kubelet from its credential')
    return undefined
  },

  restart: async (_, { recovering, memory, log }) => {
    await recovering.restartKubelet()
    memory.restarted = true
    log.info('restarted the kubelet')
    return undefined
  },

  await: async (step, { clock, signal, say }) => {
    say('returning', `waiting for ${step.for}`)
    await clock.sleep(pause, signal)
    return undefined
  },

  report: async ({ certificate }, context) => {
    const { recovering, server, log, nodeName } = context
    // the credential is of no use any more
    await recovering.removeBootstrap()
    await server.outcome({ outcome: 'ready', certificate })
    await settle(context)
    log.info({ nodeName, ...certificate }, 'the kubelet has a new certificate')
    return {
      end: 'recovered',
      why: `the kubelet of ${nodeName} has its certificate: ${certificate.fingerprint}, serial ${certificate.serial}`,
      remedy: []
    }
  },

  acknowledge: async ({ certificate }, context) => {
    const { server, memory, signal, nodeName } = context
    try {
      await server.outcome({ outcome: 'ready', certificate })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      memory.enrolment = (await server.wait(0, 0, signal)) ?? 'none'
      const { enrolment } = memory
      if (enrolment !== 'none' && isRecovering(enrolment) && !hasEnded(enrolment)) {
        return { end: 'nothing', why: `the certificate of the kubelet is good again; ${enrolment.message}`, remedy: [] }
      }
    }
    await settle(context)
    return { end: 'recovered', why: `the kubelet of ${nodeName} has its certificate again`, remedy: [] }
  },

  // closed on this machine first, and then reported
  fail: async ({ failure: { cause, ...failure } }, { recovering, server, memory, log }) => {
    await recovering.removeBootstrap()
    delete memory.claimed
    memory.failure = { ...failure, cause }
    log.warn(cause)
    const output = failure.class === 'machine' ? await recovering.kubeletLog() : []
    await server.outcome({ outcome: 'failed', ...failure, stage: '', cause, output }).catch((error) => {
      // the server closed the attempt by itself: it knows
      if (!(error instanceof Refused)) throw error
    })
    return { end: 'failed', why: cause, remedy: ['journalctl --unit kubelet --lines 50'] }
  }
}

/**
 * The attempt whose credential was on the disk in an earlier boot. Its kubelet may have asked for a certificate with a key that only its
 * memory had, and would ask with another one. Within one boot the kubelet keeps its key.
 */
const interruptedAttempt = ({ placed }: RecoveryRecord, { bootId }: Context): number | undefined =>
  placed !== undefined && placed.bootId !== bootId ? placed.attempt : undefined

type Answer = Awaited<ReturnType<Context['server']['claimRecovery']>> & { key: string }

/** Takes the credential into memory, if the API server takes it. Returns the reason if it does not. */
const take = async (answer: Answer, context: Context): Promise<string | undefined> => {
  const { recovering, nodeName, address, memory, clock, situation } = context
  const { sight } = situation
  const { renewsAuthority, ...way } = chooseWay(sight, answer, address)
  const credential = { certificate: answer.certificate, key: answer.key }
  const taken = await recovering.ask(nodeName, way, credential)
  if (taken.answer === 'none') throw new Unreachable(`${way.server} ${taken.why}`)
  if (taken.answer === 'untrusted') return `${way.server} is not of the CA that came with it`
  if (taken.status === 401) return `${way.server} does not take its certificate`
  const { pem } = sight
  const before = 'certificate' in pem ? pem.certificate?.serial : undefined
  memory.claimed = {
    attempt: answer.attempt,
    credential,
    way,
    renewsAuthority,
    inTheWay: isInTheWay(sight, clock.now()),
    ...given({ before }),
    until: clock.monotonic() + recoveryLifetime
  } satisfies Claimed
  return undefined
}

/**
 * True if the kubelet would not look at a bootstrap file, or not start, because of the certificate that is there. It
 * judges by its own clock, which is this machine's.
 */
const isInTheWay = ({ pem }: KubeletSight, now: number): boolean => {
  if (pem.state === 'unreadable' || pem.state === 'key-does-not-fit') return true
  return pem.state === 'whole' && now < pem.notAfter
}

/** The last certificate, as far as its file can be read. */
const evidenceOf = ({ pem }: KubeletSight): Pick<RecoveryRequest, 'notAfter' | 'serial' | 'fingerprint'> => {
  if (!('certificate' in pem) || pem.certificate === undefined || pem.notAfter === undefined) return {}
  return { notAfter: new Date(pem.notAfter).toISOString(), ...pem.certificate }
}

/**
 * Remembers that the server has acknowledged the way back: the value that follows is from now on the present one. That is
 * written last. A power cut before it has the server asked for its acknowledgement once more.
 */
const settle = async ({ record, key, journal, situation }: Context): Promise<void> => {
  await key.remove()
  const { pem } = situation.sight
  const { joined, ...rest } = await journal.read()
  // an earlier join may be taken back only if the kubelet has the certificate that the journal knows
  if (joined !== undefined && pem.state === 'whole') {
    await journal.write({ ...rest, joined: { ...joined, certificate: pem.certificate } })
  }
  await record.settle(situation.record.next)
}

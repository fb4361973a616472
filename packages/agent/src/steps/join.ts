import { isDeepStrictEqual } from 'node:util'
import { type Check, type Credential, preflightLasts, second, stagesAtMost } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Attempt, Failure } from '../journal/journal.ts'
import { phases as phasesOf, stages as stagesOf } from '../journal/stages.ts'
import type { JoinCredential } from '../machine/port/joining.ts'
import type { MachinePorts } from '../machine/port/machine-ports.ts'
import { Refused } from '../pairing/pairing-server.ts'
import { isControlPlane, type Situation, waitsForGrant } from '../plan/plan.ts'
import { lookWhyBeside } from './await-node/look-why.ts'
import type { Context, Executors } from './context.ts'
import { openKeys } from './open-keys.ts'
import { pauseAfter } from './pauses.ts'
import { waitForChange } from './wait-for-change.ts'
import { writeAttempt } from './write-attempt.ts'

/** The steps of an attempt that goes well, from the claim to the Ready Node. */
export const join: Executors<'claim-and-join' | 'follow' | 'await-node'> = {
  'claim-and-join': async (_, context) => {
    const { looking, joining, journal, memory, situation, say, log, config } = context
    say('claiming the credential')
    if (situation.join.unit === 'succeeded') await forgetJoin(context)
    // beside the claim, so that it costs nothing; if it fails, nothing of the network is ever removed
    const preflight = freshPreflight(context)
    if (preflight === undefined) return
    const [credential, before] = await Promise.all([
      claim(context, preflight),
      looking.networkTraces().catch(() => undefined)
    ])
    if (credential === undefined) return
    const { attempt: number, nodeName } = credential
    const attempt: Attempt = { number, nodeName, bootId: situation.bootId, ...given({ before }) }
    const parts = isControlPlane(situation.enrolment) ? await openKeys(credential, context) : undefined
    if (parts !== undefined && 'class' in parts) {
      await journal.write({ ...kept(situation), attempt: { ...attempt, failure: parts, untouched: true } })
      log.warn(parts, 'the attempt failed before anything was put on this machine')
      return
    }
    // written before kubeadm starts, and before its keys: the agent may take back after a power cut what it began
    await journal.write({
      ...kept(situation),
      attempt: { ...attempt, ...(parts && { controlPlane: parts.join }) }
    })
    memory.stagesReported = 0
    // it was before the claim: if kubeadm cannot be started, the server is asked whether the attempt is open
    delete memory.enrolment
    delete memory.nextAttemptAt
    await joining.startJoin(credential, {
      ...given({ nodeIp: config.nodeIp }),
      ...(parts && { controlPlane: { address: parts.join.address, keys: parts.keys } })
    })
    log.info({ attempt: number, nodeName }, 'kubeadm join started')
  },

  follow: async ({ attempt }, { server, journal, memory, situation, looked, say, clock, signal }) => {
    const { output } = situation.join
    const stages = stagesOf(output)
    const phases = phasesOf(output)
    // kubeadm's output is lost in a power cut. All the lines of one look are one write; without a new line there is
    // no write.
    if (phases.length > 0 && !isDeepStrictEqual(phases, situation.journal.attempt?.phases)) {
      await writeAttempt(journal, situation, { phases })
    }
    const stage = stages.at(-1)
    say(`joining: ${stage ?? 'kubeadm started'}`)
    // all that is new is one report, and one write of the server
    const fresh = stages.slice(memory.stagesReported, memory.stagesReported + stagesAtMost)
    const last = fresh.pop()
    if (last !== undefined) {
      memory.enrolment = await server.progress({ attempt, stage: last, ...(fresh.length > 0 && { before: fresh }) })
      memory.stagesReported += fresh.length + 1
    }
    await clock.sleep(pauseAfter(looked), signal)
  },

  'await-node': async ({ nodeName, certificate }, context) => {
    const { looking, joining, server, journal, memory, situation, looked, say, log, clock } = context
    // the secrets are of no use any more, and the wait may be long
    await joining.removeSecrets()
    const { before, controlPlane } = situation.journal.attempt ?? {}
    // a Node that nobody has marked is no control plane to the cluster
    if (controlPlane !== undefined && situation.join.unit !== 'succeeded') await joining.markControlPlane(nodeName)
    const asked = clock.monotonic()
    const { ready, message } = await looking.nodeReadiness(nodeName)
    if (!ready) {
      const pause = pauseAfter(looked + clock.monotonic() - asked)
      const cause = lookWhyBeside(context, nodeName)
      say(
        `joined, waiting for the Node to be Ready: ${message}${cause === undefined ? '' : `; ${cause}; see joinery-agent why`}`
      )
      // kubeadm did not come to its end, and it may be us who stopped the kubelet
      if (situation.join.unit !== 'succeeded') await joining.startKubelet()
      // the kubelet pulls and unpacks now, and needs the processor
      return waitForChange(context, Math.max(2, Math.ceil(pause / second)))
    }
    // what a look that still goes on finds is over
    delete memory.why
    memory.enrolment = await server.outcome({ outcome: 'ready', certificate })
    await journal.write({
      accepted: true,
      joined: { nodeName, certificate, ...given({ before, controlPlane }) }
    })
    log.info({ nodeName }, 'the node is ready')
  }
}

/**
 * The checks that a claim carries. Undefined if they are too old to claim by: then the agent looks at this machine
 * again first.
 */
const freshPreflight = ({ memory, clock }: Context): Check[] | undefined => {
  const { observation } = memory
  if (observation !== undefined && clock.monotonic() - observation.at <= preflightLasts)
    return observation.value.preflight
  delete memory.observation
  return undefined
}

/** Claims the credential. Undefined if the server bids the machine wait: then the wait is over. */
const claim = async (context: Context, preflight: Check[]): Promise<JoinCredential | undefined> => {
  const { say, situation } = context
  try {
    return await claimed(context, preflight)
  } catch (error) {
    if (error instanceof Refused && error.code === 'joins-full') {
      say(`approved: ${error.message}`)
      // the server ends the poll when its turn has come
      await waitForChange(context, 50)
      return undefined
    }
    if (!(error instanceof Refused && isControlPlane(situation.enrolment))) throw error
    if (error.code === 'control-plane-busy') {
      say('waiting: another control plane is joining')
      await waitForChange(context, 10)
    } else if (error.code === 'not-granted') {
      say(waitsForGrant(situation.enrolment.name))
      await waitForChange(context, 50)
    } else throw error
    return undefined
  }
}

/**
 * Claims the credential, with a request if it is a certificate. The server decides the name, so the request is made
 * only now.
 */
const claimed = async (
  { server, joinKey, situation: { enrolment } }: Context,
  preflight: Check[]
): Promise<JoinCredential> => {
  if (typeof enrolment !== 'object' || enrolment.credential !== 'certificate') {
    return withKey(await server.claim({ preflight }))
  }
  const key = await joinKey.load()
  const { certificateRequest } = await import('../keys/certificate-request.ts')
  return withKey(await server.claim({ request: await certificateRequest(key, enrolment.name), preflight }), key.key)
}

const withKey = (credential: Credential, key?: string): JoinCredential => {
  if ('token' in credential) return credential
  if (key === undefined) throw new Error('the pairing server gives a certificate that was not asked for')
  return { ...credential, key }
}

/** The failures, which stay in the journal when another attempt begins. */
const kept = ({ journal: { failures } }: Situation): { failures?: { attempt: number; failure: Failure }[] } =>
  failures === undefined ? {} : { failures }

/** Forgets the unit of a join that was reset since, in the same boot. systemd would not start it once more. */
const forgetJoin = async ({ looking, joining }: Pick<MachinePorts, 'looking' | 'joining'>): Promise<void> => {
  const { unit, kubeletConf } = await looking.joinState()
  if (unit === 'succeeded' && !kubeletConf) await joining.closeJoin()
}

import { isDeepStrictEqual } from 'node:util'
import { CommandEnd } from '@joinery/host/command-end'
import { answerOf } from '@joinery/kube'
import { type DecisionSpec, type DecisionStatus, decisionName } from '@joinery/protocol/door'
import { exitCodes, NoAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { type Patience, waitUntil } from '../terminal/wait-until.ts'
import type { DoorApi } from './door-api.ts'
import { mayHappen } from './explain-answer.ts'
import { apiVersion, DecisionObject, kindOf } from './objects.ts'
import { problemAnswer } from './problem-answer.ts'

export interface DecideParts extends Patience {
  api: DoorApi
  /** The name of the operator, as the API server knows it. */
  whoAmI(): Promise<string>
  /** Sixteen letters of hex that no other command gives, for the name of a Decision. */
  unique(): string
  onInterrupt: Terminal['onInterrupt']
  err: Terminal['err']
  told: Terminal['told']
  /** Longest time for an answer of the pairing server, in milliseconds. */
  timeout: number
}

/** Milliseconds for which the command waits until the Pods of a Node are gone, as over the socket. */
const makingRoom = 180_000

/** Number of the look at which a person is told why it takes so long: by then a server that has to do nothing else has answered. */
const tellAfter = 6

/**
 * Makes one Decision, and waits until the pairing server has said what became of it. Throws its refusal as `ProblemAnswer`. If no
 * answer comes in time, or if Ctrl-C ends the command, it says that the Decision stays open. The name of the Decision is chosen
 * before it is sent, so that it can be found after a lost answer. It binds the spec, so that the server carries out what was sent or
 * nothing.
 */
export const decide = async (parts: DecideParts, given: Omit<DecisionSpec, 'by'>): Promise<DecisionStatus> => {
  const { api, whoAmI, unique, onInterrupt, err, told, timeout } = parts
  const spec: DecisionSpec = { ...given, by: await whoAmI() }
  const name = decisionName(spec, unique())
  const open = stillOpen(name, spec)
  const ignore = onInterrupt?.(() => err(`${open.cause}\nto do: ${told(open.remedy)}\n`))
  try {
    await make(api, name, spec, open)
    const limit = spec.verdict === 'replace' ? timeout + makingRoom : timeout
    let looks = 0
    const lookAgain = () => {
      looks += 1
      if (spec.verdict === 'replace' && looks === tellAfter) {
        err(`The Decision ${name} is open; waiting until Kubernetes has taken the Pods away\n`)
      }
      return look(api, name, spec)
    }
    const status = await waitUntil(lookAgain, limit, parts).catch((error) => {
      throw error instanceof Gone
        ? error
        : new AggregateError([error, new CommandEnd(exitCodes.timeout, open.cause, open.remedy)])
    })
    if (status === undefined) {
      const cause = `no answer of the pairing server within ${limit / 1000} s; ${open.cause}`
      throw new CommandEnd(exitCodes.timeout, cause, open.remedy)
    }
    if (status.result === 'applied') return status
    throw problemAnswer(status.code ?? 'refused', {
      detail: status.message,
      ...(status.remedy !== undefined && { remedy: status.remedy })
    })
  } finally {
    ignore?.()
  }
}

/**
 * Lets the API server judge the Decision: its form, whether the operator may, and whether it would be kept as it was sent. No Decision
 * is made, and the pairing server hears of none.
 */
export const tryToDecide = async (
  { api, whoAmI, unique }: DecideParts,
  given: Omit<DecisionSpec, 'by'>
): Promise<void> => {
  const spec: DecisionSpec = { ...given, by: await whoAmI() }
  const body = { apiVersion, kind: 'Decision', metadata: { name: decisionName(spec, unique()) }, spec }
  const kept = await api.call(({ custom }) =>
    custom.createClusterCustomObject({ ...kindOf('decisions'), body, dryRun: 'All' })
  )
  if (isDeepStrictEqual((kept as { spec?: unknown }).spec, spec)) return
  throw new CommandEnd(
    exitCodes.conflict,
    'the cluster would keep another Decision than the one that was sent: a webhook or a MutatingAdmissionPolicy changes it',
    'an administrator of the cluster finds it: joinery cluster doctor'
  )
}

interface Open {
  cause: string
  remedy: string
}

/** Text about a Decision of which nobody knows yet what becomes of it. */
const stillOpen = (name: string, { verdict }: DecisionSpec): Open => ({
  cause: `the Decision ${name} stays open for ${verdict === 'reject' || verdict === 'remove' ? '7 days' : 'an hour'}`,
  remedy: `watch it: kubectl get decision ${name} -w; take it back, if you may: kubectl delete decision ${name}`
})

/**
 * Makes the Decision. If the answer is lost, it looks whether the Decision is there. If nobody can tell, it throws and says so: a
 * request that timed out may still be carried out.
 */
const make = async (api: DoorApi, name: string, spec: DecisionSpec, open: Open): Promise<void> => {
  const body = { apiVersion, kind: 'Decision', metadata: { name }, spec }
  try {
    await api.call(({ custom }) => custom.createClusterCustomObject({ ...kindOf('decisions'), body }))
  } catch (error) {
    if (!mayHappen(error) && !isThere(error)) throw error
    const made = await api.read('decisions', name, DecisionObject).catch(() => undefined)
    if (made !== undefined) return
    const unknown = new CommandEnd(
      exitCodes.timeout,
      `nobody knows whether it was made: if so, ${open.cause}`,
      open.remedy
    )
    throw new AggregateError([error, unknown])
  }
}

/** True if the answer says that the name is taken: by this very request, which arrived twice. */
const isThere = (error: unknown): boolean => error instanceof CommandEnd && answerOf(error.cause)?.code === 409

/** The Decision is gone, or is another one: nobody can tell what became of it. */
class Gone extends CommandEnd {}

/** Looks at the Decision once. Undefined while it is open, and while the API server cannot tell. */
const look = async (api: DoorApi, name: string, spec: DecisionSpec): Promise<DecisionStatus | undefined> => {
  const remedy = `see what became of the enrolment: joinery show ${spec.enrolment}`
  const object = await api.read('decisions', name, DecisionObject).catch((error) => {
    if (error instanceof NoAnswer) return 'away' as const
    throw error
  })
  if (object === 'away') return undefined
  if (object === undefined) {
    throw new Gone(exitCodes.conflict, `the Decision ${name} was deleted before the pairing server answered`, remedy)
  }
  if (!isDeepStrictEqual(object.spec, spec)) {
    throw new Gone(exitCodes.conflict, `the Decision ${name} is another one by now: somebody changed it`, remedy)
  }
  return object.status
}

import { CommandEnd } from '@joinery/host/command-end'
import { removeByHand } from '@joinery/host/text/remove-by-hand'
import type { OperatorClient } from '../operator-client.ts'
import { exitCodes, ProblemAnswer } from '../terminal/errors.ts'

/** A better error for a name that no enrolment has, if a control plane has the name: it joined without Joinery. */
export const explainNotFound = async (error: unknown, name: string, client: OperatorClient): Promise<unknown> => {
  if (!(error instanceof ProblemAnswer) || error.code !== 'not-found') return error
  const { items } = await client.listNodes({ name, role: 'control-plane' }).catch(() => ({ items: [] }))
  if (!items.some((node) => node.name === name && node.roles.includes('control-plane'))) return error
  return new CommandEnd(
    exitCodes.conflict,
    `${name} is a control plane without an enrolment: it joined without Joinery`,
    removeByHand(name)
  )
}

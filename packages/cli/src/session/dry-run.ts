import { CommandEnd } from '@joinery/host/command-end'
import { type DecideQuery, type Event, next } from '@joinery/protocol'
import { Option } from 'commander'
import type { OperatorClient, SeenEnrolment } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Session } from './session.ts'

export const dryRuns = ['none', 'client', 'server'] as const
/** Kind of dry run: none; what this command can judge by itself; or the whole decision, judged by the server. */
export type DryRun = (typeof dryRuns)[number]

export interface DryRunOptions {
  dryRun: DryRun
}

export const dryRunOption = (): Option =>
  new Option(
    '--dry-run <strategy>',
    'change nothing: client only shows what would be asked, server lets the server check all of it'
  )
    .choices(dryRuns)
    .default('none')

/** The part of a call's query that makes it a dry run. */
export const queryOfDryRun = (dryRun: DryRun): Pick<DecideQuery, 'dryRun'> =>
  dryRun === 'server' ? { dryRun: 'All' } : {}

/** The part of a call's query by which a decision holds only for this look. */
export const lookOf = ({ revision, key }: Pick<SeenEnrolment, 'revision' | 'key'>): DecideQuery => ({
  revision: `${revision}`,
  key
})

/** The words behind a verb that was not carried out, as kubectl has them. Empty if it was. */
export const dryRunWords = (dryRun: DryRun): string => (dryRun === 'none' ? '' : ` (${dryRun} dry run)`)

/** Carries a verb out, or tries it. In a dry run by the client nothing is sent: the state tells whether the verb is possible. */
export const carryOut = async (
  dryRun: DryRun,
  { event, look }: { event: Event; look: SeenEnrolment },
  send: (query: Pick<DecideQuery, 'dryRun'>) => Promise<SeenEnrolment>
): Promise<SeenEnrolment> => {
  if (dryRun !== 'client') return send(queryOfDryRun(dryRun))
  const state = next(look.state, event)
  if (state !== undefined) return { ...look, state }
  const cause = `${event} is not possible: the enrolment of ${look.name} is ${look.state}`
  throw new CommandEnd(exitCodes.conflict, cause, `look again: joinery show ${look.id}`)
}

/** Says what a dry run over the cluster does not tell. */
export const tellDryRun = (dryRun: DryRun, { client, terminal }: Pick<Session, 'client' | 'terminal'>): void => {
  if (dryRun === 'server' && isCluster(client)) terminal.err(`${onlyRights}\n`)
}

const isCluster = ({ door }: Pick<OperatorClient, 'door'>): boolean => door === 'cluster'

const onlyRights =
  'The API server would take it: you may, and the form is right. A pairing server hears of no dry run there; on its host it checks the rest'

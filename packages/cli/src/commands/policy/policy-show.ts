import { CommandEnd } from '@joinery/host/command-end'
import { pageAt } from '@joinery/host/text/page-at'
import type { PolicyStatus } from '@joinery/protocol'
import { type Column, columnTable } from '../../output/columns.ts'
import { printDocument } from '../../output/document.ts'
import { requireHost } from '../../session/require-host.ts'
import type { Session } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'

type Rule = PolicyStatus['rules'][number]

const columns: readonly Column<Rule>[] = [
  { header: 'RULE', cell: ({ name }) => name },
  { header: 'VERDICT', cell: ({ verdict }) => verdict },
  { header: 'QUOTA', cell: ({ quota }) => (quota === undefined ? '-' : `${quota} an hour`) },
  {
    header: 'LEFT',
    cell: ({ quota, approved = 0 }) => (quota === undefined ? '-' : `${Math.max(0, quota - approved)}`)
  },
  {
    header: 'WITHOUT PROOF',
    cell: ({ withoutProof }) => (withoutProof === undefined ? '-' : `${withoutProof} waiting`)
  }
]

/** Shows the policy that counts on the server. Ends with 7 if the file as it is now is wrong. */
export const showPolicy = async (session: Session): Promise<void> => {
  const { client, terminal, headers } = session
  requireHost(client, {
    what: 'look at the policy',
    command: 'joinery policy show',
    host: 'on the host of the pairing server'
  })
  const { policy } = await client.status()
  if (policy === undefined) {
    throw new CommandEnd(
      exitCodes.notFound,
      'the server has no policy: its configuration names none',
      `see ${pageAt('how-to/policy.md')}, and policy in /etc/joinery/server.yaml`
    )
  }
  const { file, mode, hash, rules, trouble } = policy
  if (!printDocument(session, policy)) {
    if (rules.length > 0) terminal.out(columnTable(columns, session, rules, headers))
    terminal.err(mode === undefined ? 'No policy counts.\n' : `Its mode is ${mode}, its hash is ${hash}\n`)
  }
  if (trouble === undefined) return
  throw new CommandEnd(exitCodes.checkFails, ['the file does not count as it is now:', ...trouble], `correct ${file}`)
}

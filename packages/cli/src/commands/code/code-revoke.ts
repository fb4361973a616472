import { type CodeQuery, type CodeStatus, codeStatuses, escapeText } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { type Command, Option } from 'commander'
import type { OperatorClient, SeenCode } from '../../operator-client.ts'
import { codeColumns } from '../../output/code-columns.ts'
import { printDocument } from '../../output/document.ts'
import { oneOrMany } from '../../output/list-options.ts'
import { agreeOnMany, decideEach, endMany, type ManyWords, requireAgreeableMany } from '../../selection/decide-many.ts'
import { fitsLabels } from '../../selection/label-selector.ts'
import { eachPage, requireFew } from '../../selection/select.ts'
import { addSelection, isSelection, requireEither, type Selection } from '../../selection/selection-options.ts'
import { type DryRunOptions, dryRunOption, dryRunWords, queryOfDryRun } from '../../session/dry-run.ts'
import { codeArgument, codeName } from '../../session/references.ts'
import { inSession, isForPeople, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { tryEach } from '../../terminal/try-each.ts'

const examples = `Examples:
  joinery code list
  joinery code revoke 5c0e7d42                    the end of its id, as the console shows it
  joinery code revoke --all                       every open code: shows them in a table, and asks once
  joinery code revoke -l rack=r7 --dry-run=server
`

interface Options extends Selection<CodeStatus>, DryRunOptions {
  yes?: true
}

export const addCodeRevoke = (code: Command, terminal: Terminal): Command =>
  addSelection(
    code
      .command('revoke')
      .description(
        'close codes: they let no more machines in; machines that used them go on, and a second key does not freeze them'
      )
      .addHelpText('before', examples)
      .addArgument(codeArgument('[id...]')),
    'codes',
    codeStatuses.filter((status) => status !== 'revoked')
  )
    .addOption(new Option('--yes', 'do not ask about a selection'))
    .addOption(dryRunOption())
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((ids: string[], options: Options, command) =>
      inSession(command, terminal, (session) => {
        requireEither(ids, options)
        return isSelection(options) ? revokeMany(options, session) : revoke(ids, options, session)
      })
    )

const revoke = async (ids: readonly string[], options: Options, session: Session): Promise<void> => {
  const { done, failures } = await tryEach(ids, (id) => revokeOne(id, options, session))
  printDocument(session, { items: done }, () => done.map(codeName))
  if (failures.length > 0) throw new AggregateError(failures)
}

const revokeOne = async (
  id: string,
  { dryRun }: DryRunOptions,
  { client, terminal, format }: Session
): Promise<SeenCode> => {
  const revoked: SeenCode =
    dryRun === 'client'
      ? { ...(await client.showCode(id)), status: 'revoked' }
      : await client.revokeCode(id, queryOfDryRun(dryRun))
  if (isForPeople(format)) terminal.out(`code/${escapeText(revoked.id)} revoked${dryRunWords(dryRun)}\n`)
  return revoked
}

const words: ManyWords = { verb: 'revoke', done: 'revoked', nouns: ['code', 'codes'] }

const revokeMany = async (options: Options, session: Session): Promise<void> => {
  requireAgreeableMany(options, words, session)
  const codes = await selectCodes(session.client, options)
  const agreed = await agreeOnMany(codes, codeColumns, words, options, session)
  const outcome = await decideEach(agreed ? codes : [], ({ id }) => revokeOne(id, options, session))
  printDocument(session, { items: outcome.done }, () => outcome.done.map(codeName))
  if (agreed) endMany(outcome, `revoked${dryRunWords(options.dryRun)}`, ({ id }) => id, session)
}

/** The codes that are selected, page by page. Only open ones, unless another state is selected. */
const selectCodes = async (
  { listCodes }: Pick<OperatorClient, 'listCodes'>,
  { state = ['open'], role, selector = [] }: Options
): Promise<SeenCode[]> => {
  const query = { state: oneOrMany(state), ...given({ role }) } as CodeQuery
  const codes: SeenCode[] = []
  const take = (code: SeenCode): void => {
    if (fitsLabels(selector, code.labels ?? {})) codes.push(code)
    requireFew(codes.length)
  }
  await eachPage((page) => listCodes({ ...query, ...page }), take)
  return codes
}

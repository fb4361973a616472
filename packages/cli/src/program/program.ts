import { table } from '@joinery/host/text/table'
import { version } from '@joinery/protocol'
import { Argument, Command } from 'commander'
import { addApprove } from '../commands/approve.ts'
import { addAudit } from '../commands/audit/audit.ts'
import { addCloudInit } from '../commands/cloud-init.ts'
import { addCluster } from '../commands/cluster.ts'
import { addCodeCreate } from '../commands/code/code-create.ts'
import { addCodeList } from '../commands/code/code-list.ts'
import { addCodeRevoke } from '../commands/code/code-revoke.ts'
import { addCodeShow } from '../commands/code/code-show.ts'
import { addCompletion } from '../commands/completion.ts'
import { addConsole } from '../commands/console/console.ts'
import { addGrant } from '../commands/grant.ts'
import { addJoinCommand } from '../commands/join-command.ts'
import { addList } from '../commands/list.ts'
import { addWhy } from '../commands/node/why.ts'
import { addNodes } from '../commands/nodes.ts'
import { addPolicy } from '../commands/policy/policy.ts'
import { addReject } from '../commands/reject.ts'
import { addRelease } from '../commands/release.ts'
import { addRemove } from '../commands/remove.ts'
import { addRetry } from '../commands/retry.ts'
import { addShow } from '../commands/show.ts'
import { addStatus } from '../commands/status.ts'
import { addBundle } from '../commands/support/bundle.ts'
import { addLogs } from '../commands/support/logs.ts'
import { addVersion } from '../commands/version.ts'
import { addWait } from '../commands/wait/wait.ts'
import { addWebhook } from '../commands/webhook/webhook.ts'
import { addScreenOptions } from '../session/screen-options.ts'
import { addDoorOptions } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { aliases, aliasRows, typedKinds } from './aliases.ts'

const examples = `Examples:
  joinery cloud-init --name node-1 > user-data
  joinery list
  joinery show node-1
  joinery approve node-1
  joinery why node-1
  joinery status
  joinery --context prod list                     from anywhere, as a Kubernetes user; also kubectl joinery list
`
const codeExamples = `Examples:
  joinery code create --name node-1 --cloud-init > user-data
  joinery code list
`
/** docs/reference/exit-codes.md has an example of each. */
const exitCodesHelp = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 denied, 5 timeout, 6 conflict, 7 check fails, 130 interrupted`

const environmentHelp = `
Environment, if no option says it:
  JOINERY_SOCKET           the pairing server's socket
  JOINERY_PIN              pin of the cluster's pairing server
  KUBECONFIG               kubeconfigs, with colons between them
  JOINERY_PAGER, or PAGER  program that shows a long text, without a shell; empty or cat for none
  NO_COLOR, FORCE_COLOR    no colours, or colours also for a pipe`

/** The whole command line; parsing it never exits and never touches the process. */
export const buildProgram = (terminal: Terminal): Command => {
  const program = addScreenOptions(addDoorOptions(new Command('joinery')))
    .description('Decide which machines join the cluster.')
    .version(version)
    .addHelpText('before', examples)
    .addHelpText('after', environmentHelp)
    .addHelpText('afterAll', exitCodesHelp)
    // the options of the program are those of every command
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })

  addCloudInit(program, terminal)
  const code = program
    .command('code')
    .description('make, list and revoke codes: one-time invitations')
    .addHelpText('before', codeExamples)
  addCodeCreate(code, terminal)
  addCodeList(code, terminal)
  addCodeShow(code, terminal)
  addCodeRevoke(code, terminal)
  addJoinCommand(program, terminal)
  addList(program, terminal)
  addShow(program, terminal)
  addWhy(program, terminal)
  addLogs(program, terminal)
  addApprove(program, terminal)
  addWait(program, terminal)
  addGrant(program, terminal)
  addReject(program, terminal)
  addRelease(program, terminal)
  addRetry(program, terminal)
  addNodes(program, terminal)
  addRemove(program, terminal)
  addStatus(program, terminal)
  addWebhook(program, terminal)
  addPolicy(program, terminal)
  addAudit(program, terminal)
  addConsole(program, terminal)
  addCluster(program, terminal)
  addBundle(program, terminal)
  addVersion(program, terminal)
  addCompletion(program, terminal)
  addAliases(program, terminal)
  return program
}

/** Adds commands that the help of the program does not list: the names that kubectl has for commands, and a list of these. */
const addAliases = (program: Command, terminal: Terminal): void => {
  const listed = `Examples:
${table(
  [...aliasRows().map(([typed, means]) => [typed, `is ${means}`]), ['aliases', 'prints these lines']].map(
    ([typed = '', means = '']) => [`  joinery ${typed}`, means]
  ),
  false
)}`
  program
    .command('aliases', { hidden: true })
    .description('list the names that kubectl has for commands of joinery')
    .addHelpText('before', listed)
    .action(() => terminal.out(listed.split('\n').slice(1).join('\n')))
  for (const verb of Object.keys(aliases)) {
    const own = listed.split('\n').filter((line) => line.startsWith(`  joinery ${verb}`))
    program
      .command(verb, { hidden: true })
      .description("another name, as kubectl's; the options are those of the command that it means")
      .addArgument(new Argument('[kind]', 'kind of the things that are meant').choices(typedKinds))
      .addHelpText('before', `Examples:\n${own.join('\n')}\n`)
  }
}

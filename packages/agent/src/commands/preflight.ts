import { type Role, roles } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { Command, Option } from 'commander'
import { exitCodes } from '../program/exit-codes.ts'
import type { Terminal } from '../program/terminal.ts'
import { configFile, runDirectory } from './own-paths.ts'

const examples = `Examples:
  joinery-agent preflight                                  all checks, with remedies; changes nothing
  joinery-agent preflight --fix                            mend everything that is safe to mend, and check again
  joinery-agent preflight --fix=container-runtime,swap     mend these, even if that restarts the runtime
  joinery-agent preflight --ignore kubectl-installed
  joinery-agent preflight --role control-plane             also check the needs of a control plane
  joinery-agent preflight -o json | jq -r '.checks[] | select(.verdict == "fail") | .remedy[]'
`

interface Options {
  output: 'table' | 'json'
  fix?: true | string
  ignore?: string[]
  role: Role
  config: string
}

export const preflightCommand = (terminal: Terminal): Command =>
  new Command('preflight')
    .summary('check whether this machine can join; needs no server and no configuration')
    .addHelpText('before', examples)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .option('--fix [names]', 'mend everything that is safe to mend; with names, only these checks')
    .option('--ignore <names>', 'checks whose failure does not count', (names: string, all: string[] = []) => [
      ...all,
      names
    ])
    .addOption(new Option('--role <role>', 'role that the machine will have').choices(roles).default('worker'))
    .option('--config <file>', 'configuration of the agent, used if the file exists', configFile)
    .action(async ({ output, fix, ignore = [], role, config }: Options, command: Command) => {
      const [{ preflightHere }, { printReport }] = await Promise.all([
        import('../preflight/preflight-here.ts'),
        import('../preflight/print-report.ts')
      ])
      const { report, configured } = await preflightHere({
        ...given({ fix }),
        ignore,
        role,
        configFile: config,
        configGiven: command.getOptionValueSource('config') === 'cli',
        runDirectory,
        uid: process.geteuid?.() ?? 0
      })
      printReport(report, output, configured, terminal)
      if (report.result === 'fail') terminal.exit(exitCodes.checkFails)
    })

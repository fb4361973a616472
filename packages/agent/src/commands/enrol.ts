import { type Remediation, remediations } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { Command, Option } from 'commander'
import type { Terminal } from '../program/terminal.ts'
import { codeFile, configFile, stateDirectory } from './own-paths.ts'

const examples = `Examples:
  joinery-agent enrol --server https://192.0.2.10:7443 --pin sha256:... --code-file -
  joinery-agent enrol --server https://192.0.2.10:7443 --pin sha256:... --code-file ./code --name worker-1
  joinery-agent enrol --server https://192.0.2.10:7443 --pin sha256:... --code-file - --remediate off
`

interface Options {
  server: string
  pin: string
  codeFile: string
  name?: string
  apiEndpoint?: string
  remediate?: Remediation
  replace?: boolean
}

export const enrolCommand = (terminal: Terminal): Command =>
  new Command('enrol')
    .summary('have this machine enrol with a code, from its console')
    .addHelpText('before', examples)
    .requiredOption('--server <url>', 'the pairing server, as `joinery code create` names it')
    .requiredOption('--pin <pin>', 'of the key of its CA')
    .requiredOption('--code-file <file>', 'holds the code; - asks for it, or reads a line of standard input')
    .option('--name <name>', 'node name to ask for; without it the host name')
    .option('--api-endpoint <host:port>', 'of the Kubernetes API, so that preflight can look at it')
    .addOption(
      new Option(
        '--remediate <level>',
        'what may be mended here; without it the code says, and nothing is before that'
      ).choices(remediations)
    )
    .option('--replace', 'where this machine has another configuration, and it is to go')
    .action(async ({ server, pin, name, apiEndpoint, remediate, replace = false, codeFile: file }: Options) => {
      const { enrolHere } = await import('../enrol/enrol-here.ts')
      // only root may read folders that are made here, as systemd makes them
      process.umask(0o077)
      const wanted = {
        server,
        pin,
        ...given({ name, apiEndpoint, remediate })
      }
      const paths = { configFile, codeFile, stateDirectory }
      const { stdin, stderr } = process
      await enrolHere(
        { wanted, codeFile: file, replace, paths, uid: process.geteuid?.() ?? 0 },
        { stdin, stderr },
        terminal
      )
    })

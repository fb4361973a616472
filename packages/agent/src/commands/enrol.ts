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
  server: [string, ...string[]]
  pin: string
  nextPin?: string
  codeFile: string
  name?: string
  apiEndpoint?: string
  remediate?: Remediation
  replace?: boolean
}

export const enrolCommand = (terminal: Terminal): Command =>
  new Command('enrol')
    .summary('enrol this machine with a code, from its console')
    .addHelpText('before', examples)
    .addOption(
      new Option(
        '--server <url>',
        'URL of the pairing server (joinery code create prints it); repeatable, if there are several'
      )
        .argParser((url: string, before: string[] = []) => [...before, url])
        .makeOptionMandatory()
    )
    .requiredOption('--pin <pin>', "fingerprint of the server's CA key (joinery-server init prints it)")
    .option(
      '--next-pin <pin>',
      'fingerprint of the CA key that the server will have next (joinery code create prints it)'
    )
    .requiredOption('--code-file <file>', 'file with the code; - asks for the code, or reads it from standard input')
    .option('--name <name>', 'node name to ask for (default: the host name)')
    .option('--api-endpoint <host:port>', 'address of the Kubernetes API, for preflight to check')
    .addOption(
      new Option(
        '--remediate <level>',
        'what the agent may mend here (default: the code decides; nothing before the machine has enrolled)'
      ).choices(remediations)
    )
    .option('--replace', 'replace the configuration that this machine already has')
    .action(
      async ({
        server: [server, ...others],
        pin,
        nextPin,
        name,
        apiEndpoint,
        remediate,
        replace = false,
        codeFile: file
      }: Options) => {
        const { enrolHere } = await import('../enrol/enrol-here.ts')
        // only root may read folders that are made here, as systemd makes them
        process.umask(0o077)
        const wanted = {
          server,
          ...(others.length > 0 && { servers: others }),
          pin,
          ...given({ nextPin, name, apiEndpoint, remediate })
        }
        const paths = { configFile, codeFile, stateDirectory }
        const { stdin, stderr } = process
        await enrolHere(
          { wanted, codeFile: file, replace, paths, uid: process.geteuid?.() ?? 0 },
          { stdin, stderr },
          terminal
        )
      }
    )

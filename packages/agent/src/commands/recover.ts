import { fstatSync } from 'node:fs'
import { isJournal } from '@joinery/host/text/journal-line'
import { given } from '@joinery/protocol/given'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Terminal } from '../program/terminal.ts'
import { configFile, runDirectory, stateDirectory } from './own-paths.ts'

const examples = `Examples:
  joinery-agent recover --check          does the kubelet need a new certificate? changes nothing
  joinery-agent recover                  ask the pairing server for one, and wait for an operator
  systemctl list-timers joinery-recover.timer
  joinery-agent recover --as-root        a control plane whose API server is down, by the CA key that lies there
`

interface Options {
  check?: true
  asRoot?: true
  yes?: boolean
  wait?: number
  config: string
}

const parseMinutes = (text: string): number => {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('give a number of minutes.')
}

export const recoverCommand = (terminal: Terminal): Command =>
  new Command('recover')
    .summary("bring this machine's kubelet back if its certificate is expired, missing or unreadable")
    .addHelpText('before', examples)
    .addHelpText(
      'after',
      '\nIf nothing is to do, it says so and ends with 0. It never resets anything, and never touches a Pod.'
    )
    .option('--check', 'only look; exit with 3 if there is something to do, with 4 if that cannot be known now')
    .addOption(
      new Option('--as-root', "on a control plane: make the credential with the key of the cluster's CA").conflicts([
        'check',
        'wait'
      ])
    )
    .option('--yes', 'do not ask before --as-root changes something')
    .option('--wait <minutes>', 'longest wait for an operator (default: as long as it takes)', parseMinutes)
    .option('--config <file>', 'configuration of the agent', configFile)
    .action(async ({ check, asRoot, yes = false, wait, config }: Options) => {
      const { checkHere, recoverAsRootHere, recoverHere } = await import('../way-back/recover-here.ts')
      process.umask(0o077)
      const options = {
        configFile: config,
        stateDirectory,
        runDirectory,
        uid: process.geteuid?.() ?? 0,
        forJournal: isJournal(process.env, fstatSync(1)),
        ...given({ wait })
      }
      if (asRoot) return recoverAsRootHere(options, yes, terminal)
      return check ? checkHere(options, terminal) : recoverHere(options, terminal)
    })

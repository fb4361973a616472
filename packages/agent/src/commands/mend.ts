import { filesUnder } from '@joinery/host/files'
import { Command } from 'commander'
import { linuxMachine } from '../machine/linux-machine.ts'
import { mendAsAsked } from '../machine/mend/by-unit.ts'
import { runDirectory } from './own-paths.ts'

const examples = `Examples:
  journalctl --unit joinery-mend         what it changed
`

export const mendCommand = (): Command =>
  new Command('mend')
    .summary('for joinery-mend.service: mend what the agent asked for, outside of its sandbox')
    .addHelpText('before', examples)
    .action(() => mendAsAsked(linuxMachine({ runDirectory }).mending, filesUnder('/'), runDirectory))

import { filesUnder } from '@joinery/host/files'
import { Command } from 'commander'
import { linuxMachine } from '../machine/linux-machine.ts'
import { mendAsAsked } from '../machine/mend/by-unit.ts'
import { runDirectory } from './own-paths.ts'

const examples = `Examples:
  journalctl --unit joinery-mend         the changes that it made
`

export const mendCommand = (): Command =>
  new Command('mend')
    .summary('for joinery-mend.service: do the mending that the agent asked for, outside its sandbox')
    .addHelpText('before', examples)
    .action(() => mendAsAsked(linuxMachine({ runDirectory }).mending, filesUnder('/'), runDirectory))

import type { Command } from 'commander'
import { printNext } from '../next-command.ts'
import { describeEnrolment } from '../output/describe-enrolment.ts'
import { toJson } from '../output/json.ts'
import { inSession, outputOption } from '../session.ts'
import type { Terminal } from '../terminal.ts'

const examples = `Examples:
  joinery show node-1                             the evidence: read it before you approve
  joinery show node-1 -o json | jq .timeline
`

export const addShow = (program: Command, terminal: Terminal): Command =>
  program
    .command('show')
    .description('show the evidence and the timeline of one enrolment')
    .addHelpText('before', examples)
    .argument('<name>', 'name or id of the enrolment')
    .addOption(outputOption())
    .action((name: string, _options, command) =>
      inSession(command, terminal, async ({ client, json }) => {
        const enrolment = await client.show(name)
        if (json) return terminal.out(toJson(enrolment))
        terminal.out(describeEnrolment(enrolment, terminal.now(), terminal.colour))
        printNext(terminal, enrolment.state, name)
      })
    )

import { type Command, Option } from 'commander'
import { cloudInit } from '../../code/cloud-init.ts'
import { addCodeOptions, type CodeOptions, codeRequest } from '../../code/code-options.ts'
import { describeNewCode, enrolCommandOf, orRevoke, withInstallableCode } from '../../code/installable-code.ts'
import { documentText } from '../../output/document.ts'
import { inSession, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery code create --name node-1 --cloud-init > user-data
  joinery code create --ttl 1h30m                 the machine asks for a name itself
  joinery code create --uses 10 --name 'worker-{n}' --from 192.0.2.0/24 --cloud-init > user-data
  joinery code create --name edge-1 --node-role edge --label rack=r7 --taint dedicated=edge:NoSchedule
  joinery code create --name cp-2 --role control-plane --cloud-init > user-data
  joinery code create --remediate off --ignore-preflight mtu,proxy
  joinery code create --name node-1 --credential certificate      no bootstrap token: a certificate for the machine's key
  joinery code create -o json | jq .install       the rest that a machine needs
`

interface Options extends CodeOptions {
  cloudInit?: true
}

export const addCodeCreate = (code: Command, terminal: Terminal): Command =>
  addCodeOptions(
    code
      .command('create')
      .description('invite a machine, or --uses machines: make a code, and show it only this once')
      .addHelpText('before', examples)
  )
    .addOption(new Option('--cloud-init', 'print user-data, as joinery cloud-init does').conflicts('output'))
    .addOption(outputOption('json', 'yaml'))
    .action((options: Options, command) => inSession(command, terminal, (session) => create(options, session)))

const create = async (options: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  if (options.cloudInit) {
    return withInstallableCode(session, codeRequest(options), async (created) => {
      await terminal.deliver(cloudInit(created))
      terminal.err(describeNewCode(created))
    })
  }
  const created = await client.createCode(codeRequest(options))
  await orRevoke(client, created, async () => {
    const text = documentText(session, created)
    await terminal.deliver(text ?? `${created.code}\n`)
    if (text === undefined) terminal.err(describeNewCode(created, enrolCommandOf(created)))
  })
}
